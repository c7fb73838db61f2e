// Megatron-LM's vocabulary, under its option names without dashes in front: its scripts write it so, NeMo's YAML with underscores.
// Internal to the room.
#pragma once
#include "import/job_settings.hpp"

namespace weft {

/// Whose defaults hold for what a file does not say.
enum class MegatronStyle { megatron, nemo };

/// The scenario's keys for settings in Megatron-LM's names; `accelerators` are those the file's launcher counts.
Imported megatron_job(JobSettings& settings, MegatronStyle style, std::optional<std::int64_t> accelerators);

/// What has no effect here, by reason.
const std::vector<UnusedNames>& unused_in_megatron();

/// The parts of it, each with the settings it takes.
void put_megatron_model(JobSettings& settings, MegatronStyle style, JobTree& tree, std::vector<ImportNote>& notes);
void put_megatron_experts(JobSettings& settings, JobTree& tree, std::vector<ImportNote>& notes);
void put_megatron_plan(JobSettings& settings, MegatronStyle style, std::optional<std::int64_t> accelerators, JobTree& tree,
                       std::vector<ImportNote>& notes);
void put_megatron_numbers(JobSettings& settings, MegatronStyle style, JobTree& tree, std::vector<ImportNote>& notes);

} // namespace weft
