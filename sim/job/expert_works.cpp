#include "job/expert_works.hpp"

#include "job/expert_traffic.hpp"

#include <string>

namespace weft {
namespace {

ExpertForward add_forward(Job& job, const Scenario& scenario, const ExpertBlock& block, const std::string& suffix, Counting counting)
{
  const auto add = [&](const char* part, const std::vector<Operator>& ops) {
    return add_work(job, scenario.platform.node.chip, ("experts " + (part + suffix)).c_str(), ops, counting);
  };
  ExpertForward w;
  w.entry = add("norm", block.entry);
  w.route = add("route", block.route);
  w.experts = add("forward", block.experts);
  w.merge = add("merge", block.merge);
  w.shared = add("shared forward", block.shared);
  w.exit = add("residual", block.exit);
  return w;
}

void add_backward_works(Job& job, const Scenario& scenario, const ExpertBlock& block, Backward backward, ExpertWorks& w)
{
  const auto add = [&](const char* part, const std::vector<Operator>& ops) {
    return add_work(job, scenario.platform.node.chip, (std::string("experts ") + part).c_str(), ops);
  };
  w.exit_backward = add("residual backward", block.exit_backward);
  w.merge_backward = add("merge backward", block.merge_backward);
  w.experts_data = add("input gradient", block.experts_data);
  w.route_data = add("route backward", block.route_data);
  w.shared_data = add("shared input gradient", block.shared_data);
  w.entry_backward = add("norm backward", block.entry_backward);
  w.experts_weights = add("weight gradient", block.experts_weights);
  w.route_weights = add("router weight gradient", block.route_weights);
  w.shared_weights = add("shared weight gradient", block.shared_weights);
  if (backward == Backward::whole) return;
  std::vector<Operator> all = block.experts_weights;
  for (const auto* more : {&block.route_weights, &block.shared_weights}) all.insert(all.end(), more->begin(), more->end());
  w.weights = add("backward of weights", all);
}

/// Who sends how much: a rank of one sends nothing. The copies of a token for every expert are what the model counts (dispatch_bytes);
/// other ways to dispatch send fewer.
void add_expert_payloads(Job& job, const Scenario& scenario, const Shard& shard, ExpertWorks& w)
{
  const Plan& plan = scenario.plan;
  const DispatchCopies copies = dispatch_copies(scenario);
  const double of_all = shard.expert_load.busiest / scenario.workload->model.experts.active;
  const auto add = [&](const char* name, Operation operation, Bytes bytes) {
    return bytes > Bytes(0) ? add_payload(job, {name, operation, bytes, Category::expert}) : no_work;
  };
  if (plan.ep > 1) {
    const Bytes out = dispatch_bytes(shard) * of_all, back = combine_bytes(shard) * of_all;
    w.dispatch_across = add("dispatch across nodes", Operation::all_to_all, out * copies.across);
    w.dispatch = add("dispatch", Operation::all_to_all, out * copies.within);
    w.combine_across = add("combine across nodes", Operation::all_to_all, back * copies.across);
    w.combine = add("combine", Operation::all_to_all, back * copies.within);
  }
  if (shard.etp > 1) {
    const double gathered = shard.expert_load.busiest * shard.etp;
    w.gather = add("expert all-gather", Operation::all_gather, dispatch_bytes(shard) * gathered);
    w.scatter = add("expert reduce-scatter", Operation::reduce_scatter, combine_bytes(shard) * gathered);
  }
}

} // namespace

ExpertWorks add_expert_works(Job& job, const Scenario& scenario, const Shard& shard, const ExpertBlock& block, Backward backward)
{
  ExpertWorks w;
  w.forward = add_forward(job, scenario, block, "", Counting::model_and_hardware);
  if (repeats_layers(scenario.plan.recompute)) w.again = add_forward(job, scenario, block, " again", Counting::hardware_only);
  add_backward_works(job, scenario, block, backward, w);
  add_expert_payloads(job, scenario, shard, w);
  return w;
}

} // namespace weft
