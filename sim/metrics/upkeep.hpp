// What a machine draws, costs and loses, from its bill: sums that name what they lack. docs/theory.md, "Power, cost and failures".
#pragma once
#include "metrics/bill.hpp"
#include "metrics/tally.hpp"
#include "spec/scenario.hpp"

namespace weft {

/// Of the machine alone.
struct MachineUpkeep {
  double load = 1;                    ///< upkeep.load
  Tally<Watts> node_power;            ///< rated power x load
  Tally<Watts> network_power;         ///< switches and cables between nodes, at their full power
  Tally<Watts> power;                 ///< both
  Tally<Dollars> capital;             ///< nodes, switches, cables
  Tally<Dollars> network_capital;     ///< switches, cables
  Tally<double> link_failures;        ///< per month: cables, optical engines, laser sources
  double links_per_failure = 0;       ///< that stop carrying with one of them, mean over the known ones; 0: none known
  Tally<double> switch_failures;      ///< per month
  Tally<double> interruptions;        ///< per month, of a job on the whole machine, by the network
  Tally<double> lost_goodput;         ///< share of the time that these interruptions cost
  Tally<double> node_hours_in_repair; ///< per month: nodes cut off, times the time until they are joined again
};

/// The month of all rates: a twelfth of 365.25 days.
constexpr double hours_per_month = 730.5;

/// Sums the bill. Failures per month of a part: parts x FIT / 1e9 x 730.5. Lost goodput: interruptions per month x
/// upkeep.interruption / month, at most 1.
MachineUpkeep machine_upkeep(const Bill& bill, const Upkeep& upkeep);

/// Of one run on it.
struct RunUpkeep {
  Tally<Joules> per_step;                 ///< of the whole machine
  std::optional<Tally<Joules>> per_token; ///< of a training job
  std::optional<Tally<Dollars>> rent;     ///< of the token budget, where upkeep.accelerator-hour is given
  std::optional<Tally<Dollars>> owned;    ///< of the token budget, where upkeep.lifetime or upkeep.electricity is given
};

/// Energy and cost of steps on `ranks` accelerators that take `step` each. Rent: ranks x hours x price. Owned: capital x hours / lifetime +
/// power x PUE x hours x price of electricity. Hours are those of the token budget without interruptions.
RunUpkeep run_upkeep(const MachineUpkeep& machine, const Scenario& scenario, std::size_t ranks, Seconds step);

/// The bill with the prices of its cables, or with the failures of cables, engines and laser sources, times `factor`: for what hangs on
/// the least certain figures.
Bill with_cable_prices(Bill bill, double factor);
Bill with_optics_failures(Bill bill, double factor);

} // namespace weft
