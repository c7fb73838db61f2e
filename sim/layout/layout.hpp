// Ranks to dp/tp/pp coordinates to accelerators. Knows neither links nor time.
#pragma once
#include "spec/plan.hpp"
#include "units/id.hpp"

#include <vector>

namespace weft {

/// Where a rank stands in each kind of group.
struct Coordinates {
  int tp = 0, pp = 0, dp = 0;
};

/// The grid of ranks. Rank numbers count in Plan::order, first word fastest; rank r runs on accelerator r.
class Layout {
public:
  /// Throws LogicError when the order is not a permutation of tp, dp, pp (the spec reader refuses it first).
  explicit Layout(const Plan& plan);
  [[nodiscard]] int ranks() const;
  [[nodiscard]] Coordinates coordinates(RankId rank) const;
  [[nodiscard]] RankId rank(Coordinates at) const;
  /// Members in order of their coordinate: all ranks that share the other two coordinates of `of`.
  [[nodiscard]] std::vector<RankId> tensor_group(RankId of) const;
  [[nodiscard]] std::vector<RankId> data_group(RankId of) const;
  [[nodiscard]] std::vector<RankId> pipeline_group(RankId of) const;

private:
  int tp_, pp_, dp_;
  int tp_stride_, pp_stride_, dp_stride_;
};

} // namespace weft
