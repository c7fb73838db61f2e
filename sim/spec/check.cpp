#include "spec/check.hpp"

#include "schedule/schedule.hpp"

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
  if (!schedule_of(scenario, tree).pairs_passes) return;
  if (plan.zero >= Zero::gradients)
    refuse(written(tree, {"plan", "zero"}), plan.schedule + " runs passes in pairs, which sharded gradients cannot follow (set zero: optimizer)");
  if (plan.overlap.gradients)
    refuse(written(tree, {"plan", "overlap", "gradients"}),
           plan.schedule + " runs passes in pairs, which gradient buckets cannot follow (set overlap.gradients: false)");
}

void check_pipeline_and_data_cut(const Scenario& scenario, const Node& tree)
{
  const Plan& plan = scenario.plan;
  const std::int64_t layers =
      std::int64_t{scenario.workload->model.layers} + (plan.embedding_counts_as_layer ? 1 : 0) + (plan.head_counts_as_layer ? 1 : 0);
  const std::int64_t parts = part_count(schedule_of(scenario, tree).path, {plan.pp, 1, plan.virtual_stages});
  if (plan.stage_layers.empty() && layers % parts != 0) {
    const std::string product = parts > plan.pp ? "pp " + text(plan.pp) + " x virtual-stages " + text(plan.virtual_stages) : "pp " + text(plan.pp);
    refuse(written(tree, {"plan", "pp"}),
           product + " does not divide " + text(layers) + " layers (choose a divisor, or let the embedding or the head count as a layer)");
  }
  const std::int64_t samples = std::int64_t{plan.dp} * plan.microbatch;
  if (scenario.workload->batch % samples != 0)
    refuse(written(tree, {"plan", "dp"}), "dp " + text(plan.dp) + " x microbatch " + text(plan.microbatch) +
                                              " does not divide a batch of " + text(scenario.workload->batch) + " (choose a divisor)");
}

void check_workload(const Scenario& scenario, const Node& tree)
{
  const Workload& workload = *scenario.workload;
  const Chip& chip = scenario.platform.node.chip;
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
  check_tensor_cut(scenario, tree);
  check_pipeline_and_data_cut(scenario, tree);
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
}

void check_scenario(const Scenario& scenario, const Node& tree)
{
  const Plan& plan = scenario.plan;
  const std::int64_t accelerators = std::int64_t{scenario.platform.nodes} * scenario.platform.node.accelerators;
  const std::int64_t ranks = std::int64_t{plan.tp} * plan.pp * plan.dp;
  if (ranks > accelerators)
    refuse(written(tree, {"plan"}), "the plan needs " + text(ranks) + " accelerators (tp " + text(plan.tp) + " x pp " + text(plan.pp) +
                                        " x dp " + text(plan.dp) + "), the platform has " + text(accelerators) +
                                        " (choose smaller degrees or more nodes)");
  if (scenario.workload) check_workload(scenario, tree);
  check_faults(scenario, tree, accelerators);
}

} // namespace weft
