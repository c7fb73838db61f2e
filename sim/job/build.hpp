// From scenario to job: the training step of a decoder transformer under a parallel plan, or one bare collective.
#pragma once
#include "job/job.hpp"
#include "job/memory.hpp"
#include "spec/scenario.hpp"

namespace weft {

/// Builds the job. Throws ConfigError where plan, model and machine do not go together (spec/reader refuses most of it earlier).
Job build_job(const Scenario& scenario);

} // namespace weft
