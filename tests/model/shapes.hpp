// Workloads the model tests share.
#pragma once
#include "model/decoder.hpp"
#include "spec/reader.hpp"

#include <initializer_list>

namespace weft {

/// A shipped model, trained on `sequence` tokens with fused attention.
inline Workload shipped(const std::string& name, int sequence)
{
  Workload w;
  w.model = read_model(name, DataFolder{WEFT_SOURCE_DIR});
  w.sequence = sequence;
  w.attention = AttentionKernel::flash;
  return w;
}

/// Flops that count, by the pass they belong to.
struct Passes {
  Flops forward{}, data{}, weights{};
  [[nodiscard]] Flops total() const { return forward + data + weights; }
};

inline Flops counted(std::initializer_list<const std::vector<Operator>*> parts)
{
  Flops total{};
  for (const auto* part : parts)
    for (const Operator& op : *part)
      if (!op.again) total += op.counted * op.useful;
  return total;
}
inline Passes passes_of(const LayerOperators& layer)
{
  Passes p;
  for (const Block* b : {&layer.attention, &layer.feedforward}) {
    p.forward += counted({&b->entry, &b->main, &b->core, &b->tail, &b->exit});
    p.data += counted({&b->exit_backward, &b->tail_data, &b->core_backward, &b->column_data, &b->entry_backward});
    p.weights += counted({&b->tail_weights, &b->column_weights});
  }
  if (!layer.experts) return p;
  const ExpertBlock& x = *layer.experts;
  p.forward += counted({&x.entry, &x.route, &x.experts, &x.merge, &x.shared, &x.exit});
  p.data += counted({&x.exit_backward, &x.merge_backward, &x.experts_data, &x.route_data, &x.entry_backward, &x.shared_data});
  p.weights += counted({&x.experts_weights, &x.route_weights, &x.shared_weights});
  return p;
}
/// Of one microbatch on one rank through all layers and both ends.
inline Passes passes_of(const Shard& shard)
{
  const EndOperators e = end_operators(shard);
  Passes p;
  p.forward = counted({&e.embed_forward, &e.head_entry, &e.head_main});
  p.data = counted({&e.head_data, &e.head_entry_backward});
  p.weights = counted({&e.embed_backward, &e.head_weights});
  const int modules = prediction_modules(shard.workload->model);
  const PredictionOperators& x = e.prediction;
  p.forward += modules * counted({&e.head_entry, &e.head_main, &x.lookup, &x.entry, &x.main});
  p.data += modules * counted({&e.head_data, &e.head_entry_backward, &x.column_data, &x.entry_backward, &x.lookup_backward});
  p.weights += modules * counted({&e.head_weights, &x.column_weights});
  for (int layer = 0; layer < layer_count(shard.workload->model) + modules; layer++) {
    const Passes of_layer = passes_of(layer_operators(shard, layer));
    p.forward += of_layer.forward;
    p.data += of_layer.data;
    p.weights += of_layer.weights;
  }
  return p;
}

inline Workload gpt3()
{
  Workload w;
  w.model.name = "gpt3-175b";
  w.model.layers = 96;
  w.model.hidden = 12288;
  w.model.heads = 96;
  w.model.vocabulary = 51200;
  w.sequence = 2048;
  w.batch = 1;
  w.attention = AttentionKernel::unfused;
  return w;
}

inline Workload llama3_405b()
{
  Workload w;
  w.model.name = "llama3-405b";
  w.model.layers = 126;
  w.model.hidden = 16384;
  w.model.heads = 128;
  w.model.kv_heads = 8;
  w.model.ffn = 53248;
  w.model.vocabulary = 128256;
  w.model.activation = Activation::swiglu;
  w.model.position = Position::rotary;
  w.model.normalization = Normalization::rmsnorm;
  w.model.biases = false;
  w.model.tied_embeddings = false;
  w.model.dropout = 0;
  w.sequence = 8192;
  w.batch = 1;
  w.attention = AttentionKernel::flash;
  return w;
}

} // namespace weft
