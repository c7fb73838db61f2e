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

/// Accelerators of the first node that take part in a bare collective.
int callers_of_a_node(const Scenario& scenario)
{
  const CollectiveJob& call = *scenario.collective;
  const int most = (scenario.platform.node.accelerators + call.stride - 1) / call.stride;
  return call.ranks == 0 ? most : std::min(most, call.ranks);
}

/// Adds what the host does for one call; nothing where its calls are ahead of the accelerators. With one thread for all accelerators of a
/// node it issues the next call while one runs, so that none takes less than that; a call that is waited for starts when it is issued.
void add_call(Program& program, LaunchMode launch)
{
  const auto at = static_cast<std::uint32_t>(program.tasks.size());
  const auto waits_from = static_cast<std::uint32_t>(program.waits.size());
  if (launch == LaunchMode::ahead) {
    program.tasks.push_back({.kind = TaskKind::communicate});
    return;
  }
  Task issue{.kind = TaskKind::compute, .lane = lane_host, .first_wait = waits_from};
  Task call{.kind = TaskKind::communicate, .lane = lane_collective};
  if (launch == LaunchMode::blocking) {
    if (at > 0) program.waits.push_back(at - 1), issue.waits = 1;
    call.first_wait = static_cast<std::uint32_t>(program.waits.size());
    program.waits.push_back(at), call.waits = 1;
  }
  program.tasks.push_back(issue);
  program.tasks.push_back(call);
}

/// The operation a bare collective names. Throws ConfigError when there is none, or when a send has not two ends.
Operation called_operation(const CollectiveJob& call)
{
  const std::optional<Operation> operation = parse_operation(call.operation);
  if (!operation) {
    std::vector<std::string> known(operation_names.begin(), operation_names.end());
    known.emplace_back("permutation");
    refuse_unknown(call.operation, "collective.operation", "operation", known);
  }
  if (*operation == Operation::send && call.ranks != 2)
    refuse(call.operation, "collective.ranks", "a send has two ends (set ranks: 2, and stride: the accelerators from one to the other)");
  return *operation;
}

Job collective_job(const Scenario& scenario)
{
  const CollectiveJob& call = *scenario.collective;
  if (call.operation == "permutation") return permutation_job(scenario);
  const Operation operation = called_operation(call);
  Job job;
  add_collective_ranks(job, scenario);
  add_payload(job, {call.operation, operation, call.bytes, Category::other});
  const CollectiveLibrary& library = scenario.platform.library;
  if (call.launch != LaunchMode::ahead) {
    const Seconds host = call.launch == LaunchMode::blocking ? library.launch_blocking : library.launch * callers_of_a_node(scenario);
    job.works.push_back({.name = "issue the call", .duration = host, .model_flops = {}, .hardware_flops = {}});
  }
  Program caller;
  caller.name = "everyone";
  for (int k = 0; k < call.repetitions; k++) add_call(caller, call.launch);
  job.programs.push_back(std::move(caller));
  const bool all_call = job.groups[0].members.size() == job.ranks.size();
  if (!all_call) {
    job.programs[0].name = "caller";
    job.programs.push_back({.name = "bystander", .tasks = {}, .waits = {}});
  }
  return job;
}

} // namespace

Job build_job(const Scenario& scenario) { return scenario.collective ? collective_job(scenario) : training_job(scenario); }

} // namespace weft
