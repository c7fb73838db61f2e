// Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434, section 2.1, equations 9-19) as it is trained: the latents are widened to
// full heads, then attention runs as usual. Under tensor parallelism the projections down are cut by columns and the latents gathered
// (Megatron-LM, transformer/multi_latent_attention.py); that gather, and the sum of the latents' gradients, are left out.
#include "model/parts.hpp"

namespace weft {
namespace {

/// The products of one rank. Queries without a latent of their own are projected by `query_up` from the residual stream.
struct LatentProducts {
  bool query_latent;
  MatrixShape query_down, query_up, kv_down, kv_up, out;
  double query_rank, kv_rank; ///< values per token of the latents
  double kv_down_width;       ///< of the latent with the shared key part, whole
};
LatentProducts products_of(const Shard& shard, const Widths& w)
{
  const ModelShape& m = shard.workload->model;
  const LatentAttention& l = m.latent;
  const double heads = static_cast<double>(m.heads) / shard.tp;
  LatentProducts p{};
  p.query_latent = l.query_rank > 0;
  p.query_rank = l.query_rank;
  p.kv_rank = l.kv_rank;
  p.kv_down_width = l.kv_rank + l.rope_dim;
  p.query_down = {1, w.tokens, p.query_rank / shard.tp, w.hidden};
  p.query_up = {1, w.tokens, w.query, p.query_latent ? p.query_rank : w.hidden};
  p.kv_down = {1, w.tokens, p.kv_down_width / shard.tp, w.hidden};
  p.kv_up = {1, w.tokens, heads * (l.nope_dim + l.value_dim), p.kv_rank};
  p.out = {1, w.tokens, w.hidden, w.value};
  return p;
}

void add_projections(Block& b, const LatentProducts& p, const Widths& w, double rotated)
{
  if (p.query_latent) {
    b.main.push_back(matmul("query down", p.query_down, w.precision, Precision::bf16));
    b.main.push_back(norm(w.tokens * p.query_rank));
  }
  const auto widen = [&b](Operator op) { b.main.push_back(repeated_by(Recompute::latent_up_projections, std::move(op))); };
  widen(matmul("query up", p.query_up, w.precision, Precision::bf16));
  b.main.push_back(matmul("key-value down", p.kv_down, w.precision, Precision::bf16));
  b.main.push_back(norm(w.tokens * p.kv_rank));
  widen(matmul("key-value up", p.kv_up, w.precision, Precision::bf16));
  widen(streaming("rotary", Bytes(4) * w.tokens * rotated, 2));
  widen(streaming("join key parts", Bytes(4) * w.tokens * w.query)); // the shared part is copied to every head
}

void add_projections_backward(Block& b, const LatentProducts& p, const Widths& w, double rotated)
{
  b.column_data.push_back(streaming("split key parts", Bytes(4) * w.tokens * w.query));
  b.column_data.push_back(streaming("rotary", Bytes(4) * w.tokens * rotated, 2));
  add_cast(b.column_data, w, w.tokens * (p.kv_up.n + p.query_up.n));
  b.column_data.push_back(data_of("key-value up dgrad", p.kv_up, w));
  b.column_data.push_back(norm_backward(w.tokens * p.kv_rank));
  b.column_data.push_back(data_of("query up dgrad", p.query_up, w));
  if (p.query_latent) {
    b.column_data.push_back(norm_backward(w.tokens * p.query_rank));
    b.column_data.push_back(data_of("query down dgrad", p.query_down, w));
  }
  b.column_data.push_back(data_of("key-value down dgrad", p.kv_down, w));
  b.column_data.push_back(streaming("add input gradients", Bytes(6) * w.tokens * w.hidden));
  add_weights(b.column_weights, "key-value up wgrad", p.kv_up, w);
  add_weights(b.column_weights, "key-value down wgrad", p.kv_down, w);
  add_weights(b.column_weights, "query up wgrad", p.query_up, w);
  if (p.query_latent) add_weights(b.column_weights, "query down wgrad", p.query_down, w);
}

} // namespace

Block latent_attention_block(const Shard& shard, const Widths& w, int window)
{
  const ModelShape& m = shard.workload->model;
  const LatentProducts p = products_of(shard, w);
  const double rotated = m.latent.rope_dim * (static_cast<double>(m.heads) / shard.tp + 1); // every head's queries and the shared key part
  Block b;
  add_entry(b.entry, b.entry_backward, w);
  add_projections(b, p, w, rotated);
  add_attention_core(b, shard, w, window);
  if (shard.workload->attention == AttentionKernel::unfused)
    b.tail.push_back(streaming("context transpose", Bytes(4) * w.tokens * w.value));
  add_saving(b.tail, *shard.workload, w.tokens * w.value, saved_bytes(*shard.workload).context);
  add_cast(b.tail, w, w.tokens * w.value);
  b.tail.push_back(matmul("output projection", p.out, w.precision, Precision::bf16));
  add_row_gradient(b.tail_data, w);
  b.tail_data.push_back(data_of("output projection dgrad", p.out, w));
  add_weights(b.tail_weights, "output projection wgrad", p.out, w);
  add_projections_backward(b, p, w, rotated);
  add_exit(b.exit, b.exit_backward, w, m.dropout);
  return b;
}

} // namespace weft
