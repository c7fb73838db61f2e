#include "fabric/summary.hpp"
#include "fabric/cut.hpp"
#include "fabric/drawing_view.hpp"
#include "fabric/names.hpp"
#include "fabric/routing_table.hpp"
#include "fabric/wiring.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace weft {

namespace {

std::string plural_of(VertexKind kind, int tier)
{
  switch (kind) {
  case VertexKind::accelerator:
    return "accelerators";
  case VertexKind::adapter:
    return "adapters";
  case VertexKind::scaleup_switch:
    return "scale-up switches";
  case VertexKind::host_switch:
    return "host switches";
  case VertexKind::network_switch:
    break;
  }
  return tier_name(tier) + " switches";
}

std::vector<VertexCount> count_vertices(const Fabric& fabric)
{
  std::map<std::pair<VertexKind, int>, std::int64_t> counts;
  for (const Vertex& vertex : fabric.vertices) ++counts[{vertex.kind, vertex.tier}];
  std::vector<VertexCount> result;
  for (const auto& [key, count] : counts) result.push_back({key.first, key.second, plural_of(key.first, key.second), count});
  return result;
}

std::vector<TierSummary> summarize_tiers(const Fabric& fabric)
{
  struct Sums {
    TierSummary tier;
    double down = 0, up = 0;
  };
  std::map<int, Sums> tiers;
  for (std::size_t v = 0; v < fabric.vertices.size(); ++v) {
    const Vertex& vertex = fabric.vertices[v];
    if (vertex.kind != VertexKind::network_switch) continue;
    const int used = static_cast<int>(fabric.first_out[v + 1] - fabric.first_out[v]);
    Sums& sums = tiers[vertex.tier];
    TierSummary& tier = sums.tier;
    tier.least_used = tier.switches == 0 ? used : std::min(tier.least_used, used);
    tier.most_used = std::max(tier.most_used, used);
    tier.ports = std::max(tier.ports, vertex.ports);
    ++tier.switches;
    for (std::uint32_t i = fabric.first_out[v]; i < fabric.first_out[v + 1]; ++i) {
      const Link& link = fabric.links[fabric.out_links[i]];
      const int other = fabric.vertices[link.to.index()].tier;
      if (other > vertex.tier) sums.up += fabric.media[link.medium].raw.base();
      if (other < vertex.tier) sums.down += fabric.media[link.medium].raw.base();
    }
  }
  std::vector<TierSummary> result;
  for (auto& [number, sums] : tiers) {
    sums.tier.tier = number;
    sums.tier.name = tier_name(number);
    sums.tier.oversubscription = sums.up > 0 ? sums.down / sums.up : 0;
    result.push_back(sums.tier);
  }
  return result;
}

std::vector<CableSummary> summarize_cables(const Fabric& fabric)
{
  std::vector<std::int64_t> links(fabric.media.size(), 0);
  for (std::size_t l = 0; l < fabric.links.size(); l += 2)
    ++links[fabric.links[l].medium]; // a cable is two links in a row, power and price on the first
  std::vector<CableSummary> result;
  for (std::size_t m = 0; m < fabric.media.size(); ++m) {
    if (links[m] == 0) continue;
    const MediumClass& medium = fabric.media[m];
    const double count = static_cast<double>(links[m]);
    result.push_back(
        {without_direction(medium.name), links[m], links[m] * medium.cables, medium.raw, medium.power * count, medium.price * count});
  }
  return result;
}

/// Adapters that hang on the same switches are equally far from everything: one of each set stands for all. Where there are more sets
/// than can be measured pair by pair, the topology's closed form is taken if it has one.
int find_diameter(const Fabric& fabric, int closed_form)
{
  std::map<std::vector<std::uint32_t>, std::pair<VertexId, int>> sets; // switches -> one adapter, and how many there are
  for (const VertexId adapter : fabric.adapters) {
    std::vector<std::uint32_t> set;
    for (std::uint32_t i = fabric.first_out[adapter.index()]; i < fabric.first_out[adapter.index() + 1]; ++i) {
      const VertexId to = fabric.links[fabric.out_links[i]].to;
      if (fabric.vertices[to.index()].kind == VertexKind::network_switch || fabric.vertices[to.index()].kind == VertexKind::adapter)
        set.push_back(to.value);
    }
    if (set.empty()) continue;
    ++sets.try_emplace(std::move(set), adapter, 0).first->second.second;
  }
  constexpr std::size_t most_sets = 4096;
  if (sets.size() > most_sets && closed_form > 0) return closed_form;
  int diameter = 0;
  for (const auto& [key, to] : sets) {
    if (to.second > 1) diameter = std::max(diameter, 1);
    for (const auto& [other, from] : sets)
      if (const int apart = from.first == to.first ? 0 : switches_between(fabric, from.first, to.first); apart != RoutingTable::unreachable)
        diameter = std::max(diameter, apart); // rails and planes that nothing but nodes joins are not apart but separate
  }
  return diameter;
}

Bandwidth find_full_bisection(const Fabric& fabric, int nodes)
{
  Bandwidth halves[2];
  for (const VertexId adapter : fabric.adapters)
    for (std::uint32_t i = fabric.first_out[adapter.index()]; i < fabric.first_out[adapter.index() + 1]; ++i) {
      const Link& link = fabric.links[fabric.out_links[i]];
      const VertexKind kind = fabric.vertices[link.to.index()].kind;
      if (kind == VertexKind::network_switch || kind == VertexKind::adapter)
        halves[fabric.vertices[adapter.index()].node < nodes / 2 ? 0 : 1] += fabric.media[link.medium].raw;
    }
  return std::min(halves[0], halves[1]);
}

std::string padded(const std::string& text, std::size_t width)
{
  return text.size() < width ? text + std::string(width - text.size(), ' ') : text;
}
std::string right(const std::string& text, std::size_t width)
{
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string ratio_text(double ratio)
{
  std::string text = std::to_string(ratio);
  text.resize(text.find('.') + 3);
  return text + " : 1";
}

std::string tiers_text(const FabricSummary& summary)
{
  std::string out = "\nswitches     count   ports used   radix   down : up\n";
  for (const TierSummary& tier : summary.tiers) {
    const std::string used = tier.least_used == tier.most_used ? std::to_string(tier.most_used)
                                                               : std::to_string(tier.least_used) + " to " + std::to_string(tier.most_used);
    out += padded(tier.name, 8) + right(with_commas(tier.switches), 10) + right(used, 13) + right(std::to_string(tier.ports), 8) +
           right(tier.oversubscription > 0 ? ratio_text(tier.oversubscription) : "-", 12) + "\n";
  }
  return out;
}

std::string cables_text(const FabricSummary& summary)
{
  std::size_t width = 12;
  for (const CableSummary& cable : summary.cables) width = std::max(width, cable.name.size() + 2);
  std::string out = "\n" + padded("cables", width) + right("links", 10) + right("cables", 10) + right("one way", 14) + right("power", 12) +
                    right("price", 14) + "\n";
  for (const CableSummary& cable : summary.cables)
    out += padded(cable.name, width) + right(with_commas(cable.links), 10) + right(with_commas(cable.cables), 10) +
           right(short_text(cable.raw), 14) + right(cable.power > Watts(0) ? short_text(cable.power) : "-", 12) +
           right(cable.price > Dollars(0) ? short_text(cable.price) : "-", 14) + "\n";
  return out;
}

} // namespace

std::string tier_name(int tier)
{
  constexpr std::array<const char*, 3> names{"leaf", "spine", "core"};
  return tier >= 1 && tier <= 3 ? names[static_cast<std::size_t>(tier - 1)] : "tier " + std::to_string(tier);
}

FabricSummary summarize(const Fabric& fabric, const Platform& platform)
{
  FabricSummary summary;
  summary.topology = fabric.topology;
  summary.routing = fabric.routing_kind;
  summary.nodes = platform.nodes;
  summary.accelerators = static_cast<std::int64_t>(fabric.accelerators.size());
  summary.adapters = static_cast<std::int64_t>(fabric.adapters.size());
  summary.switches = static_cast<std::int64_t>(fabric.routing->switches.size());
  summary.vertices = count_vertices(fabric);
  summary.tiers = summarize_tiers(fabric);
  summary.cables = summarize_cables(fabric);
  for (const TierSummary& tier : summary.tiers) {
    const SwitchModel& model = switch_of_tier(platform, tier.tier);
    summary.switch_power += model.power * static_cast<double>(tier.switches);
    summary.switch_price += model.price * static_cast<double>(tier.switches);
  }
  for (const CableSummary& cable : summary.cables) {
    summary.cable_power += cable.power;
    summary.cable_price += cable.price;
  }
  TopologyForm form;
  for (const TopologyKind* kind : topology_kinds())
    if (fabric.topology == kind->name) form = kind->form(platform);
  summary.diameter = find_diameter(fabric, form.diameter);
  summary.full_bisection = find_full_bisection(fabric, platform.nodes);
  if (fabric.links.size() <= most_links_for_cut) summary.computed_bisection = network_bisection(fabric);
  summary.bisection = form.bisection;
  if (summary.bisection == Bandwidth(0) && summary.computed_bisection) summary.bisection = *summary.computed_bisection;
  return summary;
}

std::string to_text(const FabricSummary& summary)
{
  std::string out = "fabric " + summary.topology + ", routing " + summary.routing + "\n\n";
  out += padded("nodes", 20) + right(with_commas(summary.nodes), 12) + "\n";
  for (const VertexCount& count : summary.vertices) out += padded(count.name, 20) + right(with_commas(count.count), 12) + "\n";
  if (!summary.tiers.empty()) out += tiers_text(summary);
  out += cables_text(summary);
  out += "\n";
  if (summary.switch_power > Watts(0)) out += padded("switch power", 20) + right(short_text(summary.switch_power), 12) + "\n";
  if (summary.switch_price > Dollars(0)) out += padded("switch price", 20) + right(short_text(summary.switch_price), 12) + "\n";
  if (summary.diameter > 0)
    out += padded("diameter", 20) + right(std::to_string(summary.diameter), 12) + (summary.diameter == 1 ? " switch\n" : " switches\n");
  if (summary.full_bisection > Bandwidth(0)) {
    const bool known = summary.bisection > Bandwidth(0) || summary.computed_bisection;
    out += padded("bisection", 20) + (known ? right(short_text(summary.bisection), 12) + " one way" : right("not known", 12));
    out += summary.computed_bisection ? ", by maximum flow " + short_text(*summary.computed_bisection)
           : known                    ? std::string(", closed form")
                                      : std::string(" (no closed form, and too many links for maximum flow)");
    out += ", non-blocking would be " + short_text(summary.full_bisection) + "\n";
  }
  return out;
}

} // namespace weft
