#include "model/prediction.hpp"

#include "model/parts.hpp"

namespace weft {

PredictionOperators prediction_operators(const Shard& shard)
{
  const Widths w = widths(shard);
  const MatrixShape projection{1, w.tokens, w.hidden / shard.tp, 2 * w.hidden};
  PredictionOperators p;
  p.lookup = {streaming("embedding", Bytes(4) * w.tokens * w.hidden)};
  p.entry = {norm(2 * w.full)};
  p.main = {matmul("prediction projection", projection, w.precision, Precision::bf16)};
  p.column_data = {data_of("prediction projection dgrad", projection, w)};
  add_weights(p.column_weights, "prediction projection wgrad", projection, w);
  p.entry_backward = {norm_backward(2 * w.full)};
  p.lookup_backward = {streaming("embedding backward", Bytes(8) * w.tokens * w.hidden, 2)};
  add_repeats(p.column_data, {&p.entry}, shard.recompute);
  return p;
}

} // namespace weft
