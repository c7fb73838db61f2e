#include "cli/compare_figures.hpp"

#include "report/numbers.hpp"
#include "units/text.hpp"

#include <cmath>

namespace weft {
namespace {

std::string seconds_text(double value) { return short_text(Seconds(value)); }
std::string bytes_text(double value) { return short_text(Bytes(value)); }
std::string bandwidth_text(double value) { return short_text(Bandwidth(value)); }
std::string watts_text(double value) { return short_text(Watts(value)); }
std::string joules_text(double value) { return short_text(Joules(value)); }
std::string dollars_text(double value) { return short_text(Dollars(value)); }
std::string whole_text(double value) { return grouped(value); }
std::string one_decimal(double value) { return fixed(value, 1); }
std::string rate_text(double value) { return fixed(value, value < 0.1 ? 4 : value < 10 ? 2 : 1); }
std::string percent_text(double value) { return percent(value); }
std::string small_percent_text(double value) { return percent(value, 3); }

std::function<FigureValue(const Compared&)> of_results(double (*number)(const Results&))
{
  return [number](const Compared& compared) { return FigureValue{number(compared.entry.results)}; };
}

double base_of(double value) { return value; }
template <int B, int F, int S, int J, int D> double base_of(Quantity<B, F, S, J, D> value) { return value.base(); }

template <class Amount> FigureValue value_of(const Tally<Amount>& tally)
{
  if (tally.complete()) return {base_of(tally.known)};
  if (base_of(tally.known) == 0) return {};
  return {base_of(tally.known), true};
}

template <class Amount> FigureValue value_of(const std::optional<Tally<Amount>>& tally) { return tally ? value_of(*tally) : FigureValue{}; }

template <class Member> std::function<FigureValue(const Compared&)> of_machine(Member member)
{
  return [member](const Compared& compared) { return value_of(compared.entry.results.machine.*member); };
}
template <class Member> std::function<FigureValue(const Compared&)> of_run(Member member)
{
  return [member](const Compared& compared) { return value_of(compared.entry.results.run.*member); };
}

/// A member of the machine's upkeep after its bill was changed.
template <class Member> std::function<FigureValue(const Compared&)> of_changed(Member member, Bill (*change)(Bill, double), double factor)
{
  return [=](const Compared& compared) {
    return value_of(machine_upkeep(change(compared.entry.results.bill, factor), compared.upkeep).*member);
  };
}

} // namespace

std::vector<Figure> training_figures()
{
  return {
      {"step_time_s", "step time", of_results([](const Results& r) { return r.step_time.base(); }), seconds_text},
      {"tokens_per_s", "tokens/s", of_results([](const Results& r) { return r.tokens_per_s; }), whole_text},
      {"tokens_per_s_per_gpu", "tokens/s per GPU", of_results([](const Results& r) { return r.tokens_per_s_per_gpu; }), whole_text},
      {"model_tflops_per_gpu", "model TFLOP/s per GPU", of_results([](const Results& r) { return r.model_tflops_per_gpu; }), one_decimal},
      {"mfu", "MFU", of_results([](const Results& r) { return r.mfu; }), percent_text},
      {"hfu", "HFU", of_results([](const Results& r) { return r.hfu; }), percent_text},
      {"memory_peak_bytes", "memory per GPU", of_results([](const Results& r) { return r.memory_peak.base(); }), bytes_text}};
}

std::vector<Figure> collective_figures()
{
  return {{"time_of_one_call_s", "time of one call", of_results([](const Results& r) { return r.collective->time.base(); }), seconds_text},
          {"algorithm_bandwidth_bytes_per_s", "algorithm bandwidth",
           of_results([](const Results& r) { return r.collective->algorithm.base(); }), bandwidth_text},
          {"bus_bandwidth_bytes_per_s", "bus bandwidth", of_results([](const Results& r) { return r.collective->bus.base(); }),
           bandwidth_text}};
}

std::vector<Figure> machine_figures()
{
  using Machine = MachineUpkeep;
  const auto tiers = of_results([](const Results& r) { return static_cast<double>(r.bill.tiers); });
  const auto switches = of_results([](const Results& r) { return static_cast<double>(r.bill.switches); });
  const auto cables = of_results([](const Results& r) { return static_cast<double>(r.bill.access_cables + r.bill.trunk_cables); });
  const auto together = [](const Compared& compared) {
    const double links = compared.entry.results.machine.links_per_failure;
    return links > 0 ? FigureValue{links} : FigureValue{};
  };
  return {{"tiers", "tiers of the network", tiers, whole_text, Contrast::difference},
          {"switches", "switches", switches, whole_text, Contrast::ratio},
          {"cables", "cables between nodes", cables, whole_text, Contrast::ratio},
          {"network_power_w", "power of the network", of_machine(&Machine::network_power), watts_text},
          {"power_w", "power in all", of_machine(&Machine::power), watts_text},
          {"energy_per_step_j", "energy per step", of_run(&RunUpkeep::per_step), joules_text},
          {"energy_per_token_j", "energy per token", of_run(&RunUpkeep::per_token), joules_text},
          {"network_capital_usd", "price of the network", of_machine(&Machine::network_capital), dollars_text},
          {"capital_usd", "price in all", of_machine(&Machine::capital), dollars_text},
          {"token_budget_owned_usd", "token budget, owned", of_run(&RunUpkeep::owned), dollars_text},
          {"token_budget_rented_usd", "token budget, rented", of_run(&RunUpkeep::rent), dollars_text},
          {"link_failures_per_month", "link failures a month", of_machine(&Machine::link_failures), rate_text},
          {"links_per_failure", "links stopped by one", together, rate_text},
          {"switch_failures_per_month", "switch failures a month", of_machine(&Machine::switch_failures), rate_text},
          {"interruptions_per_month", "interruptions a month", of_machine(&Machine::interruptions), rate_text},
          {"lost_goodput", "goodput lost to interruptions", of_machine(&Machine::lost_goodput), small_percent_text},
          {"node_hours_in_repair_per_month", "node-hours in repair a month", of_machine(&Machine::node_hours_in_repair), rate_text}};
}

std::vector<Figure> sensitivity_figures()
{
  using Machine = MachineUpkeep;
  std::vector<Figure> figures;
  for (const auto& [factor, word] : {std::pair{0.5, "halved"}, std::pair{2.0, "doubled"}}) {
    const std::string suffix = std::string("_") + word, with = std::string(" ") + word;
    figures.push_back({"network_capital_usd_cable_prices" + suffix, "price of the network, cables" + with,
                       of_changed(&Machine::network_capital, with_cable_prices, factor), dollars_text});
    figures.push_back({"link_failures_per_month_fit" + suffix, "link failures a month, FIT" + with,
                       of_changed(&Machine::link_failures, with_optics_failures, factor), rate_text});
    figures.push_back({"lost_goodput_fit" + suffix, "goodput lost, FIT" + with,
                       of_changed(&Machine::lost_goodput, with_optics_failures, factor), small_percent_text});
  }
  return figures;
}

std::string figure_text(const Figure& figure, const FigureValue& value)
{
  if (!value.number) return "not known";
  return (value.at_least ? ">= " : "") + figure.text(*value.number);
}

std::string contrast_text(const Figure& figure, const FigureValue& base, const FigureValue& other)
{
  if (!base.number || !other.number || base.at_least || other.at_least) return "";
  if (figure.contrast == Contrast::difference) {
    const double change = *other.number - *base.number;
    return change == 0 ? "=" : (change < 0 ? "-" : "+") + figure.text(std::abs(change));
  }
  if (*base.number == 0) return *other.number == 0 ? "=" : "";
  const double change = *other.number / *base.number - 1;
  return (change < 0 ? "" : "+") + percent(change);
}

} // namespace weft
