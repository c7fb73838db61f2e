// Attention with a joint projection of queries, keys and values.
#include "model/parts.hpp"

namespace weft {

Block attention_block(const Shard& shard, const Widths& w, int window)
{
  const ModelShape& m = shard.workload->model;
  const MatrixShape qkv{1, w.tokens, w.query + 2 * w.kv, w.hidden}, out{1, w.tokens, w.hidden, w.query};
  Block b;
  add_entry(b.entry, b.entry_backward, w);
  add_row_gradient(b.tail_data, w);
  b.tail_data.push_back(data_of("output projection dgrad", out, w));
  add_weights(b.tail_weights, "output projection wgrad", out, w);
  add_bias_gradient(b.tail_weights, m, w.tokens * w.hidden);
  add_attention_core(b, shard, w, window);

  add_column_operand(b.main, w);
  b.main.push_back(matmul("qkv", qkv, w.precision, Precision::bf16));
  if (has_qkv_biases(m)) b.main.push_back(bias(w.tokens * (w.query + 2 * w.kv)));
  const Operator rotate = streaming("rotary", Bytes(4) * w.tokens * (w.query + w.kv), 2);
  if (m.position == Position::rotary) {
    b.main.push_back(rotate);
    b.column_data.push_back(rotate);
  }
  if (shard.workload->attention == AttentionKernel::unfused)
    b.tail.push_back(streaming("context transpose", Bytes(4) * w.tokens * w.query));
  add_saving(b.tail, *shard.workload, w.tokens * w.query, saved_bytes(*shard.workload).context);
  add_cast(b.tail, w, w.tokens * w.query);
  b.tail.push_back(matmul("output projection", out, w.precision, Precision::bf16));
  add_cast(b.column_data, w, w.tokens * (w.query + 2 * w.kv));
  b.column_data.push_back(data_of("qkv dgrad", qkv, w));
  add_weights(b.column_weights, "qkv wgrad", qkv, w);
  if (has_qkv_biases(m)) b.column_weights.push_back(bias_gradient(w.tokens * (w.query + 2 * w.kv)));
  add_exit(b.exit, b.exit_backward, w, m.dropout);
  return b;
}

} // namespace weft
