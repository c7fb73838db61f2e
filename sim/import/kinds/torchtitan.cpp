// torchtitan's TOML configuration: FSDP, tensor, pipeline and context parallelism in PyTorch's words.
#include "import/job_settings.hpp"
#include "import/toml_text.hpp"

#include "config/value.hpp"

#include <algorithm>

namespace weft {
namespace {

const std::vector<UnusedNames>& unused_names()
{
  static const std::vector<UnusedNames> names{
      {"training mathematics",
       {"optimizer.lr", "optimizer.eps", "optimizer.beta*", "optimizer.weight_decay", "optimizer.implementation", "optimizer.fused",
        "optimizer.foreach", "lr_scheduler.*", "training.max_norm", "training.seed", "training.deterministic", "training.warmup_steps",
        "debug.*"}},
      {"data, logging, saving",
       {"job.*", "profiling.*", "metrics.*", "checkpoint.*", "validation.*", "experimental.*", "comm.*", "memory_estimation.*",
        "training.dataset*", "training.gc_*", "training.dataloader*", "model.tokenizer_path", "model.hf_assets_path",
        "model.print_after_conversion", "fault_tolerance.*"}},
      {"ways of writing the same computation",
       {"model.norm_type", "float8.*", "mx.*", "quantize.*", "compile.backend", "parallelism.disable_loss_parallel",
        "parallelism.enable_compiled_autograd", "activation_checkpoint.per_op_sac_*", "activation_checkpoint.early_stop",
        "activation_checkpoint.memory_budget"}}};
  return names;
}

struct Flavor {
  const char *model, *flavor, *preset;
};
constexpr Flavor flavors[] = {{"llama3", "8B", "llama3-8b"}, {"llama3", "70B", "llama3-70b"}, {"llama3", "405B", "llama3-405b"}};

void put_model(JobSettings& settings, JobTree& tree, std::vector<ImportNote>& notes)
{
  const JobSetting *name = settings.take("model.name"), *flavor = settings.take("model.flavor");
  for (const Flavor& known : flavors)
    if (name && flavor && name->text == known.model && flavor->text == known.flavor)
      return tree.set("workload.model", known.preset, flavor->place);
  notes.push_back({flavor ? flavor->place : Place{settings.file()},
                   "the model is not one that is known here: add workload.model, a name of `weft list models` or its keys"});
}

struct TitanDegrees {
  std::int64_t tp = 1, pp = 1, cp = 1, replicate = 1, shard = -1;
};

TitanDegrees put_degrees(JobSettings& settings, JobTree& tree)
{
  const std::string in = "parallelism.", former = "training.", experiment = "experimental.";
  // Some degrees moved between tables over the versions.
  const auto degree = [&](const std::string& name, std::int64_t low) -> std::optional<std::int64_t> {
    for (const std::string& table : {in, former, experiment})
      if (settings.all().contains(table + name)) return settings.whole(table + name, low, 1'000'000);
    return settings.whole(in + name, low, 1'000'000);
  };
  TitanDegrees degrees;
  degrees.tp = degree("tensor_parallel_degree", 1).value_or(1);
  degrees.pp = degree("pipeline_parallel_degree", 1).value_or(1);
  degrees.cp = degree("context_parallel_degree", 1).value_or(1);
  degrees.replicate = degree("data_parallel_replicate_degree", 1).value_or(1);
  degrees.shard = degree("data_parallel_shard_degree", -1).value_or(-1);
  const Place place = settings.place_of(in + "data_parallel_shard_degree");
  if (degrees.shard == 0) throw ConfigError(place, in + "data_parallel_shard_degree", "must be -1 (all that is left) or at least 1");
  std::optional<std::int64_t> accelerators;
  if (degrees.shard > 0) accelerators = product_of({degrees.shard, degrees.replicate, degrees.tp, degrees.pp, degrees.cp}, place);
  const std::int64_t dp = replicas_of(settings, accelerators, {degrees.tp, degrees.cp, degrees.pp}, place);
  if (dp % degrees.replicate != 0 || (degrees.shard > 0 && dp != degrees.shard * degrees.replicate))
    throw ConfigError(place, "", "replicas and shards do not make " + std::to_string(dp) + " (correct the degrees or import.accelerators)");
  degrees.shard = dp / degrees.replicate;
  tree.set("plan.tp", degrees.tp, settings.place_of(in + "tensor_parallel_degree"));
  tree.set("plan.pp", degrees.pp, settings.place_of(in + "pipeline_parallel_degree"));
  tree.set("plan.cp", degrees.cp, settings.place_of(in + "context_parallel_degree"));
  tree.set("plan.dp", dp, place);
  if (const auto experts = degree("expert_parallel_degree", 1); experts && *experts > 1)
    tree.set("plan.ep", *experts, settings.place_of(in + "expert_parallel_degree"));
  if (const auto experts = degree("expert_tensor_parallel_degree", 1))
    tree.set("plan.etp", *experts, settings.place_of(in + "expert_tensor_parallel_degree"));
  return degrees;
}

void put_sharding(JobSettings& settings, const TitanDegrees& degrees, JobTree& tree)
{
  const Place place = settings.place_of("parallelism.data_parallel_shard_degree");
  const JobSetting* reshard = settings.take("parallelism.fsdp_reshard_after_forward");
  if (reshard && reshard->text != "default" && reshard->text != "always" && reshard->text != "never")
    throw ConfigError(reshard->place, "fsdp_reshard_after_forward",
                      "'" + shown(reshard->text) + "' is not known here (one of: default, always, never)");
  // With a pipeline the default keeps gathered parameters from one microbatch to the next, and gradients whole until the last.
  const bool keeps = (reshard && reshard->text == "never") || (degrees.pp > 1 && (!reshard || reshard->text == "default"));
  if (degrees.shard > 1 || degrees.cp > 1) {
    const bool once = keeps && degrees.pp > 1;
    tree.set("plan.zero", keeps && !once ? "gradients" : "parameters", reshard ? reshard->place : place);
    if (once) tree.set("plan.reshard", "step", reshard ? reshard->place : place);
    tree.set("plan.overlap.parameters", "true", place);
    if (degrees.replicate > 1) tree.set("plan.zero-group", degrees.shard * degrees.cp, place);
  }
  tree.set("plan.overlap.gradients", "true", place);
  settings.unsupported("training.enable_cpu_offload", "state in host memory is not simulated (leave it out)");
  if (degrees.tp > 1) tree.set("plan.sequence-parallel", "true", settings.place_of("parallelism.tensor_parallel_degree"));
  if (settings.flag("parallelism.enable_async_tensor_parallel") || settings.flag("experimental.enable_async_tensor_parallel"))
    tree.set("plan.overlap.tensor", "true", settings.place_of("parallelism.enable_async_tensor_parallel"));
  if (const JobSetting* rotate = settings.take("parallelism.context_parallel_rotate_method");
      rotate && degrees.cp > 1 && rotate->text != "allgather")
    tree.set("plan.context", "ring", rotate->place); // shards go round by all-to-all, one neighbour at a time
  else if (degrees.cp > 1)
    tree.set("plan.context", "all-gather", settings.place_of("parallelism.context_parallel_degree"));
}

void put_pipeline(JobSettings& settings, const TitanDegrees& degrees, JobTree& tree, std::vector<ImportNote>& notes)
{
  const std::string in = settings.all().contains("experimental.pipeline_parallel_schedule") ? "experimental." : "parallelism.";
  const JobSetting* schedule = settings.take(in + "pipeline_parallel_schedule");
  settings.take(in + "pipeline_parallel_schedule_csv");
  const JobSetting* points = settings.take(in + "pipeline_parallel_split_points");
  const auto each = settings.whole(in + "pipeline_parallel_layers_per_stage", 1, 10'000);
  if (degrees.pp == 1) return;
  struct Known {
    const char *word, *kind;
    int chunks;
  };
  static constexpr Known kinds[] = {{"1F1B", "1f1b", 1},
                                    {"GPipe", "gpipe", 1},
                                    {"Interleaved1F1B", "interleaved-1f1b", 2},
                                    {"LoopedBFS", "breadth-first", 2},
                                    {"ZBVZeroBubble", "zb-v", 2},
                                    {"DualPipeV", "dualpipev", 2}};
  const std::string word = schedule ? schedule->text : "1F1B";
  const auto known = std::find_if(std::begin(kinds), std::end(kinds), [&](const Known& one) { return word == one.word; });
  const Place place = settings.place_of(in + "pipeline_parallel_schedule");
  if (known == std::end(kinds))
    throw ConfigError(place, in + "pipeline_parallel_schedule",
                      "'" + shown(word) + "' is not known here (write plan.schedule, and import without it)");
  tree.set("plan.schedule", known->kind, place);
  tree.set("plan.keep-stage-outputs", "true", place); // torch.distributed.pipelining holds them for backward
  if (known->chunks > 1) tree.set("plan.virtual-stages", known->chunks, place);
  if ((points && points->text != "[]") || each)
    notes.push_back(
        {points ? points->place : settings.place_of(in + "pipeline_parallel_layers_per_stage"),
         "split points are not read: the layers are spread evenly (write plan.stage-layers and plan.virtual-stages for others)"});
}

void put_batch(JobSettings& settings, const TitanDegrees& degrees, JobTree& tree)
{
  const char* const local_name = settings.all().contains("training.batch_size") ? "training.batch_size" : "training.local_batch_size";
  const std::int64_t local = settings.whole(local_name, 1, 10'000'000).value_or(8); // JobConfig's default
  const std::int64_t dp = degrees.shard * degrees.replicate;
  const auto all = settings.whole("training.global_batch_size", -1, 10'000'000);
  tree.set("workload.batch", all && *all > 0 ? *all : local * dp,
           settings.place_of(all && *all > 0 ? "training.global_batch_size" : local_name));
  const char* const micro_name = "parallelism.pipeline_parallel_microbatch_size";
  const auto micro = settings.whole(micro_name, 1, 10'000'000);
  tree.set("plan.microbatch", degrees.pp > 1 ? micro.value_or(1) : local, settings.place_of(degrees.pp > 1 ? micro_name : local_name));
  tree.set("workload.sequence", settings.whole("training.seq_len", 1, 100'000'000).value_or(2048), settings.place_of("training.seq_len"));
  settings.take("training.steps");
}

void put_numbers(JobSettings& settings, JobTree& tree, std::vector<ImportNote>& notes)
{
  const JobSetting *param = settings.take("training.mixed_precision_param"), *reduce = settings.take("training.mixed_precision_reduce");
  const JobSetting* converters = settings.take("model.converters");
  const bool fp8 = converters && (converters->text.find("float8") != std::string::npos || converters->text.find("mx") != std::string::npos);
  const bool full = param && param->text == "float32";
  tree.set("workload.precision",
           fp8    ? "fp8"
           : full ? "fp32"
                  : "bf16",
           fp8 ? converters->place : settings.place_of("training.mixed_precision_param"));
  tree.set("workload.gradients", reduce && reduce->text == "bfloat16" ? "bf16" : "fp32",
           settings.place_of("training.mixed_precision_reduce"));
  const bool compiled = settings.flag("training.compile") || settings.flag("compile.enable");
  tree.set("workload.kernels", compiled ? "compiled" : "eager",
           settings.place_of(settings.all().contains("compile.enable") ? "compile.enable" : "training.compile"));
  // [compile] came with compiled losses; its components are model and loss unless it lists others.
  const JobSetting* components = settings.take("compile.components");
  if (compiled && settings.all().contains("compile.enable") && (!components || components->text.find("loss") != std::string::npos))
    tree.set("workload.loss", "compiled", settings.place_of("compile.enable"));
  if (const JobSetting* optimizer = settings.take("optimizer.name"); optimizer && optimizer->text != "AdamW" && optimizer->text != "Adam")
    throw ConfigError(optimizer->place, "optimizer.name", "'" + shown(optimizer->text) + "' is not simulated (one of: Adam, AdamW)");
  if (const JobSetting* early = settings.take("optimizer.early_step_in_backward"); early && early->text == "true")
    notes.push_back({early->place, "the optimizer steps after backward here, not within it"});
}

void put_recomputation(JobSettings& settings, JobTree& tree)
{
  const JobSetting *mode = settings.take("activation_checkpoint.mode"),
                   *option = settings.take("activation_checkpoint.selective_ac_option");
  const Place place = settings.place_of("activation_checkpoint.mode");
  const std::string word = mode ? mode->text : settings.all().contains("activation_checkpoint.mode") ? "none" : "selective";
  if (word == "full" || word == "none") return tree.set("plan.recompute", word, place);
  if (word != "selective")
    throw ConfigError(place, "activation_checkpoint.mode", "'" + shown(word) + "' is not known here (one of: none, selective, full)");
  const std::string kind = option ? option->text : "2"; // JobConfig's default: every second layer
  if (kind == "1") return tree.set("plan.recompute", "full", place);
  if (kind != "op")
    throw ConfigError(settings.place_of("activation_checkpoint.selective_ac_option"), "activation_checkpoint.selective_ac_option",
                      "recomputing every " + shown(kind) +
                          ". layer is not simulated (write mode = \"full\" or \"none\", or selective_ac_option = \"op\")");
  tree.set("plan.recompute", "alternate-products", place);
}

Imported read(const ForeignText& text, const Node& reading)
{
  JobSettings settings(text.file, reading);
  for (const TomlSetting& setting : read_toml(text)) settings.add(setting.name, setting.text, setting.place);
  JobTree tree(text.file);
  Imported result;
  put_model(settings, tree, result.notes);
  const TitanDegrees degrees = put_degrees(settings, tree);
  put_sharding(settings, degrees, tree);
  put_pipeline(settings, degrees, tree, result.notes);
  put_batch(settings, degrees, tree);
  put_numbers(settings, tree, result.notes);
  put_recomputation(settings, tree);
  settings.finish(unused_names(), result.notes);
  result.tree = tree.take();
  return result;
}

std::vector<FieldDoc> settings() { return record_of<JobReading>().docs(); }
bool recognises(const ForeignText& text)
{
  return text.text.find("[training]") != std::string::npos &&
         (text.text.find("[parallelism]") != std::string::npos || text.text.find("seq_len") != std::string::npos);
}

} // namespace

extern const ImportFormat kind_torchtitan_import_formats;
const ImportFormat kind_torchtitan_import_formats{"torchtitan",
                                                  "torchtitan's TOML configuration (FSDP)",
                                                  "pytorch/torchtitan torchtitan/config/job_config.py",
                                                  ImportSubject::plan,
                                                  recognises,
                                                  settings,
                                                  read};

} // namespace weft
