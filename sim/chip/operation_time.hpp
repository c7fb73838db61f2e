// Time of one kernel-level operation on an accelerator. Roofline with tiles, waves and launch overhead; see docs/theory.md.
#pragma once
#include "model/operator.hpp"
#include "spec/platform.hpp"

namespace weft {

/// Time of `op` on `chip`, kernel overhead included. Throws ConfigError-free LogicError when the chip lacks the precision:
/// callers check first with can_compute.
Seconds operation_time(const Chip& chip, const Operator& op);
/// Sum over a list, or what the host needs to launch it if that is longer.
Seconds operation_time(const Chip& chip, const std::vector<Operator>& ops);
/// Whether the chip has a matrix peak at that precision.
bool can_compute(const Chip& chip, Precision precision);
/// Share of the dense peak a batch of m x n x k products reaches by tiles, waves and depth alone (no memory, no overhead), in (0, 1]. A tile
/// fills and drains its pipeline in the same time whatever the rate: at a rate `faster` than in 16 bits it costs so many times the depth.
double matmul_shape_efficiency(const ComputeModel& compute, const MatrixShape& shape, double faster = 1);

} // namespace weft
