// The parallel plan in Megatron-LM's options.
#include "import/megatron.hpp"

#include "config/value.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <string_view>

namespace weft {
namespace {

struct MegatronDegrees {
  std::int64_t tp = 1, pp = 1, cp = 1, chunks = 1;
};

std::int64_t degree(JobSettings& settings, const char* name, JobTree& tree, const char* path)
{
  const auto value = settings.whole(name, 1, 1'000'000);
  if (value) tree.set(path, *value, settings.place_of(name));
  return value.value_or(1);
}

/// Model chunks of a pipeline rank, said in one of three ways.
std::int64_t chunks_of(JobSettings& settings, std::int64_t pp)
{
  const auto direct = settings.whole("num-virtual-stages-per-pipeline-rank", 1, 10'000),
             nemo = settings.whole("virtual-pipeline-model-parallel-size", 1, 10'000);
  const auto layers_each = settings.whole("num-layers-per-virtual-pipeline-stage", 1, 10'000),
             layers = settings.whole("num-layers", 1, 10'000);
  if (direct) return *direct;
  if (nemo) return *nemo;
  if (!layers_each) return 1;
  const bool embedding = settings.flag("account-for-embedding-in-pipeline-split"),
             loss = settings.flag("account-for-loss-in-pipeline-split");
  const std::int64_t all = layers.value_or(0) + (embedding ? 1 : 0) + (loss ? 1 : 0);
  if (all == 0 || all % (pp * *layers_each) != 0)
    throw ConfigError(settings.place_of("num-layers-per-virtual-pipeline-stage"), "num-layers-per-virtual-pipeline-stage",
                      std::to_string(pp) + " stages of chunks of " + std::to_string(*layers_each) + " layers do not make " +
                          std::to_string(all) + " layers (correct one of them)");
  return all / (pp * *layers_each);
}

void put_pipeline(JobSettings& settings, MegatronStyle style, const MegatronDegrees& degrees, JobTree& tree)
{
  if (degrees.chunks > 1) {
    tree.set("plan.virtual-stages", degrees.chunks, settings.place_of("num-layers-per-virtual-pipeline-stage"));
    if (degrees.pp > 1) tree.set("plan.schedule", "interleaved-1f1b", settings.place_of("num-layers-per-virtual-pipeline-stage"));
  }
  for (const auto& [name, path] : {std::pair{"account-for-embedding-in-pipeline-split", "plan.embedding-counts-as-layer"},
                                   std::pair{"account-for-loss-in-pipeline-split", "plan.head-counts-as-layer"}})
    if (settings.flag(name)) tree.set(path, "true", settings.place_of(name));
  const auto layers = settings.whole("num-layers", 1, 10'000), first = settings.whole("decoder-first-pipeline-num-layers", 1, 10'000),
             last = settings.whole("decoder-last-pipeline-num-layers", 1, 10'000);
  if ((first || last) && layers) {
    const std::int64_t between = degrees.pp - (first ? 1 : 0) - (last ? 1 : 0), left = *layers - first.value_or(0) - last.value_or(0);
    const Place& place = settings.place_of(first ? "decoder-first-pipeline-num-layers" : "decoder-last-pipeline-num-layers");
    if (degrees.chunks > 1 || between < 1 || left < between || left % between != 0)
      throw ConfigError(
          place, "",
          "the layers left do not spread evenly over the other stages, or the stages have chunks (write plan.stage-layers instead)");
    std::vector<std::int64_t> stages(static_cast<std::size_t>(degrees.pp), left / between);
    if (first) stages.front() = *first;
    if (last) stages.back() = *last;
    tree.set("plan.stage-layers", stages, place);
  }
  if (settings.take("pipeline-model-parallel-layout"))
    throw ConfigError(settings.place_of("pipeline-model-parallel-layout"), "pipeline-model-parallel-layout",
                      "a layout by hand is not read (write plan.stage-layers, and import without it)");
  // Chunks exchange beside computation unless told otherwise.
  const bool off = settings.flag("no-overlap-p2p-communication"),
             asked = settings.flag("overlap-p2p-communication") || settings.flag("overlap-p2p-comm");
  if (degrees.pp > 1 && !off && (asked || (degrees.chunks > 1 && style == MegatronStyle::megatron)))
    tree.set("plan.overlap.pipeline", "true", settings.place_of("num-layers-per-virtual-pipeline-stage"));
  if (settings.flag("no-scatter-gather-tensors-in-pipeline"))
    tree.set("plan.scatter-gather", "false", settings.place_of("no-scatter-gather-tensors-in-pipeline"));
}

/// Megatron-LM's modules as kinds of recomputation.
std::vector<std::string> kinds_of_modules(const JobSetting& modules)
{
  static const std::map<std::string, std::string> known{{"core_attn", "selective"},
                                                        {"layernorm", "norms"},
                                                        {"mla_up_proj", "latent-up-projections"},
                                                        {"moe_act", "activation-function"}};
  std::vector<std::string> kinds;
  std::string text = modules.text; // words between blanks, or a list as YAML and Python write it
  std::replace_if(text.begin(), text.end(), [](char c) { return std::string_view("[],'\"").find(c) != std::string_view::npos; }, ' ');
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto found = known.find(word);
    if (found == known.end())
      throw ConfigError(modules.place, "recompute-modules",
                        "'" + shown(word) + "' is not simulated (of core_attn, layernorm, mla_up_proj and moe_act: correct plan.recompute by hand)");
    kinds.push_back(found->second);
  }
  return kinds;
}

void put_recomputation(JobSettings& settings, const MegatronDegrees& degrees, JobTree& tree)
{
  const bool selective = settings.flag("recompute-activations");
  const bool former = settings.flag("checkpoint-activations"); // of Megatron-LM before 2022
  const char* const by = settings.take("recompute-granularity") ? "recompute-granularity" : "activations-checkpoint-granularity";
  const JobSetting* granularity = settings.take(by);
  const char* const method_name = settings.take("recompute-method") ? "recompute-method" : "activations-checkpoint-method";
  const JobSetting* method = settings.take(method_name);
  const char* const layers_name = settings.take("recompute-num-layers") ? "recompute-num-layers" : "activations-checkpoint-num-layers";
  const auto each = settings.whole(layers_name, 0, 10'000);
  const JobSetting* const modules = settings.take("recompute-modules");
  settings.unsupported("distribute-saved-activations",
                       "cutting saved activations over tensor-parallel ranks is not simulated (leave it out)");
  if (granularity && granularity->text != "selective" && granularity->text != "full")
    throw ConfigError(granularity->place, by, "'" + shown(granularity->text) + "' is not known here (one of: selective, full)");
  const bool full = (granularity && granularity->text == "full") || former || (!granularity && !selective && method);
  if (!full) {
    if (modules && granularity) return tree.set("plan.recompute", kinds_of_modules(*modules), modules->place);
    if (selective || granularity) tree.set("plan.recompute", "selective", settings.place_of(granularity ? by : "recompute-activations"));
    return;
  }
  const std::int64_t layers = settings.whole("num-layers", 1, 10'000).value_or(0), of_stage = layers / (degrees.pp * degrees.chunks);
  const bool block = method && method->text == "block";
  if (each && ((block && *each < of_stage) || (!block && *each > 1)))
    throw ConfigError(settings.place_of(layers_name), layers_name,
                      block ? "recomputing " + std::to_string(*each) + " of a stage's " + std::to_string(of_stage) +
                                  " layers is not simulated (use all of them, or another plan.recompute)"
                            : "keeping one input for " + std::to_string(*each) + " layers is not simulated (use 1)");
  tree.set("plan.recompute", "full", settings.place_of(granularity ? by : former ? "checkpoint-activations" : method_name));
}

void put_sharding(JobSettings& settings, MegatronStyle style, JobTree& tree)
{
  bool distributed = settings.flag("use-distributed-optimizer");
  Place place = settings.place_of("use-distributed-optimizer");
  if (style == MegatronStyle::nemo)
    if (const JobSetting* name = settings.take("optim.name"); name && name->text.find("distributed") != std::string::npos)
      distributed = true, place = name->place;
  const char* kind = distributed ? "optimizer" : nullptr;
  const JobSetting* strategy = settings.take("data-parallel-sharding-strategy");
  for (const char* name : {"use-megatron-fsdp", "use-custom-fsdp"}) {
    if (!settings.flag(name)) continue;
    const std::string cut = strategy ? strategy->text : "no_shard";
    place = settings.place_of(strategy ? "data-parallel-sharding-strategy" : name);
    kind = cut == "optim" ? "optimizer" : cut == "optim_grads" ? "gradients" : cut == "optim_grads_params" ? "parameters" : nullptr;
    if (!kind && cut != "no_shard")
      throw ConfigError(place, "data-parallel-sharding-strategy",
                        "'" + shown(cut) + "' is not known here (one of: no_shard, optim, optim_grads, optim_grads_params)");
  }
  if (settings.flag("use-torch-fsdp2")) kind = "parameters", place = settings.place_of("use-torch-fsdp2");
  if (const auto instances = settings.whole("num-distributed-optimizer-instances", 1, 1'000'000); instances && *instances > 1)
    throw ConfigError(settings.place_of("num-distributed-optimizer-instances"), "num-distributed-optimizer-instances",
                      "is not read (leave it out and write plan.zero-group, the ranks that share one instance)");
  if (kind) tree.set("plan.zero", kind, place);
  const char* const gradients = settings.flag("overlap-grad-reduce") ? "overlap-grad-reduce" : "optim.overlap-grad-sync";
  const char* const parameters = settings.flag("overlap-param-gather") ? "overlap-param-gather" : "optim.overlap-param-sync";
  if (settings.flag(gradients)) tree.set("plan.overlap.gradients", "true", settings.place_of(gradients));
  if (settings.flag(parameters) && kind) tree.set("plan.overlap.parameters", "true", settings.place_of(parameters));
  // A bucket counts parameters; gradients of 4 bytes fill it.
  if (const auto bucket = settings.whole("ddp-bucket-size", 1); bucket && settings.flag(gradients))
    tree.set("plan.bucket-megabytes", std::max<std::int64_t>(1, *bucket * 4 / 1'000'000), settings.place_of("ddp-bucket-size"));
  if (const auto bucket = settings.whole("optim.bucket-cap-mb", 1, 1'000'000); bucket && settings.flag(gradients))
    tree.set("plan.bucket-megabytes", *bucket, settings.place_of("optim.bucket-cap-mb"));
  for (const char* name : {"cpu-offloading", "optimizer-cpu-offload", "offload-optimizer-states", "fine-grained-activation-offloading",
                           "cpu-offloading-num-layers"})
    settings.unsupported(name, "state or activations in host memory are not simulated (leave it out)");
}

void put_tensor_and_context(JobSettings& settings, MegatronStyle style, const MegatronDegrees& degrees, JobTree& tree)
{
  if (settings.flag("sequence-parallel") && degrees.tp > 1)
    tree.set("plan.sequence-parallel", "true", settings.place_of("sequence-parallel"));
  const bool off = settings.flag("no-async-tensor-model-parallel-allreduce");
  const char* const by = settings.flag("ub-tp-comm-overlap") ? "ub-tp-comm-overlap" : "tp-comm-overlap";
  const bool asked = settings.flag(by);
  const bool pieces = asked && settings.flag("sequence-parallel");
  if (degrees.tp > 1 && !off && (asked || style == MegatronStyle::megatron))
    tree.set("plan.overlap.tensor", pieces ? "pipelined" : "true", settings.place_of(by));
  const bool unfused = settings.flag("no-gradient-accumulation-fusion");
  const bool fused = settings.choice("gradient-accumulation-fusion").value_or(style == MegatronStyle::megatron) && !unfused;
  tree.set("plan.fused-gradient-accumulation", truth(fused),
           settings.place_of(unfused ? "no-gradient-accumulation-fusion" : "gradient-accumulation-fusion"));
  const JobSetting* exchange = settings.take("cp-comm-type");
  if (!exchange || degrees.cp == 1) return;
  const std::string& word = exchange->text;
  if (word != "p2p" && word != "a2a" && word != "all_gather" && word != "allgather")
    throw ConfigError(exchange->place, "cp-comm-type", "'" + shown(word) + "' is not simulated (one of: p2p, all_gather, a2a)");
  tree.set("plan.context", word == "p2p" ? "ring" : word == "a2a" ? "all-to-all" : "all-gather", exchange->place);
}

} // namespace

void put_megatron_plan(JobSettings& settings, MegatronStyle style, std::optional<std::int64_t> accelerators, JobTree& tree,
                       std::vector<ImportNote>& notes)
{
  MegatronDegrees degrees;
  degrees.tp = degree(settings, "tensor-model-parallel-size", tree, "plan.tp");
  degrees.pp = degree(settings, "pipeline-model-parallel-size", tree, "plan.pp");
  degrees.cp = degree(settings, "context-parallel-size", tree, "plan.cp");
  degrees.chunks = chunks_of(settings, degrees.pp);
  const Place place = settings.place_of("tensor-model-parallel-size");
  tree.set("plan.dp", replicas_of(settings, accelerators, {degrees.tp, degrees.cp, degrees.pp}, place), place);
  degree(settings, "expert-model-parallel-size", tree, "plan.ep");
  degree(settings, "expert-tensor-parallel-size", tree, "plan.etp");
  if (const auto samples = settings.whole("micro-batch-size", 1, 10'000'000))
    tree.set("plan.microbatch", *samples, settings.place_of("micro-batch-size"));
  if (!tree.has("workload.batch")) {
    // One microbatch for every replica, as Megatron-LM takes it.
    const std::int64_t batch = settings.whole("micro-batch-size", 1, 10'000'000).value_or(1) *
                               replicas_of(settings, accelerators, {degrees.tp, degrees.cp, degrees.pp}, place);
    tree.set("workload.batch", batch, settings.place_of("micro-batch-size"));
    notes.push_back({{settings.file()}, "the file gives no global batch: one microbatch for every replica"});
  }
  put_pipeline(settings, style, degrees, tree);
  put_recomputation(settings, degrees, tree);
  put_sharding(settings, style, tree);
  put_tensor_and_context(settings, style, degrees, tree);
  for (const char* name : {"moe-shared-expert-overlap", "overlap-moe-expert-parallel-comm"})
    if (settings.flag(name)) tree.set("plan.overlap.experts", "true", settings.place_of(name));
  if (settings.flag("use-tp-pp-dp-mapping")) tree.set("plan.order", "tp-cp-ep-pp-dp", settings.place_of("use-tp-pp-dp-mapping"));
  for (const char* name :
       {"hierarchical-context-parallel-sizes", "encoder-tensor-model-parallel-size", "encoder-pipeline-model-parallel-size"})
    settings.unsupported(name, "is not simulated (leave it out)");
}

} // namespace weft
