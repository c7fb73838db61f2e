// Operators at the ends of the network (embedding, head, loss) and of the optimizer.
#include "model/decoder.hpp"
#include "model/matrix.hpp"

namespace weft {

EndOperators end_operators(const Shard& shard)
{
  const Workload& w = *shard.workload;
  const ModelShape& m = w.model;
  const double tokens = static_cast<double>(w.sequence) * shard.microbatch;
  const double full = tokens * m.hidden;
  const double logits = tokens * m.vocabulary / shard.tp;
  const MatrixShape head{1, tokens, static_cast<double>(m.vocabulary) / shard.tp, static_cast<double>(m.hidden)};
  const Precision precision = w.precision == Precision::fp8 ? Precision::bf16 : w.precision; // the head stays in 16 bits
  EndOperators e;
  // Lookup: read and write 2 bytes each; learned positions read 2 more and add; dropout reads 2, writes 2 and a mask.
  e.embed_forward = {
      streaming("embedding", Bytes(m.position == Position::learned ? 10 : 4) * full, m.position == Position::learned ? 2 : 1)};
  e.embed_backward = {streaming("embedding backward", Bytes(8) * full, 2)};
  if (m.dropout > 0) {
    e.embed_forward.push_back(streaming("embedding dropout", Bytes(5) * full));
    e.embed_backward.push_back(streaming("embedding dropout backward", Bytes(5) * full));
  }
  e.head_entry = {streaming("final norm", Bytes(4) * full)};
  // Cross entropy in fp32: convert (2+4), maximum (4), subtract (8), exponent (8), sum (4), normalise (8); backward scale and convert
  // (8+6).
  e.head_main = {matmul("logits", head, precision, Precision::bf16), streaming("cross entropy", Bytes(38) * logits, 6)};
  e.head_data = {streaming("cross entropy backward", Bytes(14) * logits, 2),
                 matmul("logits dgrad", data_gradient(head), precision, Precision::bf16)};
  e.head_weights = {matmul("logits wgrad", weight_gradient(head), precision, Precision::bf16)};
  if (!shard.fused_gradient_accumulation)
    e.head_weights.push_back(streaming("accumulate gradient", (Bytes(2) + 2 * bytes_of(w.gradients)) * (head.k * head.n)));
  e.head_entry_backward = {streaming("final norm backward", Bytes(8) * full, 2)};
  return e;
}

std::vector<Operator> optimizer_operators(const Workload& workload, double parameters)
{
  const Bytes gradient = bytes_of(workload.gradients);
  // Adam reads gradient, master weight and two moments in fp32, writes the latter three and the 2-byte weight (Kingma & Ba 2015; 30 bytes).
  return {streaming("gradient copy", (gradient + Bytes(4)) * parameters), streaming("gradient norm", Bytes(4) * parameters, 2),
          streaming("gradient clip", Bytes(8) * parameters), streaming("adam", Bytes(4 + 12 + 12 + 2) * parameters),
          streaming("zero gradients", gradient * parameters)};
}

} // namespace weft
