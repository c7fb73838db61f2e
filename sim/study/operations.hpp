// Published microbenchmarks of single kernels: matrix products, fused attention, streaming. A table holds them beside or instead of its rows.
//
//   operations:
//     - {id: GEMM 8192, chip: a100-sxm4-80, matmul: {m: 8192, n: 8192, k: 8192}, precision: fp16, rate: 253.7 TFLOP/s}
//     - {id: attention, chip: a100-sxm4-80, attention: {batch: 2, heads: 16, head-dim: 64, sequence: 8192}, rate: 179.5 TFLOP/s}
//     - {id: copy, chip: a100-sxm4-80, copy: 4 GB, bandwidth: 1.61 TB/s}
#pragma once
#include "config/record.hpp"
#include "spec/reader.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weft {

/// One product (m x k)(k x n).
struct PublishedProduct {
  int m = 0, n = 0, k = 0;
};
template <> const Record<PublishedProduct>& record_of<PublishedProduct>();

/// One fused attention forward, causal.
struct PublishedAttention {
  int batch = 1, heads = 16, head_dim = 0, sequence = 0;
};
template <> const Record<PublishedAttention>& record_of<PublishedAttention>();

/// One kernel on one chip: one of matmul, attention and copy, with what was measured.
struct PublishedOperation {
  std::string id, source;
  Word chip;
  std::optional<PublishedProduct> matmul;
  std::optional<PublishedAttention> attention;
  std::optional<Bytes> copy; ///< bytes read and written
  Precision precision = Precision::bf16;
  std::optional<FlopRate> rate;       ///< of matmul and attention (the half of the square that a causal mask leaves)
  std::optional<Bandwidth> bandwidth; ///< of copy
  double training_share = 1;          ///< of a short run's rate, what long ones keep: the chip's constants speak of those
};
template <> const Record<PublishedOperation>& record_of<PublishedOperation>();

/// One kernel compared.
struct ValidatedOperation {
  PublishedOperation published;
  std::string problem; ///< why it could not be timed; empty when it was
  FlopRate rate;       ///< as the chip's constants give it
  Bandwidth bandwidth;
  std::optional<double> error; ///< of the time: simulated / published - 1
};

/// Times every kernel on its chip.
std::vector<ValidatedOperation> time_operations(const std::vector<PublishedOperation>& operations, const DataFolder& data);

} // namespace weft
