// A Mamba-2 layer (Dao and Gu 2024, arXiv:2405.21060): one projection to gate, input, B, C and time steps, a short causal convolution, the
// state-space recurrence by chunks of tokens as matrix products (section 6: within chunks, states of chunks, passing them on, states to
// outputs), a gated norm and the projection back. Kernels as in the open implementation (github state-spaces/mamba, ops/triton/ssd_combined.py),
// which keeps the joint projection's output and the recurrence's, and computes convolution, pairs and states again in backward; those are
// no flops of the model, as in fused attention. Heads and groups are cut over tp. Left out: the arithmetic of the convolution and of passing
// states on, which is no matrix product.
#include "model/parts.hpp"
#include "model/state_space.hpp"

#include <algorithm>

namespace weft {
namespace {

/// One product of the recurrence and what it moves.
struct ChunkProduct {
  const char *forward, *first, *second; ///< names: itself, the gradients of its operands
  MatrixShape shape;
  Bytes bytes;
};
struct ChunkProducts {
  ChunkProduct states, pairs, within, across;
};
ChunkProducts products_of(const StateSpaceWidths& v)
{
  const double pairs = v.chunks * v.groups * v.chunk * v.chunk, states = v.chunks * v.heads * v.state * v.head, values = v.tokens * v.inner();
  const double projected = v.tokens * v.groups * v.state; // B, or C
  return {.states = {"chunk states", "chunk states' input gradient", "chunk states' B gradient", {v.chunks * v.heads, v.state, v.head, v.chunk}, Bytes(2) * (projected + values) + Bytes(4) * states},
          .pairs = {"chunk pairs", "chunk pairs' B gradient", "chunk pairs' C gradient", {v.chunks * v.groups, v.chunk, v.chunk, v.state}, Bytes(2) * (2 * projected + pairs)},
          .within = {"chunk outputs", "chunk outputs' input gradient", "chunk outputs' pair gradient", {v.chunks * v.heads, v.chunk, v.head, v.chunk}, Bytes(2) * (pairs + values)},
          .across = {"outputs of states", "states' gradient", "outputs' C gradient", {v.chunks * v.heads, v.chunk, v.head, v.state}, Bytes(2) * (projected + values) + Bytes(4) * states}};
}

Operator product(const char* name, const MatrixShape& shape, Bytes bytes, const Widths& w)
{
  Operator op = matmul(name, shape, w.core, Precision::bf16);
  op.bytes = bytes;
  return op;
}

/// Runs in backward's kernels without being counted.
Operator uncounted(Operator op)
{
  op.counted = Flops(0);
  return op;
}

/// fp32 states of all chunks, read and written.
Operator pass_states(const char* name, const StateSpaceWidths& v) { return streaming(name, Bytes(8) * v.chunks * v.heads * v.state * v.head); }
Operator convolution(const StateSpaceWidths& v) { return streaming("causal convolution", Bytes(4) * v.tokens * v.convolved()); }
/// Time steps through softplus and summed up over each chunk: read 2, write 4 + 4.
Operator decay(const StateSpaceWidths& v) { return streaming("chunk decay", Bytes(10) * v.tokens * v.heads); }

void add_recurrence(Block& b, const StateSpaceWidths& v, const Widths& w)
{
  const ChunkProducts p = products_of(v);
  const auto run = [&w](const ChunkProduct& c) { return product(c.forward, c.shape, c.bytes, w); };
  append(b.main, {convolution(v), decay(v), run(p.states), pass_states("pass states on", v), run(p.pairs), run(p.within), run(p.across)});
  append(b.core_backward, {convolution(v), decay(v), uncounted(run(p.states)), pass_states("pass states on", v), uncounted(run(p.pairs))});
  for (const ChunkProduct* c : {&p.across, &p.within, &p.pairs, &p.states}) {
    b.core_backward.push_back(product(c->first, data_gradient(c->shape), c->bytes, w));
    b.core_backward.push_back(product(c->second, weight_gradient(c->shape), c->bytes, w));
  }
  // dy and x are read, dx is written; both again for the kernel's gradient
  append(b.core_backward, {pass_states("pass states' gradients back", v), streaming("chunk decay backward", Bytes(10) * v.tokens * v.heads),
                           streaming("causal convolution backward", Bytes(10) * v.tokens * v.convolved(), 2)});
}

} // namespace

StateSpaceWidths state_space_widths(const Shard& shard)
{
  const StateSpace& s = shard.workload->model.state_space;
  StateSpaceWidths v{};
  v.tokens = static_cast<double>(shard.workload->sequence) * shard.microbatch;
  v.heads = static_cast<double>(s.heads) / shard.tp;
  v.groups = static_cast<double>(s.groups) / shard.tp;
  v.head = s.head_dim;
  v.state = s.state;
  v.chunk = std::min(s.chunk, shard.workload->sequence);
  v.chunks = v.tokens / v.chunk;
  return v;
}

Flops recurrence_flops(const Shard& shard)
{
  const ChunkProducts p = products_of(state_space_widths(shard));
  return p.states.shape.flops() + p.pairs.shape.flops() + p.within.shape.flops() + p.across.shape.flops();
}

Block state_space_block(const Shard& shard, const Widths& w)
{
  const StateSpaceWidths v = state_space_widths(shard);
  const double values = v.tokens * v.inner();
  const MatrixShape in{1, w.tokens, v.projected(), w.hidden}, out{1, w.tokens, w.hidden, v.inner()};
  Block b;
  add_entry(b.entry, b.entry_backward, w);
  add_column_operand(b.main, w);
  b.main.push_back(matmul("joint projection", in, w.precision, Precision::bf16));
  // dy, y and the gate are read, the gradients of both written; y and dy again for the scale's gradient
  b.core_backward = {streaming("gated norm backward", Bytes(14) * values, 2)};
  add_recurrence(b, v, w);
  b.main.push_back(repeated_by(Recompute::norms, streaming("gated norm", Bytes(6) * values))); // read y and gate, write
  add_cast(b.tail, w, values, Recompute::norms);
  b.tail.push_back(matmul("output projection", out, w.precision, Precision::bf16));
  add_row_gradient(b.tail_data, w);
  b.tail_data.push_back(data_of("output projection dgrad", out, w));
  add_weights(b.tail_weights, "output projection wgrad", out, w);
  add_cast(b.column_data, w, w.tokens * v.projected());
  b.column_data.push_back(data_of("joint projection dgrad", in, w));
  add_weights(b.column_weights, "joint projection wgrad", in, w);
  add_exit(b.exit, b.exit_backward, w, shard.workload->model.dropout);
  return b;
}

} // namespace weft
