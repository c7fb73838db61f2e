// NeMo's YAML and other YAML in Megatron-LM's words (tensor_model_parallel_size): keys of `model` and flat ones are Megatron-LM's options
// with underscores, `trainer` counts the accelerators and names the precision, `optim` says how the optimizer is distributed.
#include "import/megatron.hpp"

#include "config/value.hpp"

#include <algorithm>

namespace weft {
namespace {

bool is_plain(const Node& node) { return node.kind == Node::Kind::scalar || node.kind == Node::Kind::null; }

/// Keys of the mapping and the mappings in it, dotted, with dashes; `model.` is left out.
void flatten(const Node& node, const std::string& path, JobSettings& into)
{
  if (is_plain(node)) return into.add(path, node.text, node.place);
  if (node.kind == Node::Kind::list) return into.add(path, one_line(node), node.place);
  for (const auto& [key, value] : node.entries) {
    std::string name = key;
    std::replace(name.begin(), name.end(), '_', '-');
    const bool transparent = path.empty() && (name == "model" || name == "model-parallel" || name == "language-model") && !is_plain(value);
    flatten(value, transparent ? "" : path.empty() ? name : path + "." + name, into);
  }
}

/// `trainer.precision` and NeMo's own words, in Megatron-LM's.
void put_in_words_of_megatron(JobSettings& settings)
{
  const auto say = [&](const char* name, const char* value, const Place& place) {
    if (!settings.all().contains(name)) settings.add(name, value, place);
  };
  if (const JobSetting* precision = settings.take("trainer.precision")) {
    const std::string& word = precision->text;
    if (word.starts_with("bf16"))
      say("bf16", "true", precision->place);
    else if (word.starts_with("16"))
      say("fp16", "true", precision->place);
    else if (!word.starts_with("32"))
      throw ConfigError(precision->place, "trainer.precision",
                        "'" + shown(word) + "' is not known here (one of: bf16, bf16-mixed, 16, 16-mixed, 32)");
  }
  if (settings.flag("fp8")) say("fp8-format", "hybrid", settings.place_of("fp8"));
  if (const auto flash = settings.choice("use-flash-attention"))
    say("attention-backend", *flash ? "flash" : "unfused", settings.place_of("use-flash-attention"));
}

Imported read(const ForeignText& text, const Node& reading)
{
  const Node root = read_yaml_text(text.text, text.file);
  if (root.kind != Node::Kind::mapping) refuse(root, "expected a mapping of settings");
  JobSettings settings(text.file, reading);
  flatten(root, "", settings);
  put_in_words_of_megatron(settings);
  const auto devices = settings.whole("trainer.devices", 1, 1024), nodes = settings.whole("trainer.num-nodes", 1, 1'000'000);
  std::optional<std::int64_t> accelerators;
  if (devices) accelerators = *devices * nodes.value_or(1);
  return megatron_job(settings, MegatronStyle::nemo, accelerators);
}

std::vector<FieldDoc> settings() { return record_of<JobReading>().docs(); }
bool recognises(const ForeignText& text)
{
  return text.text.find("tensor_model_parallel_size:") != std::string::npos ||
         text.text.find("pipeline_model_parallel_size:") != std::string::npos;
}

} // namespace

extern const ImportFormat kind_nemo_import_formats;
const ImportFormat kind_nemo_import_formats{"nemo",
                                            "a YAML configuration in Megatron-LM's words, as NeMo writes it",
                                            "NVIDIA/NeMo examples/nlp/language_modeling/conf/megatron_gpt_config.yaml",
                                            ImportSubject::plan,
                                            recognises,
                                            settings,
                                            read};

} // namespace weft
