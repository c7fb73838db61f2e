// Megatron-LM's options as its users publish them: a shell script, or a file of arguments. The launcher's counts give the accelerators.
#include "import/megatron.hpp"
#include "import/shell_options.hpp"

namespace weft {
namespace {

Imported read(const ForeignText& text, const Node& reading)
{
  JobSettings settings(text.file, reading);
  add_shell_options(text, settings);
  const auto first_of = [&](std::initializer_list<const char*> names, std::int64_t high) -> std::optional<std::int64_t> {
    for (const char* name : names)
      if (settings.all().contains(name)) return settings.whole(name, 1, high);
    return {};
  };
  const auto per_node = first_of({"nproc-per-node", "gpus-per-node", "ntasks-per-node"}, 1024),
             nodes = first_of({"nnodes", "nodes"}, 1'000'000);
  std::optional<std::int64_t> accelerators = settings.whole("world-size", 1, 1'000'000);
  if (per_node) accelerators = *per_node * nodes.value_or(1);
  return megatron_job(settings, MegatronStyle::megatron, accelerators);
}

std::vector<FieldDoc> settings() { return record_of<JobReading>().docs(); }
bool recognises(const ForeignText& text)
{
  for (const char* option :
       {"--tensor-model-parallel-size", "--pipeline-model-parallel-size", "--num-attention-heads", "--micro-batch-size"})
    if (text.text.find(option) != std::string::npos) return true;
  return false;
}

} // namespace

extern const ImportFormat kind_megatron_import_formats;
const ImportFormat kind_megatron_import_formats{"megatron",
                                                "options of Megatron-LM: a shell script or an argument file",
                                                "NVIDIA/Megatron-LM megatron/training/arguments.py and examples/",
                                                ImportSubject::plan,
                                                recognises,
                                                settings,
                                                read};

} // namespace weft
