// Scores, softmax and context: attention between its projections, unfused or as one kernel, whole or cut over context-parallel ranks.
#include "model/parts.hpp"

namespace weft {
namespace {

/// The square of scores one rank computes: its own queries against all keys. Ranks that swap heads for tokens (all-to-all,
/// DeepSpeed-Ulysses, arXiv:2309.14509, section 3) hold all queries of fewer heads.
struct Scores {
  double heads; ///< of this rank, times the microbatch
  double queries, keys;
};
Scores scores_of(const Shard& shard)
{
  const Workload& w = *shard.workload;
  const double heads = shard.microbatch * static_cast<double>(w.model.heads) / shard.tp, sequence = w.sequence;
  if (shard.context == ContextExchange::all_to_all) return {heads / shard.cp, sequence, sequence};
  return {heads, sequence / shard.cp, sequence};
}

/// The product counts the pairs of a window only, though all of them run.
Operator windowed(Operator product, double share)
{
  product.counted *= share;
  return product;
}

/// Attention without a fused kernel: scores, softmax and dropout pass through memory (Korthikanti et al. 2022, figure 3).
void add_unfused_core(Block& block, const Shard& shard, const Widths& w, int window)
{
  const ModelShape& m = shard.workload->model;
  const Scores s = scores_of(shard);
  const double scores = s.heads * s.queries * s.keys, share = counted_pairs(s.keys, window) / (s.keys * s.keys);
  const auto product = [&](const char* name, double rows, double columns, double inner) {
    return windowed(matmul(name, {s.heads, rows, columns, inner}, w.core, Precision::bf16), share);
  };
  const double key = head_width(m), value = value_width(m);
  block.core = {product("scores", s.queries, s.keys, key), streaming("softmax", Bytes(4) * scores)};
  if (m.dropout > 0) block.core.push_back(streaming("attention dropout", Bytes(5) * scores));
  block.core.push_back(product("context", s.queries, value, s.keys));

  block.core_backward.push_back(product("context dgrad", s.queries, s.keys, value));
  block.core_backward.push_back(product("value grad", s.keys, value, s.queries));
  if (m.dropout > 0) block.core_backward.push_back(streaming("attention dropout backward", Bytes(5) * scores));
  block.core_backward.push_back(streaming("softmax backward", Bytes(6) * scores));
  block.core_backward.push_back(product("query grad", s.queries, key, s.keys));
  block.core_backward.push_back(product("key grad", s.keys, key, s.queries));
}

/// Fused attention (Dao 2023, arXiv:2307.08691): the pairs hidden by mask and window are skipped; backward computes the scores again, so
/// three products of the keys' width and two of the values' for forward's one of each. A ring (Liu et al. 2023, arXiv:2310.01889) runs a
/// kernel per block of keys, each rank an equal part of the pairs.
void add_flash_core(Block& block, const Shard& shard, const Widths& w, int window)
{
  const Workload& job = *shard.workload;
  const ModelShape& m = job.model;
  const double heads = shard.microbatch * static_cast<double>(m.heads) / shard.tp;
  const double pairs = heads * attended_pairs(job.sequence, window, m.causal) / shard.cp;
  const double counted = heads * counted_pairs(job.sequence, window) / shard.cp;
  const double key = head_width(m), value = value_width(m);
  const double key_tokens = w.tokens * (shard.context == ContextExchange::all_to_all ? 1 : shard.cp); // every rank reads all keys
  const bool repeated = job.execution.repeated_keys && w.query > w.kv;
  const double key_values = (repeated ? w.query : w.kv) * (key + value) / key;
  const Bytes qkvo = Bytes(2) * (w.tokens * (w.query + w.value) + key_tokens * key_values);
  const int blocks = attends_in_pieces(shard.context) ? shard.cp : 1;
  block.core = {{.name = "attention",
                 .kind = OperatorKind::attention_forward,
                 .precision = w.core,
                 .flops = Flops(2 * pairs * (key + value)),
                 .counted = Flops(2 * counted * (key + value)),
                 .bytes = qkvo,
                 .kernels = blocks}};
  block.core_backward.push_back({.name = "attention backward",
                                 .kind = OperatorKind::attention_backward,
                                 .precision = w.core,
                                 .flops = Flops(2 * pairs * (3 * key + 2 * value)),
                                 .counted = Flops(4 * counted * (key + value)),
                                 .bytes = 2 * qkvo,
                                 .kernels = 2 * blocks});
  if (repeated) { // a copy per query head, whose gradients are summed again
    const Bytes copies = Bytes(2) * w.tokens * (w.query + w.kv) * ((key + value) / key);
    block.main.push_back(streaming("repeat keys", copies, 2));
    block.column_data.push_back(streaming("sum keys' gradients", copies, 2));
  }
  if (blocks == 1) return;
  if (shard.context == ContextExchange::gathered_ring) {
    // PyTorch (torch.distributed.tensor.experimental) sums in fp32 by separate operations, over three quarters of the queries on average:
    // convert 2 + 4, difference, product with the weight and difference 12 + 8 + 12; backward convert 2 + 4, add 12
    const double later = 0.75 * (blocks - 1) * w.tokens;
    block.core.push_back(streaming("merge blocks", Bytes(38) * later * w.value, 5 * (blocks - 1)));
    block.core_backward.push_back(streaming("add blocks' gradients", Bytes(18) * later * (w.query + key_values), 6 * (blocks - 1)));
    return;
  }
  // each further block rescales what came before and adds its own: read 2 + 2, write 2
  block.core.push_back(streaming("merge blocks", Bytes(6) * (blocks - 1) * w.tokens * w.value, blocks - 1));
  block.core_backward.push_back(
      streaming("add blocks' gradients", Bytes(6) * (blocks - 1) * w.tokens * (w.query + key_values), blocks - 1));
}

} // namespace

void add_attention_core(Block& block, const Shard& shard, const Widths& w, int window)
{
  if (shard.workload->attention != AttentionKernel::unfused)
    add_flash_core(block, shard, w, window);
  else
    add_unfused_core(block, shard, w, window);
}

} // namespace weft
