// A multi-token prediction module (DeepSeek-V3, arXiv:2412.19437, section 2.2): the state and the next token's embedding, each normalised,
// are joined, projected to the model's width and passed through a layer like the last one; the head runs again. The communication of that
// layer is left out.
#include "model/prediction.hpp"

#include "model/parts.hpp"

namespace weft {

void add_prediction_module(EndOperators& e, const Shard& shard)
{
  const Widths w = widths(shard);
  const MatrixShape projection{1, w.tokens, w.hidden / shard.tp, 2 * w.hidden}; // cut by columns
  const LayerOperators layer = layer_operators(shard, shard.workload->model.layers);
  const Block& a = layer.attention;
  const Block& f = layer.feedforward;
  e.head_entry.push_back(norm(2 * w.full));
  e.head_entry.push_back(matmul("prediction projection", projection, w.precision, Precision::bf16));
  for (const auto* part : {&a.entry, &a.main, &a.core, &a.tail, &a.exit, &f.entry, &f.main, &f.core, &f.tail, &f.exit})
    append(e.head_entry, *part);
  std::vector<Operator> data;
  if (layer.experts) {
    const ExpertBlock& x = *layer.experts;
    for (const auto* part : {&x.entry, &x.route, &x.shared, &x.experts, &x.merge, &x.exit}) append(e.head_entry, *part);
    for (const auto* part : {&x.exit_backward, &x.merge_backward, &x.shared_data, &x.experts_data, &x.route_data, &x.entry_backward})
      append(data, *part);
    for (const auto* part : {&x.shared_weights, &x.experts_weights, &x.route_weights}) append(e.head_weights, *part);
  }
  for (const Block* block : {&f, &a}) {
    for (const auto* part : {&block->exit_backward, &block->tail_data, &block->core_backward, &block->column_data, &block->entry_backward})
      append(data, *part);
    for (const auto* part : {&block->tail_weights, &block->column_weights}) append(e.head_weights, *part);
  }
  append(e.head_entry_backward, data);
  e.head_entry_backward.push_back(data_of("prediction projection dgrad", projection, w));
  e.head_entry_backward.push_back(norm_backward(2 * w.full));
  add_weights(e.head_weights, "prediction projection wgrad", projection, w);
}

} // namespace weft
