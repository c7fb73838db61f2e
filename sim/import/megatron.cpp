// Megatron-LM's option names, read after megatron/training/arguments.py and the options' help texts (NVIDIA/Megatron-LM): batch and
// numbers. The model is in megatron_model.cpp, the plan in megatron_plan.cpp, what has no effect in megatron_unused.cpp.
#include "import/megatron.hpp"

#include "units/text.hpp"

namespace weft {

void put_megatron_numbers(JobSettings& settings, MegatronStyle style, JobTree& tree, std::vector<ImportNote>& notes)
{
  const std::optional<std::int64_t> batch = settings.whole("global-batch-size", 1, 10'000'000);
  if (batch) tree.set("workload.batch", *batch, settings.place_of("global-batch-size"));
  const char* const sequence_name = settings.take("seq-length") ? "seq-length" : "encoder-seq-length";
  const std::optional<std::int64_t> sequence = settings.whole(sequence_name, 1, 100'000'000);
  if (sequence) tree.set("workload.sequence", *sequence, settings.place_of(sequence_name));
  const auto tokens = [&](const char* name, double each) {
    if (const std::optional<double> count = settings.number(name); count && each > 0 && *count > 0 && !tree.has("workload.token-budget"))
      tree.set("workload.token-budget", exact_text(*count * each), settings.place_of(name));
  };
  tokens("train-tokens", 1);
  tokens("train-samples", static_cast<double>(sequence.value_or(0)));
  tokens("train-iters", static_cast<double>(sequence.value_or(0)) * static_cast<double>(batch.value_or(0)));

  // --bf16 switches accumulation in fp32 on; with --fp16 it is an option of its own.
  const bool fp16 = settings.flag("fp16"), bf16 = settings.flag("bf16");
  const bool fp8 = settings.take("fp8-format") || settings.take("fp8") ? true : false;
  const char* const shown_by = fp8 ? (settings.take("fp8-format") ? "fp8-format" : "fp8") : fp16 ? "fp16" : "bf16";
  tree.set("workload.precision", fp8 ? "fp8" : fp16 ? "fp16" : bf16 ? "bf16" : "fp32", settings.place_of(shown_by));
  const bool in_fp32 = settings.flag("accumulate-allreduce-grads-in-fp32") || bf16 || (!fp16 && !bf16);
  const bool reduced = settings.flag("grad-reduce-in-bf16");
  tree.set("workload.gradients",
           reduced   ? "bf16"
           : in_fp32 ? "fp32"
                     : "fp16",
           settings.place_of(reduced ? "grad-reduce-in-bf16" : "accumulate-allreduce-grads-in-fp32"));

  const JobSetting* backend = settings.take("attention-backend");
  const bool flash = settings.flag("use-flash-attn") || settings.flag("use-flash-attention");
  const bool unfused = backend && (backend->text == "unfused" || backend->text == "local");
  tree.set("workload.attention", unfused ? "unfused" : "flash", settings.place_of(backend ? "attention-backend" : "use-flash-attn"));
  if (!backend && !flash && style == MegatronStyle::megatron)
    notes.push_back({{settings.file()},
                     "the file does not say which attention kernels run: fused ones, as in Megatron-LM since 2023 (write "
                     "workload.attention: unfused for older versions)"});
  if (settings.flag("enable-cuda-graph") || settings.flag("external-cuda-graph") || settings.take("cuda-graph-impl"))
    tree.set("workload.cuda-graphs", "true", settings.place_of("enable-cuda-graph"));
}

Imported megatron_job(JobSettings& settings, MegatronStyle style, std::optional<std::int64_t> accelerators)
{
  JobTree tree(settings.file());
  Imported result;
  put_megatron_model(settings, style, tree, result.notes);
  put_megatron_experts(settings, tree, result.notes);
  put_megatron_numbers(settings, style, tree, result.notes);
  put_megatron_plan(settings, style, accelerators, tree, result.notes);
  settings.finish(unused_in_megatron(), result.notes);
  result.tree = tree.take();
  return result;
}

} // namespace weft
