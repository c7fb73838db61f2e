#include "study/operations.hpp"

#include "chip/operation_time.hpp"
#include "config/error.hpp"
#include "model/matrix.hpp"

#include <algorithm>

namespace weft {
namespace {

constexpr int most = 100'000'000;

Check<int> size() { return in_range(1, most); }

} // namespace

template <> const Record<PublishedProduct>& record_of<PublishedProduct>()
{
  static const Record<PublishedProduct> record = Record<PublishedProduct>("matmul", "one product (m x k)(k x n)")
                                                     .required("m", &PublishedProduct::m, "rows of the result", size())
                                                     .required("n", &PublishedProduct::n, "columns of the result", size())
                                                     .required("k", &PublishedProduct::k, "inner dimension", size());
  return record;
}

template <> const Record<PublishedAttention>& record_of<PublishedAttention>()
{
  static const Record<PublishedAttention> record =
      Record<PublishedAttention>("attention", "one fused attention forward, causal")
          .optional("batch", &PublishedAttention::batch, "samples", size())
          .optional("heads", &PublishedAttention::heads, "attention heads", size())
          .required("head-dim", &PublishedAttention::head_dim, "width of one head", size())
          .required("sequence", &PublishedAttention::sequence, "tokens of a sample", size());
  return record;
}

template <> const Record<PublishedOperation>& record_of<PublishedOperation>()
{
  static const Record<PublishedOperation> record =
      Record<PublishedOperation>("operation", "one kernel on one chip")
          .required("id", &PublishedOperation::id, "name in the report")
          .optional("source", &PublishedOperation::source, "where exactly in the source")
          .required("chip", &PublishedOperation::chip, "chip preset")
          .optional("matmul", &PublishedOperation::matmul, "a matrix product")
          .optional("attention", &PublishedOperation::attention, "a fused attention forward")
          .optional("copy", &PublishedOperation::copy, "bytes a streaming kernel reads and writes",
                    {"above zero", [](const std::optional<Bytes>& v) { return !v || *v > Bytes(0); }})
          .optional("precision", &PublishedOperation::precision, "of a product or of attention")
          .optional("rate", &PublishedOperation::rate, "published rate of a product or of attention",
                    {"above zero", [](const std::optional<FlopRate>& v) { return !v || *v > FlopRate(0); }})
          .optional("bandwidth", &PublishedOperation::bandwidth, "published bandwidth of a copy",
                    {"above zero", [](const std::optional<Bandwidth>& v) { return !v || *v > Bandwidth(0); }})
          .optional("training-share", &PublishedOperation::training_share,
                    "share of its rate that a product keeps from a short run to training, of which the chip's constants speak", fraction())
          .rule([](const Node& node, const PublishedOperation& op) {
            const int kinds = (op.matmul ? 1 : 0) + (op.attention ? 1 : 0) + (op.copy ? 1 : 0);
            if (kinds != 1) refuse(node, "an operation is one of matmul, attention and copy (write one)");
            if (op.copy ? !op.bandwidth || op.rate : !op.rate || op.bandwidth)
              refuse(node, op.copy ? "a copy needs its published bandwidth (write bandwidth)" : "needs its published rate (write rate)");
          });
  return record;
}

namespace {

/// The kernel as the layers of a model would hold it.
Operator kernel_of(const PublishedOperation& op)
{
  if (op.matmul)
    return matmul("product", {1, double(op.matmul->m), double(op.matmul->n), double(op.matmul->k)}, op.precision,
                  op.precision == Precision::fp8 ? Precision::fp8 : Precision::bf16);
  if (op.copy) {
    Operator kernel = streaming("copy", *op.copy);
    kernel.kind = OperatorKind::copy;
    return kernel;
  }
  const PublishedAttention& a = *op.attention;
  const double tokens = double(a.batch) * a.sequence, width = double(a.heads) * a.head_dim;
  Operator kernel = streaming("attention", Bytes(8) * tokens * width); // queries, keys, values and output
  kernel.kind = OperatorKind::attention_forward;
  kernel.precision = op.precision;
  kernel.flops = kernel.counted = Flops(2 * tokens * a.sequence * width); // two products over half of the square
  return kernel;
}

ValidatedOperation timed(const PublishedOperation& op, const DataFolder& data)
{
  ValidatedOperation result{op, {}, {}, {}, {}};
  try {
    Chip chip = read_chip(op.chip, data);
    for (double* share : {&chip.compute.matmul_efficiency, &chip.compute.matmul_efficiency_fp8}) *share = std::min(1.0, *share / op.training_share);
    if (!op.copy && !can_compute(chip, op.precision))
      refuse(op.chip, "chip", std::string("has no ") + name_of(op.precision) + " peak (choose another precision)");
    const Operator kernel = kernel_of(op);
    const Seconds time = operation_time(chip, kernel);
    result.bandwidth = kernel.bytes / time;
    result.rate = kernel.flops / time;
    result.error = op.copy ? *op.bandwidth / result.bandwidth - 1 : *op.rate / result.rate - 1;
  } catch (const ConfigError& error) { // one kernel that cannot be timed fails its table, not the rest of it
    result.problem = error.what();
  }
  return result;
}

} // namespace

std::vector<ValidatedOperation> time_operations(const std::vector<PublishedOperation>& operations, const DataFolder& data)
{
  std::vector<ValidatedOperation> all;
  for (const PublishedOperation& op : operations) all.push_back(timed(op, data));
  return all;
}

} // namespace weft
