// Ranks to tensor, context, data, pipeline and expert coordinates to accelerators. Knows neither links nor time.
#pragma once
#include "spec/plan.hpp"
#include "units/id.hpp"

#include <array>
#include <initializer_list>
#include <vector>

namespace weft {

/// Where a rank stands on each axis; the axes a grid does not use stay 0.
struct Coordinates {
  std::array<int, 5> at{};
  int& operator[](Axis axis) { return at[static_cast<std::size_t>(axis)]; }
  int operator[](Axis axis) const { return at[static_cast<std::size_t>(axis)]; }
  bool operator==(const Coordinates&) const = default;
};

/// Ranks numbered along axes, the first fastest.
class RankGrid {
public:
  /// Throws LogicError for an extent below 1 or more ranks than can be numbered. `extents` counts the ranks along each axis.
  RankGrid(std::vector<Axis> order, std::array<int, 5> extents);
  [[nodiscard]] int ranks() const { return ranks_; }
  [[nodiscard]] int extent(Axis axis) const { return extents_[static_cast<std::size_t>(axis)]; }
  [[nodiscard]] Coordinates coordinates(RankId rank) const;
  [[nodiscard]] RankId rank(const Coordinates& at) const;
  /// All ranks that share the other axes' coordinates with `of`, the grid's nearest neighbours first.
  [[nodiscard]] std::vector<RankId> along(std::initializer_list<Axis> axes, RankId of) const;
  /// Whether `rank` comes first in its group along the axes.
  [[nodiscard]] bool leads(std::initializer_list<Axis> axes, RankId rank) const;

private:
  std::vector<Axis> order_;
  std::array<int, 5> extents_, strides_{};
  int ranks_ = 1;
};

/// The same ranks laid out twice: for the dense parts of the model over tp, cp, dp and pp; for its routed experts over tp (their own
/// degree), ep, dp (what is left) and pp; the same grid twice where plan.ep and plan.etp ask for nothing else. Rank numbers count in
/// Plan::order; rank r runs on accelerator r. Stages are the same ranks in both (the spec reader refuses plans where they are not). As
/// Megatron-LM's generators of process groups.
struct Layout {
  explicit Layout(const Plan& plan);
  RankGrid dense, expert;
};

/// Ranks that hold the same weights, and the neighbours among them that Plan::zero cuts their state over.
struct Replicas {
  int ranks = 1;
  int cut = 1; ///< divides `ranks`
  [[nodiscard]] int copies() const { return ranks / cut; }
};
/// Whether two stages hold each part of the model, the s-th from either end (DualPipe): their gradients are summed, too.
bool holds_model_twice(const Plan& plan);
/// Of the dense weights: all ranks of cp x dp, whose tokens differ.
Replicas dense_replicas(const Plan& plan);
/// Of the routed experts: what is left of a stage's ranks behind etp x ep.
Replicas expert_replicas(const Plan& plan);

} // namespace weft
