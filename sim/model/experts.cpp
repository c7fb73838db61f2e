// The routed feed-forward block of a mixture-of-experts layer: router, permutation, grouped products, shared experts.
// GShard (arXiv:2006.16668, section 2.2) and Megatron-LM's token dispatcher (transformer/moe/token_dispatcher.py, all-to-all). Tokens an
// expert would take beyond its capacity are dropped; the gate in front of shared experts that some models have is left out.
#include "model/parts.hpp"

namespace weft {
namespace {

/// Tokens of one rank on their way through the experts.
struct Routing {
  double tokens;  ///< routed by this rank: its own, cut over tp under sequence parallelism
  double sent;    ///< copies it sends: one per active expert
  double experts; ///< held by this rank
  ExpertLoad load; ///< over the mean
  double copies;  ///< that reach the rank's experts after the all-gather over etp, on average
};
Routing routing_of(const Shard& shard, const Widths& w)
{
  const Experts& e = shard.workload->model.experts;
  Routing r{};
  r.tokens = w.tokens / (shard.sequence_parallel ? shard.tp : 1);
  r.sent = r.tokens * e.active;
  r.experts = static_cast<double>(e.count) / shard.ep;
  r.load = shard.expert_load;
  r.copies = r.sent * shard.etp; // every rank of ep sends 1 / ep of its copies here
  return r;
}

/// One product per expert over its tokens; the busiest rank's takes longer but counts as the mean.
Operator counted_as_mean(Operator op, const ExpertLoad& load)
{
  op.counted = op.flops / load.busiest * load.computed;
  op.useful = load.kept / load.computed;
  return op;
}
Operator grouped(const char* name, const MatrixShape& shape, const ExpertLoad& load, const Widths& w)
{
  return counted_as_mean(matmul(name, shape, w.precision, Precision::bf16), load);
}

/// Tokens stand sorted by the expert that takes them: read 2, write 2. One expert needs no sorting.
void add_sort(std::vector<Operator>& into, const char* name, const Routing& r, const Widths& w)
{
  if (r.experts > 1) into.push_back(streaming(name, Bytes(4) * r.copies * r.load.busiest * w.hidden));
}

void add_router(ExpertBlock& b, const Shard& shard, const Routing& r, const Widths& w)
{
  const ModelShape& m = shard.workload->model;
  const double scores = r.tokens * m.experts.count, kept = r.sent, values = r.tokens * w.hidden;
  const MatrixShape router{1, r.tokens, static_cast<double>(m.experts.count), w.hidden};
  // The router stays in 16 bits. Scores in fp32: convert (2 + 4), softmax (8), top-k (4, and a value and an index each).
  b.route = {matmul("router", router, w.core, Precision::bf16), streaming("top-k", Bytes(18) * scores + Bytes(8) * kept, 3),
             streaming("permute", Bytes(2) * (values + kept * w.hidden))};   // each token is read once and written per copy
  b.merge = {streaming("unpermute", Bytes(2) * (kept * w.hidden + values))}; // weighted sum of the copies
  // Backward of the sum: the gradient goes to every copy, and the weights' gradients need the copies where they were weighted.
  b.merge_backward = {streaming("unpermute backward", Bytes(2) * (values + (weighs_copies(shard) ? 2 : 1) * kept * w.hidden))};
  b.route_data = {streaming("permute backward", Bytes(2) * (kept * w.hidden + values)),
                  streaming("top-k backward", Bytes(14) * scores + Bytes(8) * kept, 2), // scores 4 + 4, gradient 4, convert 2
                  matmul("router dgrad", data_gradient(router), w.core, Precision::bf16)};
  b.route_weights = {matmul("router wgrad", weight_gradient(router), w.core, Precision::bf16)};
}

void add_experts(ExpertBlock& b, const Shard& shard, const Routing& r, const Widths& w)
{
  const ModelShape& m = shard.workload->model;
  const double inputs = input_matrices(m), ffn = expert_width(m) / shard.etp, copies = r.copies * r.load.busiest, values = copies * ffn;
  const MatrixShape up{r.experts, copies / r.experts, inputs * ffn, w.hidden}, down{r.experts, copies / r.experts, w.hidden, ffn};
  const auto weights = [&](const char* name, const MatrixShape& shape) {
    add_weights(b.experts_weights, name, shape, w);
    Operator& product = b.experts_weights[b.experts_weights.size() - (w.fused ? 1 : 2)];
    product = counted_as_mean(product, r.load);
  };
  add_sort(b.experts, "sort by expert", r, w);
  add_cast(b.experts, w, copies * w.hidden);
  b.experts.push_back(grouped("expert fc1", up, r.load, w));
  add_saving(b.experts, *shard.workload, inputs * values, saved_bytes(*shard.workload).activation_input);
  b.experts.push_back(activation(m, values));
  add_cast(b.experts, w, values, Recompute::activation_function);
  b.experts.push_back(grouped("expert fc2", down, r.load, w));
  add_sort(b.experts, "sort by rank", r, w);

  add_sort(b.experts_data, "sort by expert backward", r, w);
  add_cast(b.experts_data, w, copies * w.hidden);
  b.experts_data.push_back(grouped("expert fc2 dgrad", data_gradient(down), r.load, w));
  b.experts_data.push_back(activation_backward(m, values));
  add_cast(b.experts_data, w, inputs * values);
  b.experts_data.push_back(grouped("expert fc1 dgrad", data_gradient(up), r.load, w));
  add_sort(b.experts_data, "sort by rank backward", r, w);
  weights("expert fc2 wgrad", down);
  weights("expert fc1 wgrad", up);
  add_bias_gradient(b.experts_weights, m, copies * w.hidden + inputs * values);
}

/// All shared experts together are a dense feed-forward block, cut over tp, that every token visits.
void add_shared(ExpertBlock& b, const Shard& shard, const Widths& w)
{
  if (shard.workload->model.experts.shared_ffn == 0) return;
  Widths narrow = w;
  narrow.ffn = static_cast<double>(shard.workload->model.experts.shared_ffn) / shard.tp;
  const Block dense = feedforward_block(shard, narrow);
  for (const auto* part : {&dense.main, &dense.core, &dense.tail}) append(b.shared, *part);
  b.shared.push_back(streaming("add shared", Bytes(6) * w.full)); // to the routed experts' sum: read 2 + 2, write 2
  for (const auto* part : {&dense.tail_data, &dense.core_backward, &dense.column_data}) append(b.shared_data, *part);
  b.shared_data.push_back(streaming("join shared", Bytes(6) * w.full));
  for (const auto* part : {&dense.tail_weights, &dense.column_weights}) append(b.shared_weights, *part);
}

} // namespace

ExpertBlock expert_block(const Shard& shard, const Widths& w)
{
  const Routing r = routing_of(shard, w);
  ExpertBlock b;
  add_entry(b.entry, b.entry_backward, w);
  add_router(b, shard, r, w);
  add_experts(b, shard, r, w);
  add_shared(b, shard, w);
  add_exit(b.exit, b.exit_backward, w, shard.workload->model.dropout);
  return b;
}

Bytes combine_bytes(const Shard& shard)
{
  const ModelShape& m = shard.workload->model;
  return m.experts.count > 0 ? Bytes(2) * routing_of(shard, widths(shard)).sent * m.hidden : Bytes(0);
}

Bytes dispatch_bytes(const Shard& shard)
{
  // fp8 carries one fp32 scale per 128 values (DeepSeek-V3, arXiv:2412.19437, section 3.3.2)
  const Precision sent_in = shard.workload->execution.dispatch_precision;
  const Bytes per_value = bytes_of(sent_in) + (sent_in == Precision::fp8 ? Bytes(4.0 / 128) : Bytes(0));
  return combine_bytes(shard) * (per_value / Bytes(2));
}

} // namespace weft
