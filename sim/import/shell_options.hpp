// The `--option value` pairs of a shell script or argument file. Scripts are not run: assignments of plain values are followed, so that
// `TP=8 ... --tensor-model-parallel-size $TP` is understood, and nothing else is. Internal to the room.
#pragma once
#include "import/job_settings.hpp"

namespace weft {

/// Adds every option of the text; an option without a value is "true", and underscores in names are dashes.
void add_shell_options(const ForeignText& text, JobSettings& into);

} // namespace weft
