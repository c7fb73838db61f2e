#include "cli/commands.hpp"
#include "fabric/fabric.hpp"
#include "job/build.hpp"
#include "layout/layout.hpp"
#include "metrics/memory.hpp"
#include "model/decoder.hpp"
#include "report/numbers.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <ostream>

namespace weft {
namespace {

/// "1 node", "128 nodes", "3 switches".
std::string count(double number, const std::string& singular)
{
  if (number == 1) return "1 " + singular;
  if (singular.ends_with("y")) return grouped(number) + " " + singular.substr(0, singular.size() - 1) + "ies";
  const bool hisses = singular.ends_with("ch") || singular.ends_with("s");
  return grouped(number) + " " + singular + (hisses ? "es" : "s");
}

std::string machine_in_words(const Platform& platform, const Fabric& fabric)
{
  const NodeModel& node = platform.node;
  const Chip& chip = node.chip;
  std::string text = "machine: " + count(platform.nodes, "node") + " " + node.name + " with " + count(node.accelerators, "accelerator") +
                     " " + chip.name + " each, " + grouped(std::uint64_t{fabric.accelerators.size()}) + " in all; " +
                     short_text(chip.memory) + " of memory" +
                     (chip.memory_bandwidth > Bandwidth(0) ? " at " + short_text(chip.memory_bandwidth) : "") + " per accelerator.\n";
  if (node.scaleup != "none" && !node.scaleup.empty())
    text += "  Inside a node: " + node.scaleup + " over " + std::to_string(chip.scaleup_links) + " x " + node.scaleup_medium.name + ", " +
            short_text(node.scaleup_medium.bandwidth * chip.scaleup_links) + " each way per accelerator before protocol.\n";
  if (platform.fabric.kind == "none" || platform.nodes == 1) return text;
  const auto switches =
      std::count_if(fabric.vertices.begin(), fabric.vertices.end(), [](const Vertex& v) { return v.kind == VertexKind::network_switch; });
  return text + "  Between nodes: " + count(node.adapters.count, "adapter") + " " + node.adapters.name + " of " +
         short_text(node.adapters.bandwidth) + " per node; " + platform.fabric.kind + " of " +
         count(static_cast<double>(switches), "switch") + " " + platform.fabric.switch_model.name + ", " + platform.routing + " routing; " +
         grouped(std::uint64_t{fabric.links.size()}) + " directed links in the whole machine.\n";
}

/// "96 layers of width 12,288, 96 attention heads", with the experts where there are any.
std::string shape_in_words(const Workload& workload)
{
  const ModelShape& model = workload.model;
  if (!model.convolutions.empty()) return count(static_cast<double>(model.convolutions.size()), "kind") + " of convolutions";
  std::string text = count(model.layers, "layer") + " of width " + grouped(std::uint64_t(model.hidden)) + ", " +
                     count(model.heads, "attention head");
  if (model.experts.count > 0)
    text += ", " + count(model.experts.count, "expert") + " with " + std::to_string(model.experts.active) + " per token (" +
            fixed(active_parameters(workload) / 1e9, 2) + "e9 parameters active)";
  return text;
}

std::string workload_in_words(const Workload& workload)
{
  const ModelShape& model = workload.model;
  const std::string samples = !model.convolutions.empty() ? count(workload.batch, "image")
                                                          : count(workload.batch, "sequence") + " of " +
                                                                grouped(std::uint64_t(workload.sequence)) + " tokens";
  return "workload: " + model.name + ", " + shape_in_words(workload) + ", " + fixed(total_parameters(workload) / 1e9, 2) +
         "e9 parameters.\n  One step: " + samples + ", " + fixed(model_flops_per_sample(workload).base() * workload.batch / 1e15, 2) +
         " PFLOP without recomputation; matrix products in " + name_of(workload.precision) + ", gradients in " +
         name_of(workload.gradients) + ".\n";
}

/// "tensor 2 x pipeline 4 x data 8", with context where it is not 1.
std::string degrees_in_words(const Plan& plan)
{
  std::string text = "tensor " + std::to_string(plan.tp);
  if (plan.cp > 1) text += " x context " + std::to_string(plan.cp);
  return text + " x pipeline " + std::to_string(plan.pp) + " x data " + std::to_string(plan.dp);
}

std::string context_in_words(const Plan& plan, const Workload& workload)
{
  if (plan.cp == 1) return "";
  const char* way = plan.context == ContextExchange::ring            ? "keys and values go round a ring"
                    : plan.context == ContextExchange::all_gather    ? "keys and values are gathered"
                    : plan.context == ContextExchange::gathered_ring ? "keys and values are gathered, their gradients go round a ring"
                                                                     : "heads are exchanged for tokens";
  return "  Each sample is cut into " + std::to_string(plan.cp) + " times " + grouped(std::uint64_t(workload.sequence / plan.cp)) +
         " tokens; " + way + ".\n";
}

std::string experts_in_words(const Plan& plan, const Workload& workload)
{
  const Experts& experts = workload.model.experts;
  if (experts.count == 0) return "";
  std::string text = "  Experts: " + std::to_string(experts.active) + " of " + grouped(std::uint64_t(experts.count)) + " per token, " +
                     count(experts.count / plan.ep, "expert") + " on each of " + count(plan.ep, "rank");
  if (expert_tensor(plan) > 1) text += ", each cut over " + std::to_string(expert_tensor(plan));
  text += ", " + count(expert_replicas(plan).ranks, "copy") + "; ";
  if (plan.dispatch == Dispatch::direct)
    text += "tokens go to each expert directly";
  else
    text += "tokens go once to each node and on from there" +
            (plan.dispatch_nodes > 0 ? ", to " + std::to_string(plan.dispatch_nodes) + " nodes at most" : std::string());
  if (workload.execution.expert_imbalance > 0)
    text += "; the load of experts varies by " + percent(workload.execution.expert_imbalance);
  return text + ".\n";
}

std::string parts_in_words(const Plan& plan)
{
  if (plan.stage_layers.empty()) return "";
  std::string text = "  Layers of the parts of the model:";
  for (const int layers : plan.stage_layers) text += " " + std::to_string(layers);
  return text + ".\n";
}

std::string beside_in_words(const Overlap& overlap)
{
  std::string text;
  for (const auto& [runs, what] : {std::pair{overlap.tensor != TensorOverlap::off, "tensor collectives"},
                                   {overlap.gradients, "gradients"},
                                   {overlap.parameters, "parameters"},
                                   {overlap.pipeline, "pipeline messages"},
                                   {overlap.experts, "tokens of experts"}})
    if (runs) text += std::string(text.empty() ? " " : ", ") + what;
  return "  Communication beside computation:" + (text.empty() ? " none" : text) + ".\n";
}

std::string plan_in_words(const Plan& plan, const Workload& workload, std::size_t accelerators)
{
  const int ranks = plan.tp * plan.cp * plan.pp * plan.dp;
  const int microbatches = workload.batch / (plan.dp * plan.microbatch);
  std::string text = "plan: " + degrees_in_words(plan) + " = " + grouped(std::uint64_t(ranks)) + " of " +
                     grouped(std::uint64_t{accelerators}) + " accelerators, neighbours in the order " + plan.order +
                     ".\n  Every pipeline runs " + count(microbatches, "microbatch") + " of " + count(plan.microbatch, "sequence") +
                     ", schedule " + plan.schedule;
  if (plan.virtual_stages > 1) text += " with " + std::to_string(plan.virtual_stages) + " model chunks per stage";
  text += "; recomputation " + name_of(plan.recompute) + ", sequence parallelism " + (plan.sequence_parallel ? "on" : "off") +
          ", cut over the replicas: " + (plan.zero == Zero::off ? "nothing" : name_of(plan.zero));
  if (plan.zero_group > 0) text += " over groups of " + std::to_string(plan.zero_group);
  return text + ".\n" + parts_in_words(plan) + context_in_words(plan, workload) + experts_in_words(plan, workload) +
         beside_in_words(plan.overlap);
}

std::string faults_in_words(const Faults& faults)
{
  if (faults.stragglers.empty() && faults.links.empty()) return "";
  std::string text = "broken:";
  for (const Straggler& s : faults.stragglers)
    text += " accelerator " + std::to_string(s.accelerator) + " is " + shortest(s.slowdown) + " times slower;";
  for (const DegradedLink& l : faults.links) text += " " + l.from + " to " + l.to + " has " + percent(l.share) + " of its bandwidth;";
  text.back() = '.';
  return text + "\n";
}

std::string memory_in_words(const Scenario& scenario, const std::vector<MemoryNeed>& needs)
{
  if (needs.empty() || !scenario.workload) return "";
  const Bytes most = needs[hungriest(needs)].total();
  const Bytes there = scenario.platform.node.chip.memory;
  if (most > there) return "memory: " + memory_objection(scenario, needs) + "\n";
  const MemoryNeed& need = needs[hungriest(needs)];
  return "memory: " + short_text(most) + " of " + short_text(there) + " on the fullest accelerator (" + percent(most / there) + "): " +
         short_text(need.allocated()) + " of tensors in the " + need.moment + ", " + short_text(need.fragmentation) +
         " for fragmentation, " + short_text(need.runtime) + " of the runtime; it fits.\n";
}

std::string engine_in_words(const EngineSettings& engine)
{
  std::string text = "simulation: engine " + name_of(engine.kind) + ", fidelity " + name_of(engine.fidelity) + ", folding " +
                     name_of(engine.fold) + ", fusing " + name_of(engine.fuse);
  for (const auto& [operation, algorithm] : engine.collectives) text += ", " + operation + " by " + algorithm;
  return text + ". Nothing was simulated.\n";
}

int run(const Context& context)
{
  const Scenario scenario = read_scenario(context.arguments.operands[0], context.arguments.overrides, context.data);
  const Fabric fabric = build_fabric(scenario.platform, scenario.faults, static_cast<std::uint64_t>(scenario.engine.seed));
  build_job(scenario); // refuses what does not go together
  const std::vector<MemoryNeed> needs = memory_needs(scenario);
  std::ostream& out = *context.out;
  out << (scenario.title.empty() ? scenario.file : scenario.title) << "\n";
  if (!scenario.about.empty()) out << scenario.about << (scenario.about.back() == '\n' ? "" : "\n");
  out << "\n" << machine_in_words(scenario.platform, fabric);
  if (scenario.workload)
    out << workload_in_words(*scenario.workload) << plan_in_words(scenario.plan, *scenario.workload, fabric.accelerators.size());
  if (scenario.collective)
    out << "workload: " << count(scenario.collective->repetitions, "bare " + scenario.collective->operation) << " of "
        << short_text(scenario.collective->bytes) << " over "
        << grouped(std::uint64_t(scenario.plan.tp) * std::uint64_t(scenario.plan.cp) * std::uint64_t(scenario.plan.pp) * std::uint64_t(scenario.plan.dp)) << " ranks.\n";
  out << faults_in_words(scenario.faults) << memory_in_words(scenario, needs) << engine_in_words(scenario.engine);
  const bool refused = scenario.engine.memory == MemoryCheck::refuse && !memory_objection(scenario, needs).empty();
  return refused ? exit_cannot_finish : exit_done;
}

} // namespace

Command check_command()
{
  return {.name = "check",
          .operands = "FILE",
          .least_operands = 1,
          .most_operands = 1,
          .summary = "read a scenario and say in words what would be simulated",
          .details = "Reads everything, builds the machine and the job, works out the memory, simulates nothing.\n\n"
                     "  weft check scenarios/quickstart.yaml\n"
                     "  weft check scenarios/quickstart.yaml --set plan.recompute=none\n",
          .options = {set_option()},
          .run = run};
}

} // namespace weft
