#include "metrics/upkeep.hpp"

namespace weft {
namespace {

/// Adds `count` times an amount that may not be known.
template <class Amount> void add(Tally<Amount>& tally, double count, const std::optional<Amount>& each, const std::string& what)
{
  if (each)
    tally.known += *each * count;
  else
    tally.lack(what);
}

double per_month(double parts, double fit) { return parts * fit / 1e9 * hours_per_month; }

void add_failures(MachineUpkeep& machine, const FailureMode& mode, double& links_stopped)
{
  const std::string unknown = "failures of " + mode.name;
  std::optional<double> events;
  if (mode.fit) events = per_month(static_cast<double>(mode.parts), *mode.fit);
  if (mode.part == FailingPart::switches)
    add(machine.switch_failures, 1, events, unknown);
  else
    add(machine.link_failures, 1, events, unknown);
  if (mode.part != FailingPart::switches && events) links_stopped += *events * mode.links_stopped;
  if (mode.interrupting <= 0) return;
  add(machine.interruptions, mode.interrupting, events, unknown);
  if (!events)
    machine.node_hours_in_repair.lack(unknown);
  else if (!mode.repair)
    machine.node_hours_in_repair.lack("repair of " + mode.name);
  else
    machine.node_hours_in_repair.known += *events * mode.interrupting * mode.nodes_cut * (*mode.repair / Seconds(3600));
}

} // namespace

MachineUpkeep machine_upkeep(const Bill& bill, const Upkeep& upkeep)
{
  MachineUpkeep machine;
  machine.load = upkeep.load;
  for (const BillItem& item : bill.items) {
    const double count = static_cast<double>(item.count);
    const bool network = item.group != BillGroup::nodes;
    add(network ? machine.network_power : machine.node_power, network ? count : count * upkeep.load, item.power, "power of " + item.name);
    if (network) add(machine.network_capital, count, item.price, "price of " + item.name);
    add(machine.capital, count, item.price, "price of " + item.name);
  }
  machine.power += machine.node_power;
  machine.power += machine.network_power;

  double links_stopped = 0;
  for (const FailureMode& mode : bill.failures) add_failures(machine, mode, links_stopped);
  if (machine.link_failures.known > 0) machine.links_per_failure = links_stopped / machine.link_failures.known;
  const double month = hours_per_month * 3600;
  machine.lost_goodput =
      transformed(machine.interruptions, [&](double times) { return std::min(1.0, times * upkeep.interruption.base() / month); });
  return machine;
}

RunUpkeep run_upkeep(const MachineUpkeep& machine, const Scenario& scenario, std::size_t ranks, Seconds step)
{
  RunUpkeep run;
  run.per_step = transformed(machine.power, [&](Watts power) { return power * step; });
  if (!scenario.workload) return run;
  const Workload& workload = *scenario.workload;
  const Upkeep& upkeep = scenario.upkeep;
  const double tokens = static_cast<double>(workload.batch) * workload.sequence;
  run.per_token = transformed(run.per_step, [&](Joules energy) { return energy / tokens; });
  if (workload.token_budget <= 0) return run;

  const Seconds time = step * (workload.token_budget / tokens);
  const double hours = time / Seconds(3600);
  if (upkeep.accelerator_hour > Dollars(0)) run.rent = Tally<Dollars>{upkeep.accelerator_hour * (static_cast<double>(ranks) * hours), {}};
  if (upkeep.lifetime <= Seconds(0) && upkeep.electricity <= Dollars(0)) return run;
  run.owned = Tally<Dollars>{};
  if (upkeep.lifetime > Seconds(0))
    *run.owned += transformed(machine.capital, [&](Dollars price) { return price * (time / upkeep.lifetime); });
  if (upkeep.electricity > Dollars(0)) {
    constexpr Joules megawatt_hour(3.6e9);
    const auto bill = [&](Watts power) { return upkeep.electricity * (power * time / megawatt_hour * upkeep.power_usage_effectiveness); };
    *run.owned += transformed(machine.power, bill);
  }
  return run;
}

Bill with_cable_prices(Bill bill, double factor)
{
  for (BillItem& item : bill.items)
    if (item.group == BillGroup::cables && item.price) *item.price *= factor;
  return bill;
}

Bill with_optics_failures(Bill bill, double factor)
{
  for (FailureMode& mode : bill.failures)
    if (mode.part != FailingPart::switches && mode.fit) *mode.fit *= factor;
  return bill;
}

} // namespace weft
