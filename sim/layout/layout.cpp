#include "layout/layout.hpp"
#include "config/error.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

namespace weft {
namespace {

/// The words of an order: "tp-dp-pp" -> tp, dp, pp. Throws LogicError unless each degree stands there once.
std::vector<std::string> words_of(const std::string& order)
{
  std::vector<std::string> words(1);
  for (const char letter : order) {
    if (letter == '-')
      words.emplace_back();
    else
      words.back() += letter;
  }
  std::vector<std::string> sorted = words;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != std::vector<std::string>{"dp", "pp", "tp"})
    throw LogicError("layout: order '" + order + "' is not a permutation of tp, dp, pp");
  return words;
}

} // namespace

Layout::Layout(const Plan& plan) : tp_(plan.tp), pp_(plan.pp), dp_(plan.dp), tp_stride_(1), pp_stride_(1), dp_stride_(1)
{
  std::int64_t stride = 1;
  for (const std::string& word : words_of(plan.order)) {
    const int degree = word == "tp" ? tp_ : word == "pp" ? pp_ : dp_;
    int& degree_stride = word == "tp" ? tp_stride_ : word == "pp" ? pp_stride_ : dp_stride_;
    if (degree < 1) throw LogicError("layout: " + word + " is " + std::to_string(degree) + ", must be at least 1");
    degree_stride = static_cast<int>(stride);
    stride *= degree;
    if (stride > std::numeric_limits<int>::max()) throw LogicError("layout: more ranks than can be numbered");
  }
}

int Layout::ranks() const { return tp_ * pp_ * dp_; }

Coordinates Layout::coordinates(RankId rank) const
{
  if (rank.value >= static_cast<std::uint32_t>(ranks()))
    throw LogicError("layout: rank " + std::to_string(rank.value) + " of " + std::to_string(ranks()));
  const int number = static_cast<int>(rank.value);
  return {.tp = number / tp_stride_ % tp_, .pp = number / pp_stride_ % pp_, .dp = number / dp_stride_ % dp_};
}

RankId Layout::rank(Coordinates at) const
{
  const bool inside = at.tp >= 0 && at.tp < tp_ && at.pp >= 0 && at.pp < pp_ && at.dp >= 0 && at.dp < dp_;
  if (!inside)
    throw LogicError("layout: no rank at tp " + std::to_string(at.tp) + ", pp " + std::to_string(at.pp) + ", dp " + std::to_string(at.dp));
  return id_of<RankId>(static_cast<std::size_t>(at.tp * tp_stride_ + at.pp * pp_stride_ + at.dp * dp_stride_));
}

std::vector<RankId> Layout::tensor_group(RankId of) const
{
  Coordinates at = coordinates(of);
  std::vector<RankId> members;
  for (at.tp = 0; at.tp < tp_; ++at.tp) members.push_back(rank(at));
  return members;
}

std::vector<RankId> Layout::data_group(RankId of) const
{
  Coordinates at = coordinates(of);
  std::vector<RankId> members;
  for (at.dp = 0; at.dp < dp_; ++at.dp) members.push_back(rank(at));
  return members;
}

std::vector<RankId> Layout::pipeline_group(RankId of) const
{
  Coordinates at = coordinates(of);
  std::vector<RankId> members;
  for (at.pp = 0; at.pp < pp_; ++at.pp) members.push_back(rank(at));
  return members;
}

} // namespace weft
