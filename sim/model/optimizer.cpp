// Operators of the optimizer's step.
#include "model/decoder.hpp"
#include "model/matrix.hpp"

namespace weft {
namespace {

/// The update of `parameters`: every kind reads an fp32 gradient, reads and writes an fp32 master weight, and writes the 2-byte weight.
Operator update(OptimizerKind kind, double parameters)
{
  const double common = 4 + 2 * 4 + 2;
  switch (kind) {
  case OptimizerKind::adam: // two fp32 moments, read and written (Kingma & Ba 2015, arXiv:1412.6980): 30 bytes
    return streaming("adam", Bytes(common + 2 * 2 * 4) * parameters);
  case OptimizerKind::adam_8bit: // one-byte moments with an fp32 scale per 2,048 of them (Dettmers et al. 2021, arXiv:2110.02861, section
                                 // 2)
    return streaming("adam 8-bit", Bytes(common + 2 * 2 * (1 + 4.0 / 2048)) * parameters);
  case OptimizerKind::adam_bf16: // DeepSeek-V3 (arXiv:2412.19437), section 3.3.3
    return streaming("adam bf16", Bytes(common + 2 * 2 * 2) * parameters);
  case OptimizerKind::sgd: // one fp32 momentum
    return streaming("sgd", Bytes(common + 2 * 4) * parameters);
  }
  throw LogicError("an optimizer without an update");
}

} // namespace

OptimizerOperators optimizer_operators(const Workload& workload, double parameters)
{
  const Bytes gradient = bytes_of(workload.gradients);
  return {.norm = {streaming("gradient copy", (gradient + Bytes(4)) * parameters), streaming("gradient norm", Bytes(4) * parameters, 2)},
          .update = {streaming("gradient clip", Bytes(8) * parameters), update(workload.execution.optimizer, parameters),
                     streaming("zero gradients", gradient * parameters)}};
}

} // namespace weft
