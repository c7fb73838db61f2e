// How a model's shape stands in YAML.
#include "spec/workload.hpp"

namespace weft {
namespace {

const Node& written(const Node& mapping, const char* key)
{
  const Node* value = mapping.find(key);
  return value ? *value : mapping;
}

void check_model(const Node& node, const ModelShape& model)
{
  if (model.head_dim == 0 && model.hidden % model.heads != 0)
    refuse(written(node, "heads"), std::to_string(model.heads) + " heads do not divide hidden " + std::to_string(model.hidden) +
                                       " (choose a divisor or set head-dim)");
  if (model.kv_heads > 0 && model.heads % model.kv_heads != 0)
    refuse(written(node, "kv-heads"), std::to_string(model.kv_heads) + " key and value heads do not divide " + std::to_string(model.heads) +
                                          " heads (choose a divisor)");
}

} // namespace

template <> const Record<ModelShape>& record_of<ModelShape>()
{
  // The upper bounds keep every product of two of them within a double's exact integers.
  static const Record<ModelShape> record =
      Record<ModelShape>("model", "A decoder transformer by its shape.")
          .optional("name", &ModelShape::name, "name in reports; left out in a preset file: the file's name")
          .optional("title", &ModelShape::title, "full name")
          .inlined(&ModelShape::provenance)
          .required("layers", &ModelShape::layers, "transformer layers", in_range(1, 10'000))
          .required("hidden", &ModelShape::hidden, "width of the residual stream", in_range(1, 1'000'000))
          .required("heads", &ModelShape::heads, "attention heads", in_range(1, 100'000))
          .optional("kv-heads", &ModelShape::kv_heads, "key and value heads (grouped queries); 0: as many as heads", in_range(0, 100'000))
          .optional("head-dim", &ModelShape::head_dim, "width of one head; 0: hidden / heads", in_range(0, 100'000))
          .optional("ffn", &ModelShape::ffn, "width of the feed-forward block; 0: 4 x hidden", in_range(0, 10'000'000))
          .required("vocabulary", &ModelShape::vocabulary, "rows of the token embedding", in_range(1, 10'000'000))
          .optional("max-positions", &ModelShape::max_positions, "rows of a learned position table; 0: the sequence length",
                    in_range(0, 100'000'000))
          .optional("activation", &ModelShape::activation, "of the feed-forward block; swiglu and geglu have a gate and three matrices")
          .optional("position", &ModelShape::position, "how positions enter")
          .optional("normalization", &ModelShape::normalization, "of each block's input")
          .optional("biases", &ModelShape::biases, "linear layers have biases")
          .optional("tied-embeddings", &ModelShape::tied_embeddings, "the output head shares the input embedding")
          .optional("dropout", &ModelShape::dropout, "dropout probability; 0: no dropout kernels", in_range(0.0, 1.0))
          .optional("published-parameters", &ModelShape::published_parameters, "as the source prints it, to compare with; 0: not given",
                    in_range(0.0, 1e18))
          .rule(check_model);
  return record;
}

} // namespace weft
