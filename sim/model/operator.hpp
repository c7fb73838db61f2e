// One kernel of a network on one accelerator: what it computes and what it moves. Knows no machine.
#pragma once
#include "spec/recompute.hpp"
#include "spec/workload.hpp"
#include "units/quantity.hpp"

#include <string>
#include <vector>

namespace weft {

/// `batch` independent products of (m x k) by (k x n).
struct MatrixShape {
  double batch = 1, m = 0, n = 0, k = 0;
  [[nodiscard]] Flops flops() const { return Flops(2 * batch * m * n * k); }
};

enum class OperatorKind {
  matmul,            ///< one batched matrix product
  attention_forward, ///< fused (flash) attention
  attention_backward,
  streaming, ///< memory-bound: normalisation, activation, softmax, dropout, optimizer, embedding
  copy       ///< bytes moved as they are
};

/// One kernel (or `kernels` equal ones in a row).
struct Operator {
  std::string name{}; ///< "qkv", "scores", "softmax", "fc1 dgrad", ...
  OperatorKind kind = OperatorKind::streaming;
  MatrixShape shape{}; ///< of a matmul
  Precision precision = Precision::bf16;
  Flops flops{};   ///< arithmetic that runs, matmul and attention only
  Flops counted{}; ///< what MFU and HFU count for it: attention without the causal saving
  double useful = 1; ///< share of `counted` that MFU counts: rows that fill experts up to their capacity are no model flops
  Fp8Scaling scaling = Fp8Scaling::tensor; ///< of an fp8 product's operands
  AttentionKernel attention = AttentionKernel::flash; ///< generation of a fused attention kernel
  Bytes bytes{};   ///< read and written in device memory
  int kernels = 1; ///< launches
  Seconds host{};  ///< the host needs to launch them; 0: it is never waited for
  Recompute repeated_by = Recompute::none; ///< the kind of recomputation that runs it again in backward
  bool again = false;                      ///< it runs a second time: no model flops
};

} // namespace weft
