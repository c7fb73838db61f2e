// Operators at the ends of the network: embedding or patches, head and loss.
#include "model/parts.hpp"
#include "model/prediction.hpp"
#include "model/weights.hpp"

namespace weft {
namespace {

/// The ends stay in 16 bits.
Precision end_precision(const Workload& w) { return w.precision == Precision::fp8 ? Precision::bf16 : w.precision; }

// Lookup: read and write 2 bytes each; learned positions and segments read 2 more and add; dropout reads 2, writes 2 and a mask.
void add_lookup(EndOperators& e, const ModelShape& m, double values)
{
  const int tables = 1 + (m.position == Position::learned ? 1 : 0) + (m.token_types > 0 ? 1 : 0);
  e.embed_forward = {streaming("embedding", Bytes(4 + 6 * (tables - 1)) * values, tables)};
  e.embed_backward = {streaming("embedding backward", Bytes(8) * values, 2)};
}

/// Patches are projected, cut by columns over tp; nobody needs their gradient. Positions are added.
void add_patches(EndOperators& e, const Shard& shard, double values)
{
  const Workload& w = *shard.workload;
  const MatrixShape projection{1, patches(w) * shard.microbatch / shard.cp, static_cast<double>(w.model.hidden) / shard.tp,
                               static_cast<double>(w.model.patch_values)};
  const Precision precision = end_precision(w);
  e.embed_forward = {matmul("patch projection", projection, precision, Precision::bf16), streaming("add positions", Bytes(6) * values)};
  e.embed_backward = {matmul("patch projection wgrad", weight_gradient(projection), precision, Precision::bf16),
                      streaming("embedding backward", Bytes(4) * values)};
}

/// A product of the head with its two gradients; the weights' gradient is added to its accumulator unless that is fused.
void add_head_product(EndOperators& e, const char* const (&names)[3], const MatrixShape& shape, const Shard& shard)
{
  const Precision precision = end_precision(*shard.workload);
  e.head_main.push_back(matmul(names[0], shape, precision, Precision::bf16));
  e.head_data.push_back(matmul(names[1], data_gradient(shape), precision, Precision::bf16));
  e.head_weights.push_back(matmul(names[2], weight_gradient(shape), precision, Precision::bf16));
  if (!shard.fused_gradient_accumulation)
    e.head_weights.push_back(streaming("accumulate gradient", (Bytes(2) + 2 * bytes_of(shard.workload->gradients)) * (shape.k * shape.n)));
}

/// Logits and loss, after the transform of a masked-token head, which is cut by columns.
void add_logits(EndOperators& e, const Shard& shard, double tokens)
{
  const ModelShape& m = shard.workload->model;
  const double inputs = head_inputs(m), logits = tokens * m.vocabulary / shard.tp;
  EndOperators transform;
  if (predicts_masked_tokens(m)) {
    const double values = tokens * m.hidden / shard.tp;
    add_head_product(transform, {"transform", "transform dgrad", "transform wgrad"}, {1, tokens, inputs / shard.tp, inputs}, shard);
    transform.head_main.push_back(activation(m, values));
    transform.head_main.push_back(norm(values));
    transform.head_data.insert(transform.head_data.begin(), {norm_backward(values), activation_backward(m, values)});
  }
  append(e.head_main, transform.head_main);
  // Cross entropy in fp32: convert (2+4), maximum (4), subtract (8), exponent (8), sum (4), normalise (8); backward scale and convert
  // (8+6).
  e.head_data.push_back(streaming("cross entropy backward", Bytes(14) * logits, 2));
  add_head_product(e, {"logits", "logits dgrad", "logits wgrad"}, {1, tokens, static_cast<double>(m.vocabulary) / shard.tp, inputs}, shard);
  e.head_main.push_back(streaming("cross entropy", Bytes(38) * logits, 6));
  append(e.head_data, transform.head_data);
  append(e.head_weights, transform.head_weights);
}

} // namespace

EndOperators end_operators(const Shard& shard)
{
  const Workload& w = *shard.workload;
  const ModelShape& m = w.model;
  const double samples = shard.microbatch;
  EndOperators e;
  if (is_convolutional(m)) { // global average pooling: read 2 per pixel; backward writes 2
    const Convolution& last = m.convolutions.back();
    const double pixels = samples * last.size * last.size * last.output_channels;
    e.head_entry = {streaming("average pool", Bytes(2) * pixels)};
    e.head_entry_backward = {streaming("average pool backward", Bytes(2) * pixels)};
    add_logits(e, shard, samples);
    return e;
  }
  const double tokens = w.sequence * samples / shard.cp, full = tokens * m.hidden;
  if (reads_patches(m))
    add_patches(e, shard, full);
  else
    add_lookup(e, m, full);
  if (m.embedding_norm) {
    e.embed_forward.push_back(norm(full));
    e.embed_backward.insert(e.embed_backward.begin(), norm_backward(full));
  }
  if (m.dropout > 0) {
    e.embed_forward.push_back(streaming("embedding dropout", Bytes(5) * full));
    e.embed_backward.push_back(streaming("embedding dropout backward", Bytes(5) * full));
  }
  e.head_entry = {repeated_by(Recompute::norms, streaming("final norm", Bytes(4) * full))};
  add_logits(e, shard, head_tokens(w) * samples / shard.cp);
  add_repeats(e.head_data, {&e.head_entry}, shard.recompute);
  e.head_entry_backward = {streaming("final norm backward", Bytes(8) * full, 2)};
  if (prediction_modules(m) > 0) e.prediction = prediction_operators(shard);
  return e;
}

} // namespace weft
