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

/// Rate at a precision in multiples of that in 16 bits, at least 1.
double faster_than_16_bits(const Chip& chip, Precision precision)
{
  const auto sixteen = chip.peak.find(chip.peak.contains(Precision::bf16) ? Precision::bf16 : Precision::fp16);
  return sixteen == chip.peak.end() ? 1 : std::max(1.0, peak_of(chip, precision) / sixteen->second);
}

/// What a product keeps of its rate for the scales of its operands.
double scaling_share(const ComputeModel& c, const Operator& op)
{
  if (op.precision != Precision::fp8 || op.scaling == Fp8Scaling::tensor) return 1;
  return op.scaling == Fp8Scaling::row ? c.fp8_row_share : c.fp8_block_share;
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

/// Bandwidth at which the dies of a package reach memory that is spread over all of them: of the bytes that one of k dies moves, the
/// share r comes over its links to the others. After the interleaved memory of Arunkumar et al., MCM-GPU, ISCA 2017, section 3.
Bandwidth memory_bandwidth(const Chip& chip)
{
  const Dies& dies = chip.dies;
  const Bandwidth own = chip.memory_bandwidth * chip.compute.memory_efficiency;
  const double k = dies.count, remote = dies.remote_share.value_or((k - 1) / k);
  if (dies.bandwidth <= Bandwidth(0) || remote <= 0) return own;
  return std::min(own, dies.bandwidth * (k / remote));
}

/// Streaming kernels run in the memory where it computes (Lee et al., ISCA 2021), everything else moves its bytes over the memory's pins.
Bandwidth bandwidth_for(const Chip& chip, const Operator& op)
{
  if (op.kind != OperatorKind::streaming) return memory_bandwidth(chip);
  const Bandwidth outside = memory_bandwidth(chip) * chip.compute.streaming_share;
  return std::max(outside, chip.near_memory.bandwidth * chip.compute.memory_efficiency);
}

/// Batched products of attention over heads that are no whole 16-byte words (of 108 values, say) cannot be loaded the way matrix units need it (NVIDIA,
/// "Matrix Multiplication Background": dimensions should be multiples of 16 bytes). The share of the rate they keep is fitted on the four runs of the
/// BLOOM sweep with heads of 108 values, which take 1.3 to 1.4 times as long as their neighbours.
double alignment_efficiency(const MatrixShape& shape, Precision storage)
{
  const double word = Bytes(16) / bytes_of(storage);
  const double head = shape.m == shape.n ? shape.k : shape.m == shape.k ? shape.n : 0; // tokens by tokens, and the width of a head
  return shape.batch > 1 && std::fmod(head, word) != 0 ? 0.1 : 1;
}

} // namespace

bool can_compute(const Chip& chip, Precision precision) { return chip.peak.contains(precision); }

// Tiles and waves as in NVIDIA's "Matrix Multiplication Background" guide: the output is cut into tiles, one per multiprocessor at a
// time. Either orientation and half the columns may be chosen, as libraries do; half tiles keep `small_tile_efficiency`.
double matmul_shape_efficiency(const ComputeModel& compute, const MatrixShape& shape, double faster)
{
  const double rows = compute.tile_rows, columns = compute.tile_columns;
  const double full = std::max(wave_efficiency(compute, shape, rows, columns), wave_efficiency(compute, shape, columns, rows));
  const double half = std::max(wave_efficiency(compute, shape, rows, columns / 2), wave_efficiency(compute, shape, columns / 2, rows));
  const double best = std::max(full, half * compute.small_tile_efficiency);
  return std::min(1.0, best) * shape.k / (shape.k + compute.depth_half * faster);
}

// Arithmetic and memory traffic overlap imperfectly: their times combine as a 2-norm, which lies between the roofline's maximum
// (full overlap) and the sum (none).
Seconds operation_time(const Chip& chip, const Operator& op)
{
  const ComputeModel& c = chip.compute;
  const Seconds memory = (op.bytes + c.ramp * op.kernels) / bandwidth_for(chip, op);
  Seconds arithmetic{};
  if (op.kind == OperatorKind::matmul)
    arithmetic = op.flops / (peak_of(chip, op.precision) * (sustained_share(c, op.precision) * scaling_share(c, op) * matmul_shape_efficiency(c, op.shape, faster_than_16_bits(chip, op.precision)) *
                                                         alignment_efficiency(op.shape, op.precision)));
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
