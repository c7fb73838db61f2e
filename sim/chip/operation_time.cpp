#include "chip/operation_time.hpp"

#include "config/error.hpp"

#include <algorithm>
#include <cmath>

namespace weft {
namespace {

FlopRate peak_of(const Chip& chip, Precision precision)
{
  const auto found = chip.peak.find(precision);
  if (found == chip.peak.end()) throw LogicError("chip " + chip.name + " has no " + name_of(precision) + " peak");
  return found->second;
}

double sustained_share(const ComputeModel& c, Precision precision)
{
  return precision == Precision::fp8 && c.matmul_efficiency_fp8 > 0 ? c.matmul_efficiency_fp8 : c.matmul_efficiency;
}

/// Share of peak of a fused attention kernel by generation. Dao 2023 (arXiv:2307.08691, sections 1 and 4) gives 30 to 50 % of peak forward and
/// 25 to 35 % backward for the first generation, up to 73 % and 63 % for the second: 0.40 / 0.73 and 0.30 / 0.63 where a chip has no figure.
double attention_share(const ComputeModel& c, const Operator& op)
{
  const bool forward = op.kind == OperatorKind::attention_forward;
  const double second = forward ? c.attention_efficiency_forward : c.attention_efficiency_backward;
  const double first = forward ? c.first_attention_forward : c.first_attention_backward;
  const double third = forward ? c.third_attention_forward : c.third_attention_backward;
  if (op.attention == AttentionKernel::flash_1) return first > 0 ? first : second * (forward ? 0.55 : 0.48);
  if (op.attention == AttentionKernel::flash_3 && third > 0) return third;
  return second;
}

/// Output computed over output area the machine spends time on, for one tile size: partly filled tiles and the last wave count in full.
double wave_efficiency(const ComputeModel& compute, const MatrixShape& shape, double rows, double columns)
{
  const double tiles = shape.batch * std::ceil(shape.m / rows) * std::ceil(shape.n / columns);
  const double waves = std::ceil(tiles / compute.multiprocessors);
  return shape.batch * shape.m * shape.n / (waves * compute.multiprocessors * rows * columns);
}

} // namespace

bool can_compute(const Chip& chip, Precision precision) { return chip.peak.contains(precision); }

// Tiles and waves as in NVIDIA's "Matrix Multiplication Background" guide: the output is cut into tiles, one per multiprocessor at a
// time. Either orientation and half the columns may be chosen, as libraries do; half tiles keep `small_tile_efficiency`.
double matmul_shape_efficiency(const ComputeModel& compute, const MatrixShape& shape)
{
  const double rows = compute.tile_rows, columns = compute.tile_columns;
  const double full = std::max(wave_efficiency(compute, shape, rows, columns), wave_efficiency(compute, shape, columns, rows));
  const double half = std::max(wave_efficiency(compute, shape, rows, columns / 2), wave_efficiency(compute, shape, columns / 2, rows));
  const double best = std::max(full, half * compute.small_tile_efficiency);
  return std::min(1.0, best) * shape.k / (shape.k + compute.depth_half);
}

// Arithmetic and memory traffic overlap imperfectly: their times combine as a 2-norm, which lies between the roofline's maximum
// (full overlap) and the sum (none).
Seconds operation_time(const Chip& chip, const Operator& op)
{
  const ComputeModel& c = chip.compute;
  const Seconds memory = (op.bytes + c.ramp * op.kernels) / (chip.memory_bandwidth * c.memory_efficiency);
  Seconds arithmetic{};
  if (op.kind == OperatorKind::matmul)
    arithmetic = op.flops / (peak_of(chip, op.precision) * (sustained_share(c, op.precision) * matmul_shape_efficiency(c, op.shape)));
  if (op.kind == OperatorKind::attention_forward || op.kind == OperatorKind::attention_backward)
    arithmetic = op.flops / (peak_of(chip, op.precision) * attention_share(c, op));
  return c.kernel_overhead * op.kernels + Seconds(std::sqrt(arithmetic.base() * arithmetic.base() + memory.base() * memory.base()));
}

Seconds operation_time(const Chip& chip, const std::vector<Operator>& ops)
{
  Seconds device{}, host{};
  for (const Operator& op : ops) {
    device += operation_time(chip, op);
    host += op.host;
  }
  return std::max(device, host); // the host launches ahead of the device: whoever needs longer sets the pace
}

} // namespace weft
