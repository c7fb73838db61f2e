// How plans, faults, engine settings and bare collectives stand in YAML.
#include "spec/scenario.hpp"

namespace weft {
namespace {

const Node& written(const Node& mapping, const char* key)
{
  const Node* value = mapping.find(key);
  return value ? *value : mapping;
}

constexpr int most_ranks = 1'000'000;

/// The ranks of a stage are laid out a second time for the experts, etp x ep x the rest; stages must be the same ranks both times.
void check_expert_grid(const Node& node, const Plan& plan)
{
  if (!has_expert_grid(plan)) return;
  const std::int64_t stage = std::int64_t{plan.tp} * plan.cp * plan.dp, expert = std::int64_t{expert_tensor(plan)} * plan.ep;
  if (stage % expert != 0)
    refuse(written(node, plan.ep > 1 ? "ep" : "etp"), "ep " + std::to_string(plan.ep) + " x etp " + std::to_string(expert_tensor(plan)) +
                                                          " does not divide the " + std::to_string(stage) +
                                                          " ranks of a stage, tp x cp x dp (choose divisors)");
  std::int64_t dense_before = 1, expert_before = 1;
  for (const Axis axis : axes_of(plan.order)) {
    if (axis == Axis::pp) break;
    dense_before *= axis == Axis::tp ? plan.tp : axis == Axis::cp ? plan.cp : axis == Axis::dp ? plan.dp : 1;
    expert_before *= axis == Axis::tp ? expert_tensor(plan) : axis == Axis::ep ? plan.ep : axis == Axis::dp ? stage / expert : 1;
  }
  if (dense_before != expert_before)
    refuse(written(node, "order"), "the order puts pp where experts and the rest of the model would not share stages (put pp last)");
}

/// State is cut over equal runs of the ranks that hold the same weights, and of those that hold the same experts.
void check_zero_group(const Node& node, const Plan& plan)
{
  if (plan.zero_group == 0) return;
  const Node& at = written(node, "zero-group");
  if (plan.zero == Zero::off) refuse(at, "nothing is cut over the replicas (set plan.zero, or leave zero-group out)");
  const std::int64_t replicas = std::int64_t{plan.cp} * plan.dp, stage = replicas * plan.tp;
  const std::int64_t experts = stage / (std::int64_t{expert_tensor(plan)} * plan.ep);
  if (plan.zero_group > replicas || replicas % plan.zero_group != 0)
    refuse(at, "zero-group " + std::to_string(plan.zero_group) + " does not divide the " + std::to_string(replicas) +
                   " ranks with the same weights, cp x dp (choose a divisor)");
  if (plan.zero_group < experts && experts % plan.zero_group != 0)
    refuse(at, "zero-group " + std::to_string(plan.zero_group) + " does not divide the " + std::to_string(experts) +
                   " ranks with the same experts (choose a divisor)");
}

/// Owners of the optimizer state are fed and spread their results by choice only where gradients and parameters stay whole.
void check_owners(const Node& node, const Plan& plan)
{
  if (plan.zero_reduce != ZeroReduce::scatter && plan.zero != Zero::optimizer)
    refuse(written(node, "zero-reduce"), "says how whole gradients reach the owners of the optimizer state (set zero: optimizer or leave it out)");
  if (plan.zero_spread != ZeroSpread::all_gather && plan.zero != Zero::optimizer && plan.zero != Zero::gradients)
    refuse(written(node, "zero-spread"), "says how whole parameters come back from their owners (set zero: optimizer or leave it out)");
}

void check_stage_layers(const Node& node, const Plan& plan)
{
  if (plan.stage_layers.empty()) return;
  if (plan.embedding_counts_as_layer || plan.head_counts_as_layer)
    refuse(written(node, "stage-layers"), "says how many layers each part holds, and so do embedding-counts-as-layer and "
                                          "head-counts-as-layer (keep one)");
  for (std::size_t part = 0; part < plan.stage_layers.size(); ++part)
    if (plan.stage_layers[part] < 0)
      refuse(written(node, "stage-layers").items[part], "must be 0 or more, got " + std::to_string(plan.stage_layers[part]) +
                                                            " (give the layers of each part)");
}

} // namespace

template <> const Record<Overlap>& record_of<Overlap>()
{
  static const Record<Overlap> record =
      Record<Overlap>("overlap", "Which communication runs beside computation.")
          .optional("tensor", &Overlap::tensor,
                    "true: in backward, tensor-parallel collectives run beside weight gradients (Megatron-LM from the end of 2021); pipelined: besides, "
                    "gathers and scatters go in pieces with the products around them (user buffers of Transformer Engine)")
          .optional("gradients", &Overlap::gradients, "gradient buckets are reduced while backward goes on")
          .optional("parameters", &Overlap::parameters, "parameters are gathered while computation goes on; needs zero: optimizer or more")
          .optional("pipeline", &Overlap::pipeline, "stage-to-stage messages run beside the next pass")
          .optional("experts", &Overlap::experts,
                    "shared experts run beside dispatch and combine; a pair of passes (DualPipe) hides each other's");
  return record;
}

template <> const Record<Plan>& record_of<Plan>()
{
  static const Record<Plan> record =
      Record<Plan>("plan", "How the job is cut over the ranks.")
          .optional("tp", &Plan::tp, "tensor-parallel degree", in_range(1, most_ranks))
          .optional("pp", &Plan::pp, "pipeline-parallel degree: stages", in_range(1, most_ranks))
          .optional("dp", &Plan::dp, "data-parallel degree: replicas", in_range(1, most_ranks))
          .optional("cp", &Plan::cp, "context-parallel degree: one sample's tokens cut over ranks", in_range(1, most_ranks))
          .optional("ep", &Plan::ep, "expert-parallel degree: routed experts spread over the ranks of a stage", in_range(1, most_ranks))
          .optional("etp", &Plan::etp, "tensor-parallel degree within an expert; 0: as tp", in_range(0, most_ranks))
          .optional("context", &Plan::context, "how context-parallel ranks meet in attention: keys and values go round a ring, are gathered, "
                                               "heads are exchanged for tokens (Ulysses), or keys and values are gathered beside the first "
                                               "piece of a ring round which only their gradients go (PyTorch)")
          .optional("dispatch", &Plan::dispatch,
                    "how tokens travel to their experts: one all-to-all, or once per node and on from there (DeepSeek-V3)")
          .optional("dispatch-nodes", &Plan::dispatch_nodes, "with node-limited: nodes a token is sent to at most; 0: no limit",
                    in_range(0, most_ranks))
          .optional("microbatch", &Plan::microbatch, "samples per pass", in_range(1, 10'000'000))
          .optional("schedule", &Plan::schedule, "order of passes on a stage: a schedule kind")
          .optional("virtual-stages", &Plan::virtual_stages, "model chunks per stage, for interleaved schedules", in_range(1, 10'000))
          .optional("embedding-counts-as-layer", &Plan::embedding_counts_as_layer,
                    "the first part of the model holds one layer less, as Llama 3 405B and Megatron-LM's account-for-embedding option do")
          .optional("head-counts-as-layer", &Plan::head_counts_as_layer, "the last part of the model holds one layer less, likewise")
          .optional("sequence-parallel", &Plan::sequence_parallel,
                    "norms and dropout are cut along the sequence over tp (Korthikanti et al. 2022, section 4.2.2)")
          .optional("recompute", &Plan::recompute, "what backward runs again: nothing; every layer (full); of every layer all but attention and every second product "
                    "(alternate-products, torchtitan's selective activation checkpointing by operation); or, one or several, the attention core "
                    "(selective), norms, the up-projections of latent attention, the activation function")
          .optional("zero", &Plan::zero,
                    "what is cut over dp: the optimizer state (ZeRO-1), also gradients (ZeRO-2), also parameters (ZeRO-3, FSDP)")
          .optional("reshard", &Plan::reshard,
                    "when parameters and gradients that zero cuts are cut again after they were whole: behind every layer's pass, or once per step, "
                    "as PyTorch's FSDP does under pipeline parallelism: more memory, less traffic")
          .optional("zero-group", &Plan::zero_group,
                    "neighbours among the replicas that zero cuts over (hybrid sharding); 0: all replicas", in_range(0, most_ranks))
          .optional("zero-reduce", &Plan::zero_reduce,
                    "with zero: optimizer, how gradients reach the owners of the state: each owner its part, or all of them everywhere "
                    "(DeepSpeed stage 1, InternEvo)")
          .optional("zero-spread", &Plan::zero_spread,
                    "how updated parameters come back: slices in one all-gather, or every owner broadcasts the whole tensors it owns, one "
                    "owner after another (InternEvo, PyTorch's ZeroRedundancyOptimizer)")
          .optional("stage-layers", &Plan::stage_layers,
                    "layers of each part of the model in order, pp x virtual-stages numbers; left out: even")
          .optional("fused-gradient-accumulation", &Plan::fused_gradient_accumulation,
                    "weight gradients are accumulated inside the matrix kernel, not by a pass of their own")
          .optional("scatter-gather", &Plan::scatter_gather,
                    "stage-to-stage messages are cut over tp and gathered on arrival (Narayanan et al. 2021, section 4.1): all, or those of "
                    "forward alone")
          .optional("overlap", &Plan::overlap, "which communication runs beside computation")
          .optional("bucket-megabytes", &Plan::bucket_megabytes,
                    "gradient bucket when gradients overlap, in MB of gradients; 0: one bucket per layer", in_range(0, 1'000'000))
          .optional("keep-stage-outputs", &Plan::keep_stage_outputs,
                    "what a stage sends stays in its memory until the microbatch's backward, as in DeepSpeed and PyTorch pipelines; Megatron-LM frees it")
          .optional("reduction-buffer", &Plan::reduction_buffer,
                    "flat buffer that gradients are copied into to be reduced (DeepSpeed's reduce_bucket_size, in bytes); 0: they are reduced where "
                    "they are", not_negative<Bytes>())
          .optional("order", &Plan::order, "which degree's neighbours sit closest, first fastest: an order of tp, dp, pp, and of cp and ep where "
                    "they are not 1")
          .rule([](const Node& node, const Plan& plan) {
            if (axes_of(plan.order).empty())
              refuse(written(node, "order"),
                     "must be an order of tp, dp and pp, with cp and ep where wanted, got '" + shown(plan.order) + "' (write tp-cp-ep-dp-pp)");
            if (plan.overlap.tensor == TensorOverlap::pipelined && !plan.sequence_parallel)
              refuse(written(written(node, "overlap"), "tensor"),
                     "only gathers and scatters go in pieces with products (set plan.sequence-parallel: true, or overlap.tensor: true)");
            if (plan.overlap.parameters && plan.zero == Zero::off)
              refuse(written(written(node, "overlap"), "parameters"),
                     "parameters are gathered only when the optimizer is distributed (set plan.zero: optimizer)");
            if (static_cast<double>(plan.tp) * plan.cp * plan.pp * plan.dp > most_ranks)
              refuse(node, "tp x cp x pp x dp is more than 1000000 ranks (choose smaller degrees)");
            check_expert_grid(node, plan);
            if (plan.reshard == Reshard::step && plan.zero < Zero::gradients)
              refuse(written(node, "reshard"), "neither gradients nor parameters are cut (set zero: gradients or parameters, or leave reshard out)");
            check_zero_group(node, plan);
            check_owners(node, plan);
            check_stage_layers(node, plan);
            if (plan.dispatch_nodes > 0 && plan.dispatch != Dispatch::node_limited)
              refuse(written(node, "dispatch-nodes"), "limits node-limited dispatch only (set dispatch: node-limited or leave it out)");
          });
  return record;
}

template <> const Record<Straggler>& record_of<Straggler>()
{
  static const Record<Straggler> record =
      Record<Straggler>("straggler", "An accelerator that computes slower than its chip says.")
          .required("accelerator", &Straggler::accelerator, "number in the fabric, counted node by node from 0", at_least(0))
          .required("slowdown", &Straggler::slowdown, "its computations take this many times as long", in_range(1.0, 1e6));
  return record;
}

template <> const Record<DegradedLink>& record_of<DegradedLink>()
{
  static const Record<DegradedLink> record =
      Record<DegradedLink>("degraded link", "A link that carries less than it should.")
          .required("from", &DegradedLink::from, "name of one end as `weft topo` prints it, such as node3/nic0")
          .required("to", &DegradedLink::to, "name of the other end, such as leaf0")
          .required("share", &DegradedLink::share, "of its bandwidth that is left", fraction());
  return record;
}

template <> const Record<Faults>& record_of<Faults>()
{
  static const Record<Faults> record =
      Record<Faults>("faults", "What is broken.")
          .optional("stragglers", &Faults::stragglers, "slow accelerators")
          .optional("links", &Faults::links, "degraded links")
          .rule([](const Node& node, const Faults& faults) {
            std::map<int, std::size_t> seen;
            for (std::size_t i = 0; i < faults.stragglers.size(); ++i)
              if (!seen.emplace(faults.stragglers[i].accelerator, i).second)
                refuse(written(node, "stragglers").items[i],
                       "accelerator " + std::to_string(faults.stragglers[i].accelerator) + " is listed twice (keep one)");
          });
  return record;
}

template <> const Record<EngineSettings>& record_of<EngineSettings>()
{
  static const Record<EngineSettings> record =
      Record<EngineSettings>("engine", "How to simulate.")
          .optional("kind", &EngineSettings::kind,
                    "fluid: the max-min fair model; simgrid: SimGrid's own communications and solver, the reference")
          .optional("fidelity", &EngineSettings::fidelity,
                    "one flow per collective (coupled), one per edge (edges), or one per message (steps)")
          .optional("fold", &EngineSettings::fold, "simulate one of each class of equals (auto), or everything (off)")
          .optional("fuse", &EngineSettings::fuse, "join computations and private collectives that follow one another into one event")
          .optional("collectives", &EngineSettings::collectives, "algorithm by operation, to force one, such as {all-reduce: ring}")
          .optional("utilisation-bins", &EngineSettings::utilisation_bins, "points in time of link utilisation over the step; 0: none",
                    in_range(0, 10'000))
          .optional("memory", &EngineSettings::memory, "what to do with a job that does not fit in the accelerators' memory")
          .optional("seed", &EngineSettings::seed, "of flow hashing and anything drawn", at_least(0));
  return record;
}

template <> const Record<CollectiveJob>& record_of<CollectiveJob>()
{
  static const Record<CollectiveJob> record =
      Record<CollectiveJob>("collective", "A bare collective instead of a training job: every rank calls it.")
          .required("operation", &CollectiveJob::operation,
                    "such as all-reduce, all-gather, reduce-scatter, broadcast, all-to-all; send: from the first rank to the last; or permutation: "
                    "every rank sends to one other and receives from one other, all at once and independently")
          .required("bytes", &CollectiveJob::bytes, "payload as nccl-tests counts it: the whole buffer; of a permutation: one message",
                    positive<Bytes>())
          .optional("repetitions", &CollectiveJob::repetitions, "calls one after another", in_range(1, 10'000))
          .optional("ranks", &CollectiveJob::ranks, "accelerators that take part, from the first one on; 0: all", in_range(0, 10'000'000))
          .optional("stride", &CollectiveJob::stride, "accelerators from one that takes part to the next", in_range(1, 10'000'000))
          .optional("launch", &CollectiveJob::launch,
                    "ahead: every accelerator has a thread of the host that issues calls ahead, so that they cost no time; one-thread: one "
                    "thread issues them for all accelerators of a node in turn (nccl-tests -g); blocking: each call is waited for before "
                    "the next is issued (timed one by one, as PyTorch scripts do)")
          .optional("shift", &CollectiveJob::shift,
                    "of a permutation: rank r sends to rank r + shift; 0: a random one without fixed points, drawn by engine.seed", at_least(0))
          .rule([](const Node& node, const CollectiveJob& call) {
            if (call.shift > 0 && call.operation != "permutation")
              refuse(written(node, "shift"), "only a permutation shifts (set operation: permutation, or leave shift out)");
            if (call.operation == "permutation" && (call.ranks > 0 || call.stride > 1 || call.launch != LaunchMode::ahead))
              refuse(node, "a permutation takes all ranks, launched ahead (leave ranks, stride and launch out)");
          });
  return record;
}

} // namespace weft
