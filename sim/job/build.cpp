#include "job/build.hpp"

#include "chip/operation_time.hpp"
#include "config/value.hpp"
#include "job/pipeline.hpp"
#include "job/ranks.hpp"
#include "job/stage_program.hpp"
#include "job/works.hpp"

#include <algorithm>

namespace weft {
namespace {

Job training_job(const Scenario& scenario)
{
  const Pipeline pipeline = pipeline_of(scenario);
  Job job;
  add_training_ranks(job, scenario);
  const StepWorks works = add_works(job, scenario, pipeline.schedule->splits_backward ? Backward::split : Backward::whole);
  const StepPayloads payloads = add_payloads(job, scenario);
  for (int stage = 0; stage < scenario.plan.pp; stage++) job.programs.push_back(stage_program(job, scenario, works, payloads, stage));
  return job;
}

Job collective_job(const Scenario& scenario)
{
  const CollectiveJob& call = *scenario.collective;
  const auto* last = operation_names.end() - 1; // a send has two ends, every rank takes part in a collective
  const auto* name = std::find(operation_names.begin(), last, call.operation);
  if (name == last) refuse_unknown(call.operation, "collective.operation", "operation", {operation_names.begin(), last});
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
