// The feed-forward block of a dense layer.
#include "model/parts.hpp"

namespace weft {

Block feedforward_block(const Shard& shard, const Widths& w)
{
  const ModelShape& m = shard.workload->model;
  const double inputs = input_matrices(m), values = w.tokens * w.ffn;
  const MatrixShape up{1, w.tokens, inputs * w.ffn, w.hidden}, down{1, w.tokens, w.hidden, w.ffn};
  Block b;
  add_entry(b.entry, b.entry_backward, w);
  add_column_operand(b.main, w);
  b.main.push_back(matmul("fc1", up, w.precision, Precision::bf16));
  add_saving(b.main, *shard.workload, inputs * values, saved_bytes(*shard.workload).activation_input);
  b.main.push_back(activation(m, values));
  add_cast(b.tail, w, values, Recompute::activation_function);
  b.tail.push_back(matmul("fc2", down, w.precision, Precision::bf16));
  add_row_gradient(b.tail_data, w);
  b.tail_data.push_back(data_of("fc2 dgrad", down, w));
  add_weights(b.tail_weights, "fc2 wgrad", down, w);
  add_bias_gradient(b.tail_weights, m, w.tokens * w.hidden);
  b.core_backward.push_back(activation_backward(m, values));
  add_cast(b.column_data, w, inputs * values);
  b.column_data.push_back(data_of("fc1 dgrad", up, w));
  add_weights(b.column_weights, "fc1 wgrad", up, w);
  add_bias_gradient(b.column_weights, m, inputs * values);
  add_exit(b.exit, b.exit_backward, w, m.dropout);
  return b;
}

} // namespace weft
