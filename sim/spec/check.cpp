#include "spec/check.hpp"

#include "schedule/schedule.hpp"

#include <numeric>

namespace weft {
namespace {

std::string text(std::int64_t number) { return std::to_string(number); }

void check_tensor_cut(const Scenario& scenario, const Node& tree)
{
  const ModelShape& model = scenario.workload->model;
  const Plan& plan = scenario.plan;
  const Node& at = written(tree, {"plan", "tp"});
  const int kv_heads = model.kv_heads > 0 ? model.kv_heads : model.heads;
  const int ffn = model.ffn > 0 ? model.ffn : 4 * model.hidden;
  if (model.heads % plan.tp != 0)
    refuse(at, "tp " + text(plan.tp) + " does not divide the model's " + text(model.heads) + " heads (choose a divisor)");
  if (kv_heads % plan.tp != 0 && plan.tp % kv_heads != 0)
    refuse(at, "tp " + text(plan.tp) + " and the model's " + text(kv_heads) +
                   " key and value heads do not divide one another (choose a divisor or a multiple)");
  if (ffn % plan.tp != 0)
    refuse(at, "tp " + text(plan.tp) + " does not divide the feed-forward width " + text(ffn) + " (choose a divisor)");
  if (plan.sequence_parallel && scenario.workload->sequence % plan.tp != 0)
    refuse(at, "tp " + text(plan.tp) + " does not divide the sequence of " + text(scenario.workload->sequence) +
                   " tokens (choose a divisor or set plan.sequence-parallel: false)");
}

/// Causal attention is balanced by giving each rank a slice from the front of the sequence and its mirror from the back.
void check_context_cut(const Scenario& scenario, const Node& tree)
{
  const ModelShape& model = scenario.workload->model;
  const Plan& plan = scenario.plan;
  if (plan.cp == 1) return;
  const Node& at = written(tree, {"plan", "cp"});
  const bool heads = plan.context == ContextExchange::all_to_all;
  const std::int64_t slices = std::int64_t{plan.cp} * (heads ? 1 : 2);
  if (scenario.workload->sequence % slices != 0)
    refuse(at, "the sequence of " + text(scenario.workload->sequence) + " tokens does not split into " + text(slices) +
                   (heads ? " slices, one for each of cp (choose a divisor)" : " slices, two for each of cp (choose a divisor)"));
  if (plan.sequence_parallel && scenario.workload->sequence / plan.cp % plan.tp != 0)
    refuse(at, "the " + text(scenario.workload->sequence / plan.cp) + " tokens of a context-parallel rank do not split over tp " +
                   text(plan.tp) + " (choose divisors or set plan.sequence-parallel: false)");
  const int kv_heads = model.kv_heads > 0 ? model.kv_heads : model.heads;
  if (heads && (model.heads / plan.tp % plan.cp != 0 || kv_heads < plan.tp || kv_heads / plan.tp % plan.cp != 0))
    refuse(at, "all-to-all context parallelism cuts heads: cp " + text(plan.cp) + " does not divide the " + text(model.heads / plan.tp) +
                   " heads and " + text(kv_heads / plan.tp) + " key and value heads of a rank (choose a divisor or context: ring)");
}

void check_expert_cut(const Scenario& scenario, const Node& tree)
{
  const Experts& experts = scenario.workload->model.experts;
  const Execution& execution = scenario.workload->execution;
  const Plan& plan = scenario.plan;
  const auto need_experts = [&](bool asked, std::initializer_list<const char*> keys, const std::string& what) {
    if (asked && experts.count == 0) refuse(written(tree, keys), what + ", but the model has no experts (leave it out)");
  };
  need_experts(plan.ep > 1, {"plan", "ep"}, "ep " + text(plan.ep) + " spreads experts over ranks");
  need_experts(plan.etp > 0 && plan.etp != plan.tp, {"plan", "etp"}, "etp " + text(plan.etp) + " cuts experts over ranks");
  need_experts(plan.dispatch == Dispatch::node_limited, {"plan", "dispatch"}, "node-limited dispatch sends tokens to experts");
  need_experts(execution.expert_imbalance > 0, {"workload", "expert-imbalance"}, "imbalance is a spread over experts");
  need_experts(execution.expert_capacity > 0, {"workload", "expert-capacity"}, "capacity is that of experts");
  if (execution.pad_experts && execution.expert_capacity == 0)
    refuse(written(tree, {"workload", "pad-experts"}), "experts are filled up to a capacity, but there is none (set expert-capacity)");
  if (experts.count == 0) return;
  const int ffn = experts.ffn > 0 ? experts.ffn : scenario.workload->model.ffn > 0 ? scenario.workload->model.ffn : 4 * scenario.workload->model.hidden;
  if (experts.count % plan.ep != 0)
    refuse(written(tree, {"plan", "ep"}), "ep " + text(plan.ep) + " does not divide the model's " + text(experts.count) + " experts (choose a divisor)");
  if (ffn % expert_tensor(plan) != 0)
    refuse(written(tree, {"plan", plan.etp > 0 ? "etp" : "tp"}), "the width " + text(ffn) + " of an expert does not split over " +
                                                                     text(expert_tensor(plan)) + " ranks (choose a divisor as plan.etp)");
  if (plan.tp > 1 && !plan.sequence_parallel)
    refuse(written(tree, {"plan", "tp"}), "experts under tensor parallelism need tokens cut over tp, or each rank of tp " + text(plan.tp) +
                                              " would send the same ones (set plan.sequence-parallel: true, as Megatron-LM asks)");
}

const ScheduleKind& schedule_of(const Scenario& scenario, const Node& tree)
{
  const ScheduleKind* schedule = find_schedule(scenario.plan.schedule);
  if (schedule) return *schedule;
  std::vector<std::string> known;
  for (const ScheduleKind* kind : schedule_kinds()) known.emplace_back(kind->name);
  const Node& at = written(tree, {"plan", "schedule"});
  refuse(at, "unknown schedule '" + shown(scenario.plan.schedule) + "'" + suggestion(scenario.plan.schedule, known, "one of"));
}

/// What only the schedules themselves know: whether they can run the plan's shape.
void check_schedule(const Scenario& scenario, const Node& tree)
{
  const Plan& plan = scenario.plan;
  const int microbatches = scenario.workload->batch / (plan.dp * plan.microbatch);
  const std::string objection = schedule_of(scenario, tree).objection({plan.pp, microbatches, plan.virtual_stages});
  if (!objection.empty()) refuse(written(tree, {"plan", "schedule"}), objection);
  if (schedule_of(scenario, tree).path != PipelinePath::two_way) return;
  const std::string twice = plan.schedule + " holds each part of the model on two stages, ";
  if (plan.zero >= Zero::gradients)
    refuse(written(tree, {"plan", "zero"}), twice + "which pass it different microbatches at different times: cutting " +
                                                (plan.zero == Zero::gradients ? "gradients" : "parameters") +
                                                " over both would make each pass wait for the other stage (set zero: optimizer, or schedule: dualpipev)");
  if (plan.overlap.gradients)
    refuse(written(tree, {"plan", "overlap", "gradients"}),
           twice + "which complete its gradients in opposite order: their buckets would wait for one another for ever (set overlap.gradients: "
                   "false, which sums them behind the last pass, or schedule: dualpipev)");
  if (plan.overlap.parameters)
    refuse(written(tree, {"plan", "overlap", "parameters"}),
           plan.schedule + " holds each part on two stages, which use its layers in opposite order (set overlap.parameters: false)");
}

void check_parts(const Scenario& scenario, const Node& tree)
{
  const Plan& plan = scenario.plan;
  const ModelShape& model = scenario.workload->model;
  const std::int64_t own = model.convolutions.empty() ? model.layers : static_cast<std::int64_t>(model.convolutions.size());
  const std::int64_t layers = own + (plan.embedding_counts_as_layer ? 1 : 0) + (plan.head_counts_as_layer ? 1 : 0);
  const std::int64_t parts = part_count(schedule_of(scenario, tree).path, {plan.pp, 1, plan.virtual_stages});
  if (!plan.stage_layers.empty()) {
    const Node& at = written(tree, {"plan", "stage-layers"});
    const auto sum = std::accumulate(plan.stage_layers.begin(), plan.stage_layers.end(), std::int64_t{0});
    if (static_cast<std::int64_t>(plan.stage_layers.size()) != parts)
      refuse(at, text(static_cast<std::int64_t>(plan.stage_layers.size())) + " numbers for " + text(parts) +
                     " parts of the model under " + plan.schedule + " (give one number for each)");
    if (sum != own)
      refuse(at, "the parts hold " + text(sum) + " layers together, the model has " + text(own) + " (make them add up)");
  } else if (layers % parts != 0) {
    const std::string product =
        parts > plan.pp ? "pp " + text(plan.pp) + " x virtual-stages " + text(plan.virtual_stages) : "pp " + text(plan.pp);
    refuse(written(tree, {"plan", "pp"}), product + " does not divide " + text(layers) +
                                              " layers (choose a divisor, let the embedding or the head count as a layer, or give "
                                              "stage-layers)");
  }
}

void check_replicas(const Scenario& scenario, const Node& tree)
{
  const Plan& plan = scenario.plan;
  const std::int64_t samples = std::int64_t{plan.dp} * plan.microbatch;
  if (scenario.workload->batch % samples != 0)
    refuse(written(tree, {"plan", "dp"}), "dp " + text(plan.dp) + " x microbatch " + text(plan.microbatch) +
                                              " does not divide a batch of " + text(scenario.workload->batch) + " (choose a divisor)");
}

void check_workload(const Scenario& scenario, const Node& tree)
{
  const Workload& workload = *scenario.workload;
  const Chip& chip = scenario.platform.node.chip;
  if (!chip.no_training.empty())
    refuse(written(tree, {"platform", "node", "chip", "no-training"}),
           "the chip " + chip.name + " cannot train: " + chip.no_training +
               " (choose another chip; a bare collective runs on it, `weft export` rates it)");
  if (!chip.peak.contains(workload.precision)) {
    std::string known;
    for (const auto& [precision, rate] : chip.peak) known += (known.empty() ? "" : ", ") + name_of(precision);
    refuse(written(tree, {"workload", "precision"}),
           "the chip " + chip.name + " has no peak in " + name_of(workload.precision) + " (choose one of " + known + ")");
  }
  if (workload.model.position == Position::learned && workload.model.max_positions > 0 && workload.sequence > workload.model.max_positions)
    refuse(written(tree, {"workload", "sequence"}), "a sequence of " + text(workload.sequence) + " is longer than the model's table of " +
                                                        text(workload.model.max_positions) +
                                                        " positions (shorten it or raise max-positions)");
  check_model_cut(scenario, tree);
  if (workload.model.convolutions.empty()) {
    check_tensor_cut(scenario, tree);
    check_context_cut(scenario, tree);
  }
  check_expert_cut(scenario, tree);
  check_parts(scenario, tree);
  check_replicas(scenario, tree);
  check_schedule(scenario, tree);
}

void check_faults(const Scenario& scenario, const Node& tree, std::int64_t accelerators)
{
  const auto& stragglers = scenario.faults.stragglers;
  for (std::size_t i = 0; i < stragglers.size(); ++i)
    if (stragglers[i].accelerator >= accelerators)
      refuse(written(written(tree, {"faults", "stragglers"}).items[i], {"accelerator"}),
             "there is no accelerator " + text(stragglers[i].accelerator) + " (they are numbered 0 to " + text(accelerators - 1) + ")");
}

std::string text(Metres length) { return exact_text(length); }

void check_cable(const LinkMedium& medium, Metres length, const Node& at)
{
  if (length > medium.reach)
    refuse(at, "a cable of " + text(length) + " of " + medium.name + ", which reaches " + text(medium.reach) +
                   " (shorten it or use another link)");
}

/// A switch with engines on its package has no cages: every cable ends in engines there, and only there.
void check_co_packaged(const LinkMedium& medium, int wanted, const FabricModel& fabric, const Node& at)
{
  if (medium.co_packaged_ends == wanted) return;
  refuse(at, medium.name + " has " + text(medium.co_packaged_ends) + " co-packaged ends where " + text(wanted) +
                 (wanted == 0 ? " are: the switch " + fabric.switch_model.name + " takes plugs"
                              : " must be: the switch " + fabric.switch_model.name + " has its optics on its package") +
                 " (use another link or switch)");
}

void check_cables(const FabricModel& fabric, const Node& tree)
{
  if (fabric.kind == "none" || fabric.switch_model.ports == 0) return;
  check_cable(fabric.access, fabric.access_length, written(tree, {"fabric", "access-length"}));
  check_cable(fabric.trunk, fabric.trunk_length, written(tree, {"fabric", "trunk-length"}));
  const int per_switch = fabric.switch_model.optics.engines > 0 ? 1 : 0;
  check_co_packaged(fabric.access, per_switch, fabric, written(tree, {"fabric", "access"}));
  check_co_packaged(fabric.trunk, 2 * per_switch, fabric, written(tree, {"fabric", "trunk"}));
}

} // namespace

const Node& written(const Node& tree, std::initializer_list<const char*> keys)
{
  const Node* at = &tree;
  for (const char* key : keys) {
    const Node* next = at->find(key);
    if (!next || next->kind == Node::Kind::null) break;
    at = next;
  }
  return *at;
}

void check_node(const NodeModel& node, const Node& tree)
{
  if (node.scaleup != "none" && node.scaleup_medium.bandwidth <= Bandwidth(0))
    refuse(written(tree, {"chip", "scaleup-link"}),
           "the chip " + node.chip.name + " has no scale-up link (set chip.scaleup-link or scaleup: none)");
}

void check_platform(const Platform& platform, const Node& tree)
{
  constexpr std::int64_t most_accelerators = 1'000'000;
  if (platform.fabric.kind == "none" && platform.nodes > 1)
    refuse(written(tree, {"fabric"}), text(platform.nodes) + " nodes without a network (name a fabric or set nodes: 1)");
  if (platform.node.adapters.count == 0 && platform.nodes > 1)
    refuse(written(tree, {"node", "adapters", "count"}),
           text(platform.nodes) + " nodes without network adapters (set adapters or nodes: 1)");
  const std::int64_t accelerators = std::int64_t{platform.nodes} * platform.node.accelerators;
  if (accelerators > most_accelerators)
    refuse(written(tree, {"nodes"}), text(accelerators) + " accelerators are more than 1000000 (choose fewer nodes)");
  check_cables(platform.fabric, tree);
}

void check_scenario(const Scenario& scenario, const Node& tree)
{
  const Plan& plan = scenario.plan;
  const std::int64_t accelerators = std::int64_t{scenario.platform.nodes} * scenario.platform.node.accelerators;
  const std::int64_t ranks = std::int64_t{plan.tp} * plan.cp * plan.pp * plan.dp;
  const std::string context = plan.cp > 1 ? " x cp " + text(plan.cp) : "";
  if (ranks > accelerators)
    refuse(written(tree, {"plan"}), "the plan needs " + text(ranks) + " accelerators (tp " + text(plan.tp) + context + " x pp " + text(plan.pp) +
                                        " x dp " + text(plan.dp) + "), the platform has " + text(accelerators) +
                                        " (choose smaller degrees or more nodes)");
  if (scenario.workload) check_workload(scenario, tree);
  check_faults(scenario, tree, accelerators);
}

} // namespace weft
