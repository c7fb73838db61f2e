// The plans a search looks at: every combination of degrees, schedules and memory options that the rules of a scenario allow.
#pragma once
#include "spec/scenario.hpp"

#include <string>
#include <vector>

namespace weft {

/// Values a search tries for each key of the plan; dp takes what is left of the accelerators.
struct PlanSpace {
  std::vector<int> accelerators; ///< how many of the platform's are used
  std::vector<int> tp, pp, cp, ep, microbatch, virtual_stages;
  std::vector<std::string> schedule;
  std::vector<Recomputation> recompute;
  std::vector<Zero> zero;
};

/// The space of a scenario: all accelerators; tp within a scale-up domain; pp up to the layers; cp where the scenario's own plan has it, or
/// from 32,768 tokens on; ep up to the experts; microbatches up to 16; up to 12 virtual stages; no, selective and full recomputation and the scenario's own; every degree of zero;
/// every schedule kind.
PlanSpace space_of(const Scenario& scenario);
/// Narrows a space: "tp=1,2,4 recompute=none schedule=1f1b,zb-h1". Throws ConfigError that names the word (of `--space`).
void narrow(PlanSpace& space, const std::string& words);
/// The plans of a space in a fixed order, each allowed by the rules of the scenario. What the space does not vary is the scenario's own plan;
/// sequence parallelism is on wherever tp is above 1.
std::vector<Plan> plans_in(const Scenario& scenario, const PlanSpace& space);
/// The scenario with another plan.
Scenario with_plan(const Scenario& scenario, const Plan& plan);
/// What distinguishes a plan in a search, as `--set` would take it: "plan.tp=8 plan.pp=4 ...".
std::string settings_of(const Plan& plan);

} // namespace weft
