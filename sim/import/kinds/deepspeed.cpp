// DeepSpeed's JSON configuration: batch, numbers, ZeRO. It holds neither the model nor, as a rule, the accelerators: those are the
// scenario's own keys and import.accelerators. "auto", which the Hugging Face Trainer fills in, leaves a value open.
#include "import/job_settings.hpp"

#include "config/value.hpp"

#include <algorithm>

namespace weft {
namespace {

void flatten(const Node& node, const std::string& path, JobSettings& into)
{
  if (node.kind == Node::Kind::list) return into.add(path, one_line(node), node.place);
  if (node.kind != Node::Kind::mapping) return into.add(path, node.text, node.place);
  for (const auto& [key, value] : node.entries) flatten(value, path.empty() ? key : path + "." + key, into);
}

const std::vector<UnusedNames>& unused_names()
{
  static const std::vector<UnusedNames> names{
      {"training mathematics",
       {"optimizer.params.*", "scheduler.*", "gradient_clipping", "prescale_gradients", "gradient_predivide_factor", "sparse_gradients",
        "fp16.*", "bf16.*", "zero_allow_untested_optimizer", "zero_force_ds_cpu_optimizer", "amp.*", "curriculum_learning.*",
        "data_efficiency.*", "progressive_layer_drop.*", "seq_parallel_*"}},
      {"logging and saving",
       {"steps_per_print", "wall_clock_breakdown", "dump_state", "flops_profiler.*", "tensorboard.*", "wandb.*", "csv_monitor.*", "comet.*",
        "monitor_config.*", "comms_logger.*", "checkpoint.*", "load_universal_checkpoint", "nebula.*", "data_types.*", "memory_breakdown",
        "$schema", "comment", "_comment*"}},
      {"ways of writing the same computation",
       {"zero_optimization.contiguous_gradients",
        "zero_optimization.allgather_partitions",
        "zero_optimization.allgather_bucket_size",
        "zero_optimization.reduce_scatter",
        "zero_optimization.sub_group_size",
        "zero_optimization.stage3_*",
        "zero_optimization.round_robin_gradients",
        "zero_optimization.ignore_unused_parameters",
        "zero_optimization.load_from_fp32_weights",
        "zero_optimization.elastic_checkpoint",
        "zero_optimization.memory_efficient_linear",
        "zero_optimization.gather_16bit_weights_on_model_save",
        "zero_optimization.log_trace_cache_warnings",
        "zero_optimization.cpu_offload_*",
        "zero_optimization.prefetch_bucket_size",
        "zero_optimization.param_persistence_threshold",
        "zero_optimization.max_live_parameters",
        "zero_optimization.max_reuse_distance",
        "activation_checkpointing.*",
        "aio.*",
        "disable_allgather",
        "dataloader_drop_last",
        "communication_data_type_sparse",
        "use_node_local_storage",
        "elasticity.*",
        "autotuning.*",
        "managed_gradient_accumulation",
        "graph_harvesting",
        "timers.*",
        "nccl_*"}}};
  return names;
}

std::string kind_of_sharding(std::int64_t stage)
{
  static constexpr const char* kinds[] = {"off", "optimizer", "gradients", "parameters"};
  return kinds[stage];
}

void put_batch(JobSettings& settings, JobTree& tree)
{
  const auto tp = settings.whole("tensor_parallel.autotp_size", 1, 1024);
  const auto batch = settings.whole("train_batch_size", 1, 10'000'000),
             micro = settings.whole("train_micro_batch_size_per_gpu", 1, 10'000'000),
             steps = settings.whole("gradient_accumulation_steps", 1, 10'000'000);
  // Two of the three give the third: batch = microbatch x steps x replicas (DeepSpeed's config-json page, batch size related parameters).
  std::optional<std::int64_t> accelerators;
  if (batch && micro && steps) accelerators = *batch / (*micro * *steps) * tp.value_or(1);
  const Place place = settings.place_of(batch ? "train_batch_size" : "train_micro_batch_size_per_gpu");
  const std::int64_t dp = replicas_of(settings, accelerators, {tp.value_or(1), 1, 1}, place);
  if (!batch && !micro)
    throw ConfigError({settings.file()}, "",
                      "neither train_batch_size nor train_micro_batch_size_per_gpu is given as a number (write one of them)");
  const std::int64_t microbatch =
      micro ? *micro : std::max<std::int64_t>(1, *batch / product_of({steps.value_or(1), std::max<std::int64_t>(1, dp)}, place));
  const std::int64_t all = batch ? *batch : product_of({microbatch, steps.value_or(1), dp}, place);
  const std::int64_t each_pass = product_of({microbatch, std::max<std::int64_t>(1, dp)}, place),
                     passes = steps.value_or(std::max<std::int64_t>(1, all / each_pass));
  if (dp == 0 || passes > all || all != each_pass * passes)
    throw ConfigError(place, "",
                      "a batch of " + std::to_string(all) + " is not microbatch x accumulation steps x replicas, " +
                          std::to_string(microbatch) + " x " + std::to_string(passes) + " x " + std::to_string(dp) +
                          " (correct one of them)");
  if (tp) tree.set("plan.tp", *tp, settings.place_of("tensor_parallel.autotp_size"));
  tree.set("plan.dp", dp, place);
  tree.set("plan.microbatch", microbatch, settings.place_of("train_micro_batch_size_per_gpu"));
  tree.set("workload.batch", all, place);
}

std::string precision_word(const JobSetting& setting, const std::string& name)
{
  const std::string& word = setting.text;
  if (word == "fp32" || word == "fp16") return word;
  if (word == "bf16" || word == "bfp16") return "bf16";
  throw ConfigError(setting.place, name, "'" + shown(word) + "' is not known here (one of: fp32, fp16, bf16)");
}

void put_numbers(JobSettings& settings, JobTree& tree)
{
  const bool fp16 = settings.flag("fp16.enabled"), bf16 = settings.flag("bf16.enabled") || settings.flag("bfloat16.enabled");
  if (fp16 && bf16) throw ConfigError(settings.place_of("bf16.enabled"), "bf16.enabled", "fp16 and bf16 are both on (keep one)");
  const std::string precision = fp16 ? "fp16" : bf16 ? "bf16" : "fp32";
  tree.set("workload.precision", precision, settings.place_of(fp16 ? "fp16.enabled" : "bf16.enabled"));
  // Gradients travel in the computing precision unless a type of their own is given.
  std::string gradients = precision;
  Place place = settings.place_of(fp16 ? "fp16.enabled" : "bf16.enabled");
  for (const char* name : {"data_types.grad_accum_dtype", "communication_data_type"})
    if (const JobSetting* type = settings.take(name)) gradients = precision_word(*type, name), place = type->place;
  tree.set("workload.gradients", gradients, place);
}

void put_sharding(JobSettings& settings, JobTree& tree)
{
  const std::string zero = "zero_optimization.";
  const std::int64_t stage = settings.whole(zero + "stage", 0, 3).value_or(0);
  tree.set("plan.zero", kind_of_sharding(stage), settings.place_of(zero + "stage"));
  for (const std::string part : {"offload_optimizer", "offload_param"}) {
    const JobSetting* device = settings.take(zero + part + ".device");
    if (device && device->text != "none")
      throw ConfigError(device->place, zero + part, "state in host memory or on disks is not simulated (leave it out)");
    for (const char* rest : {"pin_memory", "nvme_path", "buffer_count", "buffer_size", "max_in_cpu", "fast_init", "ratio", "pipeline_read",
                             "pipeline_write", "pipeline"})
      settings.take(zero + part + "." + rest);
  }
  settings.unsupported(zero + "cpu_offload", "state in host memory is not simulated (leave it out)");
  for (const char* quantized : {"zero_quantized_weights", "zero_quantized_gradients", "zero_quantized_nontrainable_weights"})
    settings.unsupported(zero + quantized, "quantised communication is not simulated (leave it out)");
  const bool overlaps = settings.choice(zero + "overlap_comm").value_or(stage == 3); // on by default for stage 3 only
  if (overlaps) tree.set("plan.overlap.gradients", "true", settings.place_of(zero + "overlap_comm"));
  if (overlaps && stage == 3) tree.set("plan.overlap.parameters", "true", settings.place_of(zero + "overlap_comm"));
  // A bucket counts elements, of 2 bytes in half precision.
  const bool half = settings.flag("fp16.enabled") || settings.flag("bf16.enabled") || settings.flag("bfloat16.enabled");
  if (const auto bucket = settings.whole(zero + "reduce_bucket_size", 0); bucket && *bucket > 0 && stage > 0) {
    const std::int64_t megabytes = std::clamp<std::int64_t>(*bucket * (half ? 2 : 4) / 1'000'000, 1, 1'000'000);
    if (overlaps && stage < 3) tree.set("plan.bucket-megabytes", megabytes, settings.place_of(zero + "reduce_bucket_size"));
    tree.set("plan.reduction-buffer", std::to_string(megabytes) + " MB", settings.place_of(zero + "reduce_bucket_size"));
  }
  for (const std::string group : {"mics_shard_size", "zero_hpz_partition_size"}) {
    const auto size = settings.whole(zero + group, -1, 1'000'000);
    if (!size || *size <= 1) continue;
    if (group == "zero_hpz_partition_size")
      throw ConfigError(settings.place_of(zero + group), zero + group,
                        "a second copy of the parameters in a node is not simulated (leave it out, or write plan.zero-group)");
    tree.set("plan.zero-group", *size, settings.place_of(zero + group));
  }
  settings.take(zero + "mics_hierarchical_params_gather");
}

void put_optimizer(JobSettings& settings, JobTree& tree)
{
  const JobSetting* type = settings.take("optimizer.type");
  if (!type) return;
  std::string word = type->text;
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (word == "sgd")
    tree.set("workload.optimizer", "sgd", type->place);
  else if (word != "adam" && word != "adamw" && word != "fusedadam")
    throw ConfigError(type->place, "optimizer.type", "'" + shown(type->text) + "' is not simulated (one of: Adam, AdamW, SGD)");
}

Imported read(const ForeignText& text, const Node& reading)
{
  const Node root = read_yaml_text(text.text, text.file); // JSON is YAML
  if (root.kind != Node::Kind::mapping) refuse(root, "expected a mapping of settings");
  JobSettings settings(text.file, reading);
  flatten(root, "", settings);
  JobTree tree(text.file);
  put_batch(settings, tree);
  put_numbers(settings, tree);
  put_sharding(settings, tree);
  put_optimizer(settings, tree);
  settings.unsupported("sparse_attention.mode", "sparse attention is not simulated (leave it out)");
  settings.unsupported("compression_training", "compressed training is not simulated (leave it out)");
  Imported result;
  result.notes.push_back({{text.file}, "DeepSpeed's file has neither model nor sequence: add workload.model and workload.sequence"});
  settings.finish(unused_names(), result.notes);
  result.tree = tree.take();
  return result;
}

std::vector<FieldDoc> settings() { return record_of<JobReading>().docs(); }
bool recognises(const ForeignText& text)
{
  const std::size_t first = text.text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || text.text[first] != '{') return false;
  for (const char* key : {"\"train_batch_size\"", "\"train_micro_batch_size_per_gpu\"", "\"zero_optimization\""})
    if (text.text.find(key) != std::string::npos) return true;
  return false;
}

} // namespace

extern const ImportFormat kind_deepspeed_import_formats;
const ImportFormat kind_deepspeed_import_formats{"deepspeed",
                                                 "DeepSpeed's JSON configuration",
                                                 "deepspeedai/DeepSpeed docs/_pages/config-json.md",
                                                 ImportSubject::plan,
                                                 recognises,
                                                 settings,
                                                 read};

} // namespace weft
