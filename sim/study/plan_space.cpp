#include "study/plan_space.hpp"

#include "config/error.hpp"
#include "model/decoder.hpp"
#include "schedule/schedule.hpp"
#include "spec/objection.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <sstream>

namespace weft {
namespace {

std::vector<int> divisors(int of, int most)
{
  std::vector<int> all;
  for (int d = 1; d <= std::min(of, most); ++d)
    if (of % d == 0) all.push_back(d);
  return all;
}

std::vector<int> powers_of_two(int most)
{
  std::vector<int> all;
  for (int power = 1; power <= most && power > 0; power *= 2) all.push_back(power);
  return all;
}

[[noreturn]] void refuse_word(const std::string& problem) { throw ConfigError({"weft"}, "--space", problem); }

/// Reads one value of a list into its type; a number, or a word of an enumeration.
int value_of(const std::string& key, const std::string& text, const int*)
{
  int number = 0;
  const bool digits = !text.empty() && text.size() <= 7 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits) number = std::stoi(text);
  if (number < 1) refuse_word(key + " needs whole numbers from 1, got '" + shown(text) + "' (write " + key + "=1,2,4)");
  return number;
}
std::string value_of(const std::string&, const std::string& text, const std::string*)
{
  std::vector<std::string> known;
  for (const ScheduleKind* kind : schedule_kinds()) known.emplace_back(kind->name);
  if (!find_schedule(text)) refuse_word("unknown schedule '" + shown(text) + "'" + suggestion(text, known, "one of"));
  return text;
}
template <class Enumeration> Enumeration value_of(const std::string& key, const std::string& text, const Enumeration*)
{
  const auto& names = Choices<Enumeration>::names;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (text == names[i]) return static_cast<Enumeration>(i);
  refuse_word(key + " cannot be '" + shown(text) + "'" + suggestion(text, {names.begin(), names.end()}, "one of"));
}

/// Kinds of recomputation that go together are joined by +.
Recomputation value_of(const std::string& key, const std::string& text, const Recomputation*)
{
  Node kinds;
  kinds.kind = Node::Kind::list;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, '+');) kinds.items.push_back(write_value(value_of(key, word, static_cast<const Recompute*>(nullptr))));
  if (text.empty() || text.back() == '+') refuse_word(key + " ends with nothing (write recompute=norms+activation-function)");
  Recomputation set;
  try {
    read_value(kinds.items.size() == 1 ? kinds.items.front() : kinds, set);
  } catch (const ConfigError& error) {
    refuse_word(key + ": " + error.problem);
  }
  return set;
}

/// What reads each key's list.
using Readers = std::map<std::string, std::function<void(const std::string& key, const std::string& text)>>;
template <class Value> void add_reader(Readers& readers, const char* key, std::vector<Value>& into)
{
  readers[key] = [&into](const std::string& name, const std::string& text) {
    std::vector<Value> values;
    std::istringstream list(text);
    for (std::string item; std::getline(list, item, ',');) values.push_back(value_of(name, item, static_cast<const Value*>(nullptr)));
    if (values.empty()) refuse_word(name + " has no values (write " + name + "=...)");
    into = values;
  };
}

/// Whether two settings say the same for this model and schedule, so that only one of them is tried.
bool is_redundant(const Scenario& scenario, const Plan& plan)
{
  if (plan.zero != Zero::off && plan.dp * plan.cp == 1) return true; // nothing to cut over
  if (plan.pp == 1 && plan.schedule != "1f1b" && plan.schedule != scenario.plan.schedule) return true; // one stage: all schedules do the same
  return false;
}

/// As `--set` takes it, without blanks.
std::string yaml_of(const Recomputation& set)
{
  const std::vector<Recompute> kinds = kinds_of(set);
  if (kinds.size() < 2) return name_of(set);
  std::string text;
  for (const Recompute kind : kinds) text += (text.empty() ? "[" : ",") + name_of(kind);
  return text + "]";
}

} // namespace

PlanSpace space_of(const Scenario& scenario)
{
  const ModelShape& model = scenario.workload->model;
  const int accelerators = scenario.platform.nodes * scenario.platform.node.accelerators;
  PlanSpace space;
  space.accelerators = {accelerators};
  space.tp = divisors(scenario.platform.node.accelerators, std::max(1, model.heads));
  space.pp = divisors(accelerators, layer_count(model) + 2);
  const bool long_context = scenario.plan.cp > 1 || scenario.workload->sequence >= 32'768;
  space.cp = long_context ? powers_of_two(std::min(accelerators, 64)) : std::vector<int>{1};
  space.ep = model.experts.count > 0 ? divisors(model.experts.count, accelerators) : std::vector<int>{1};
  space.microbatch = powers_of_two(16);
  for (int chunks = 1; chunks <= 12; ++chunks) space.virtual_stages.push_back(chunks);
  for (const ScheduleKind* kind : schedule_kinds()) space.schedule.emplace_back(kind->name);
  space.recompute = {Recompute::none, Recompute::selective, Recompute::full};
  if (std::find(space.recompute.begin(), space.recompute.end(), scenario.plan.recompute) == space.recompute.end())
    space.recompute.push_back(scenario.plan.recompute);
  space.zero = {Zero::off, Zero::optimizer, Zero::gradients, Zero::parameters};
  return space;
}

