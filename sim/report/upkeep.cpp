#include "report/upkeep.hpp"

#include "report/numbers.hpp"
#include "report/text_table.hpp"

#include <cmath>

namespace weft {
namespace {

std::string count_text(std::int64_t count) { return grouped(static_cast<std::uint64_t>(count)); }

/// Rates of failures: three significant digits below ten.
std::string rate_text(double rate) { return fixed(rate, rate < 1 ? 3 : rate < 10 ? 2 : 1); }

template <class Amount> std::string amount_text(const std::optional<Amount>& each, std::int64_t count, double share = 1)
{
  return each ? short_text(*each * (static_cast<double>(count) * share)) : "not known";
}

TextTable parts_table(const Results& results)
{
  TextTable table{.rows = {{"the machine", "", "power", "price"}}, .columns = "lrrr", .indent = ""};
  for (const BillItem& item : results.bill.items) {
    const bool nodes = item.group == BillGroup::nodes; // their power is what they draw, not what they are rated
    table.rows.push_back({"  " + item.name, count_text(item.count), amount_text(item.power, item.count, nodes ? results.machine.load : 1),
                          amount_text(item.price, item.count)});
  }
  table.rows.push_back({"  in all", "", tally_text(results.machine.power), tally_text(results.machine.capital)});
  return table;
}

TextTable sums_table(const Results& results)
{
  const MachineUpkeep& machine = results.machine;
  TextTable table{.rows = {}, .columns = "lrlr", .indent = "  "};
  std::vector<std::string> energy{"energy per step", tally_text(results.run.per_step)};
  if (results.run.per_token) energy.insert(energy.end(), {"per token", tally_text(*results.run.per_token)});
  table.rows.push_back(energy);
  std::vector<std::string> cost;
  if (results.run.owned) cost.insert(cost.end(), {"token budget, owned", tally_text(*results.run.owned)});
  if (results.run.rent) cost.insert(cost.end(), {"token budget, rented", tally_text(*results.run.rent)});
  if (!cost.empty()) table.rows.push_back(cost);
  if (results.bill.switches == 0) return table;
  table.rows.push_back({"tiers of the network", std::to_string(results.bill.tiers), "links per failure",
                        machine.links_per_failure > 0 ? fixed(machine.links_per_failure, 2) : "not known"});
  table.rows.push_back({"link failures a month", tally_text(machine.link_failures, rate_text), "switch failures a month",
                        tally_text(machine.switch_failures, rate_text)});
  table.rows.push_back({"interruptions a month", tally_text(machine.interruptions, rate_text), "goodput lost so",
                        tally_text(machine.lost_goodput, [](double share) { return percent(share, 3); })});
  return table;
}

template <class Amount> void write_tally(JsonWriter& json, const char* name, const Tally<Amount>& tally)
{
  json.key(name);
  double known = 0;
  if constexpr (std::is_same_v<Amount, double>)
    known = tally.known;
  else
    known = tally.known.base();
  json.begin_object().member("known", known).key("lacking").begin_array();
  for (const std::string& part : tally.lacking) json.value(part);
  json.end_array().end_object();
}

template <class Amount> void write_if_known(JsonWriter& json, const char* name, const std::optional<Amount>& amount)
{
  json.key(name);
  if (!amount)
    json.null();
  else if constexpr (std::is_same_v<Amount, double>)
    json.value(*amount);
  else
    json.value(amount->base());
}

void write_parts(JsonWriter& json, const Bill& bill)
{
  json.key("parts").begin_array();
  for (const BillItem& item : bill.items) {
    json.begin_object().member("name", item.name).member("count", static_cast<std::uint64_t>(item.count));
    write_if_known(json, "rated_power_each_w", item.power);
    write_if_known(json, "price_each_usd", item.price);
    json.end_object();
  }
  json.end_array();
  json.key("failures").begin_array();
  for (const FailureMode& mode : bill.failures) {
    json.begin_object().member("name", mode.name).member("parts", static_cast<std::uint64_t>(mode.parts));
    write_if_known(json, "failures_per_billion_hours_each", mode.fit);
    write_if_known(json, "repair_s", mode.repair);
    json.member("links_stopped", mode.links_stopped)
        .member("links_in_repair", mode.links_in_repair)
        .member("interrupting_share", mode.interrupting)
        .member("nodes_cut", mode.nodes_cut)
        .end_object();
  }
  json.end_array();
}

} // namespace

std::string upkeep_table(const Results& results)
{
  if (results.bill.items.empty()) return "";
  return "\n" + to_text(parts_table(results)) + to_text(sums_table(results));
}

std::vector<std::string> unknowns(const MachineUpkeep& machine)
{
  Tally<double> all;
  for (const auto* parts : {&machine.power.lacking, &machine.capital.lacking, &machine.link_failures.lacking,
                            &machine.switch_failures.lacking, &machine.node_hours_in_repair.lacking})
    for (const std::string& part : *parts) all.lack(part);
  return all.lacking;
}

void write_upkeep(JsonWriter& json, const Results& results)
{
  const MachineUpkeep& machine = results.machine;
  json.key("machine").begin_object();
  json.member("nodes", static_cast<std::uint64_t>(results.bill.nodes))
      .member("switches", static_cast<std::uint64_t>(results.bill.switches))
      .member("tiers", static_cast<std::uint64_t>(results.bill.tiers))
      .member("access_cables", static_cast<std::uint64_t>(results.bill.access_cables))
      .member("trunk_cables", static_cast<std::uint64_t>(results.bill.trunk_cables))
      .member("optical_engines", static_cast<std::uint64_t>(results.bill.optical_engines))
      .member("laser_sources", static_cast<std::uint64_t>(results.bill.laser_sources));
  write_parts(json, results.bill);
  json.end_object().key("upkeep").begin_object();
  write_tally(json, "node_power_w", machine.node_power);
  write_tally(json, "network_power_w", machine.network_power);
  write_tally(json, "power_w", machine.power);
  write_tally(json, "network_capital_usd", machine.network_capital);
  write_tally(json, "capital_usd", machine.capital);
  write_tally(json, "link_failures_per_month", machine.link_failures);
  json.member("links_per_failure", machine.links_per_failure);
  write_tally(json, "switch_failures_per_month", machine.switch_failures);
  write_tally(json, "interruptions_per_month", machine.interruptions);
  write_tally(json, "lost_goodput", machine.lost_goodput);
  write_tally(json, "node_hours_in_repair_per_month", machine.node_hours_in_repair);
  write_tally(json, "energy_per_step_j", results.run.per_step);
  if (results.run.per_token) write_tally(json, "energy_per_token_j", *results.run.per_token);
  if (results.run.rent) write_tally(json, "token_budget_rented_usd", *results.run.rent);
  if (results.run.owned) write_tally(json, "token_budget_owned_usd", *results.run.owned);
  json.end_object();
}

} // namespace weft
