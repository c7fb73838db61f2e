#include "job/build.hpp"

#include "chip/operation_time.hpp"
#include "config/value.hpp"
#include "job/pipeline.hpp"
#include "job/ranks.hpp"
#include "job/stage_program.hpp"
#include "job/works.hpp"

#include <algorithm>
#include <optional>

namespace weft {
namespace {

/// What only the layout on the machine's nodes shows: node-limited dispatch needs groups of experts spread evenly over nodes.
void check_dispatch(const Scenario& scenario)
{
  const Plan& plan = scenario.plan;
  const Experts& experts = scenario.workload->model.experts;
  if (plan.dispatch != Dispatch::node_limited || experts.count == 0) return;
  const Word word{"node-limited", {scenario.file}};
  const std::optional<ExpertNodes> spread = expert_nodes(scenario);
  if (!spread)
    refuse(word, "plan.dispatch", "the ranks of an expert group are not spread evenly over nodes (choose ep as a multiple of the "
                                  "accelerators of a node, another plan.order, or dispatch: direct)");
  const int eligible = experts.count / spread->nodes * (plan.dispatch_nodes > 0 ? std::min(plan.dispatch_nodes, spread->nodes) : spread->nodes);
  if (experts.active > eligible)
    refuse(word, "plan.dispatch-nodes", "a token visits " + std::to_string(experts.active) + " experts, but the nodes it may be sent to hold " +
                                            std::to_string(eligible) + " (raise dispatch-nodes)");
}

Job training_job(const Scenario& scenario)
{
  check_dispatch(scenario);
  const Pipeline pipeline = pipeline_of(scenario);
  Job job;
  add_training_ranks(job, scenario);
  const StepWorks works = add_works(job, scenario, pipeline.schedule->splits_backward ? Backward::split : Backward::whole);
  const StepPayloads payloads = add_payloads(job, scenario);
  for (int stage = 0; stage < scenario.plan.pp; stage++) job.programs.push_back(stage_program(job, scenario, works, payloads, stage));
  return job;
}

Job permutation_job(const Scenario& scenario)
{
  const CollectiveJob& call = *scenario.collective;
  Job job;
  add_permutation_ranks(job, scenario);
  add_payload(job, {call.operation, Operation::send, call.bytes, Category::other});
  Program program;
  program.name = "everyone";
  for (int call_number = 0; call_number < call.repetitions; call_number++)
    for (const std::uint8_t end : {std::uint8_t{0}, std::uint8_t{1}})
      program.tasks.push_back({.kind = TaskKind::communicate, .lane = end, .slot = end});
  job.programs.push_back(std::move(program));
  return job;
}

Job collective_job(const Scenario& scenario)
{
  const CollectiveJob& call = *scenario.collective;
  if (call.operation == "permutation") return permutation_job(scenario);
  const auto* last = operation_names.end() - 1; // a send has two ends, every rank takes part in a collective
  const auto* name = std::find(operation_names.begin(), last, call.operation);
  if (name == last) {
    std::vector<std::string> known(operation_names.begin(), last);
    known.emplace_back("permutation");
    refuse_unknown(call.operation, "collective.operation", "operation", known);
  }
  Job job;
  add_collective_ranks(job, scenario);
  add_payload(job, {call.operation, static_cast<Operation>(name - operation_names.begin()), call.bytes, Category::other});
  Program program;
  program.name = "everyone";
  program.tasks.assign(static_cast<std::size_t>(call.repetitions), {.kind = TaskKind::communicate});
  job.programs.push_back(std::move(program));
  return job;
}

} // namespace

Job build_job(const Scenario& scenario) { return scenario.collective ? collective_job(scenario) : training_job(scenario); }

} // namespace weft