void narrow(PlanSpace& space, const std::string& words)
{
  Readers readers;
  add_reader(readers, "accelerators", space.accelerators);
  add_reader(readers, "tp", space.tp);
  add_reader(readers, "pp", space.pp);
  add_reader(readers, "cp", space.cp);
  add_reader(readers, "ep", space.ep);
  add_reader(readers, "microbatch", space.microbatch);
  add_reader(readers, "virtual-stages", space.virtual_stages);
  add_reader(readers, "schedule", space.schedule);
  add_reader(readers, "recompute", space.recompute);
  add_reader(readers, "zero", space.zero);
  std::vector<std::string> known;
  for (const auto& [key, reader] : readers) known.push_back(key);
  std::istringstream all(words);
  for (std::string word; all >> word;) {
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    if (equals == std::string::npos) refuse_word("'" + shown(word) + "' is not KEY=VALUES (write tp=1,2,4)");
    if (!readers.count(key)) refuse_word("unknown key '" + shown(key) + "'" + suggestion(key, known, "one of"));
    readers.at(key)(key, word.substr(equals + 1));
  }
}

Scenario with_plan(const Scenario& scenario, const Plan& plan)
{
  Scenario other = scenario;
  other.plan = plan;
  return other;
}

std::vector<Plan> plans_in(const Scenario& scenario, const PlanSpace& space)
{
  std::vector<Plan> plans;
  Scenario candidate = scenario;
  Plan& plan = candidate.plan;
  const auto consider = [&] {
    plan.sequence_parallel = plan.tp > 1;
    if (!is_redundant(scenario, plan) && plan_objection(candidate).empty()) plans.push_back(plan);
  };
  const auto memory_options = [&] {
    for (const Recomputation& recompute : space.recompute)
      for (const Zero zero : space.zero) {
        plan.recompute = recompute, plan.zero = zero;
        plan.overlap.parameters = scenario.plan.overlap.parameters && zero != Zero::off;
        plan.zero_reduce = zero == Zero::optimizer ? scenario.plan.zero_reduce : ZeroReduce::scatter;
        plan.zero_spread = zero == Zero::optimizer || zero == Zero::gradients ? scenario.plan.zero_spread : ZeroSpread::all_gather;
        consider();
      }
  };
  const auto pipelines = [&] {
    for (const int microbatch : space.microbatch)
      for (const int chunks : space.virtual_stages)
        for (const std::string& schedule : space.schedule) {
          const std::int64_t samples = std::int64_t{plan.dp} * microbatch;
          if (scenario.workload->batch % samples != 0) continue;
          const PipelineShape shape{plan.pp, static_cast<int>(scenario.workload->batch / samples), chunks};
          if (!find_schedule(schedule)->objection(shape).empty()) continue; // the cheap rule first: most combinations end here
          plan.microbatch = microbatch, plan.virtual_stages = chunks, plan.schedule = schedule;
          memory_options();
        }
  };
  for (const int accelerators : space.accelerators)
    for (const int tp : space.tp)
      for (const int cp : space.cp)
        for (const int pp : space.pp)
          for (const int ep : space.ep) {
            const std::int64_t model_parallel = std::int64_t{tp} * cp * pp;
            if (accelerators % model_parallel != 0) continue;
            plan.tp = tp, plan.cp = cp, plan.pp = pp, plan.ep = ep;
            plan.dp = static_cast<int>(accelerators / model_parallel);
            pipelines();
          }
  return plans;
}

std::string settings_of(const Plan& plan)
{
  const auto number = [](const char* key, int value) { return std::string("plan.") + key + "=" + std::to_string(value) + " "; };
  std::string text = number("tp", plan.tp) + number("pp", plan.pp) + number("dp", plan.dp);
  if (plan.cp > 1) text += number("cp", plan.cp);
  if (plan.ep > 1) text += number("ep", plan.ep);
  text += number("microbatch", plan.microbatch) + number("virtual-stages", plan.virtual_stages);
  return text + "plan.schedule=" + plan.schedule + " plan.recompute=" + yaml_of(plan.recompute) + " plan.zero=" + name_of(plan.zero) +
         " plan.sequence-parallel=" + (plan.sequence_parallel ? "true" : "false");
}

} // namespace weft
