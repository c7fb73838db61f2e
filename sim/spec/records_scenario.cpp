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

} // namespace

template <> const Record<Overlap>& record_of<Overlap>()
{
  static const Record<Overlap> record =
      Record<Overlap>("overlap", "Which communication runs beside computation.")
          .optional("tensor", &Overlap::tensor,
                    "in backward, tensor-parallel collectives run beside weight gradients (Megatron-LM from the end of 2021)")
          .optional("gradients", &Overlap::gradients, "gradient buckets are reduced while backward goes on")
          .optional("parameters", &Overlap::parameters, "parameters are gathered while computation goes on; needs zero: optimizer or more")
          .optional("pipeline", &Overlap::pipeline, "stage-to-stage messages run beside the next pass");
  return record;
}

template <> const Record<Plan>& record_of<Plan>()
{
  static const Record<Plan> record =
      Record<Plan>("plan", "How the job is cut over the ranks.")
          .optional("tp", &Plan::tp, "tensor-parallel degree", in_range(1, most_ranks))
          .optional("pp", &Plan::pp, "pipeline-parallel degree: stages", in_range(1, most_ranks))
          .optional("dp", &Plan::dp, "data-parallel degree: replicas", in_range(1, most_ranks))
          .optional("microbatch", &Plan::microbatch, "samples per pass", in_range(1, 10'000'000))
          .optional("schedule", &Plan::schedule, "order of passes on a stage: a schedule kind")
          .optional("virtual-stages", &Plan::virtual_stages, "model chunks per stage, for interleaved schedules", in_range(1, 10'000))
          .optional("embedding-counts-as-layer", &Plan::embedding_counts_as_layer,
                    "the first part of the model holds one layer less, as Llama 3 405B and Megatron-LM's account-for-embedding option do")
          .optional("head-counts-as-layer", &Plan::head_counts_as_layer, "the last part of the model holds one layer less, likewise")
          .optional("sequence-parallel", &Plan::sequence_parallel,
                    "norms and dropout are cut along the sequence over tp (Korthikanti et al. 2022, section 4.2.2)")
          .optional("recompute", &Plan::recompute, "what backward computes again: nothing, the attention core, or every layer")
          .optional("zero", &Plan::zero,
                    "what is cut over dp: the optimizer state (ZeRO-1), also gradients (ZeRO-2), also parameters (ZeRO-3, FSDP)")
          .optional("fused-gradient-accumulation", &Plan::fused_gradient_accumulation,
                    "weight gradients are accumulated inside the matrix kernel, not by a pass of their own")
          .optional("scatter-gather", &Plan::scatter_gather,
                    "stage-to-stage messages are cut over tp and gathered on arrival (Narayanan et al. 2021, section 4.1)")
          .optional("overlap", &Plan::overlap, "which communication runs beside computation")
          .optional("bucket-megabytes", &Plan::bucket_megabytes,
                    "gradient bucket when gradients overlap, in MB of gradients; 0: one bucket per layer", in_range(0, 1'000'000))
          .optional("order", &Plan::order, "which degree's neighbours sit closest, first fastest: an order of tp, dp, pp")
          .rule([](const Node& node, const Plan& plan) {
            static constexpr std::array orders{"tp-dp-pp", "tp-pp-dp", "dp-tp-pp", "dp-pp-tp", "pp-tp-dp", "pp-dp-tp"};
            if (std::find(orders.begin(), orders.end(), plan.order) == orders.end())
              refuse(written(node, "order"), "must be an order of tp, dp and pp, got '" + shown(plan.order) + "' (write tp-dp-pp)");
            if (plan.overlap.parameters && plan.zero == Zero::off)
              refuse(written(written(node, "overlap"), "parameters"),
                     "parameters are gathered only when the optimizer is distributed (set plan.zero: optimizer)");
            if (static_cast<double>(plan.tp) * plan.pp * plan.dp > most_ranks)
              refuse(node, "tp x pp x dp is more than 1000000 ranks (choose smaller degrees)");
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
                    "such as all-reduce, all-gather, reduce-scatter, broadcast, all-to-all; send: from the first rank to the last")
          .required("bytes", &CollectiveJob::bytes, "payload as nccl-tests counts it: the whole buffer", positive<Bytes>())
          .optional("repetitions", &CollectiveJob::repetitions, "calls one after another", in_range(1, 10'000))
          .optional("ranks", &CollectiveJob::ranks, "accelerators that take part, from the first one on; 0: all", in_range(0, 10'000'000))
          .optional("stride", &CollectiveJob::stride, "accelerators from one that takes part to the next", in_range(1, 10'000'000))
          .optional("launch", &CollectiveJob::launch,
                    "ahead: every accelerator has a thread of the host that issues calls ahead, so that they cost no time; one-thread: one "
                    "thread issues them for all accelerators of a node in turn (nccl-tests -g); blocking: each call is waited for before "
                    "the next is issued (timed one by one, as PyTorch scripts do)");
  return record;
}

} // namespace weft
