// Parameters in closed form: Narayanan et al. 2021 (arXiv:2104.04473), equation 2, term by term so that grouped heads, gates, experts and
// latents follow.
#include "model/weights.hpp"

#include <algorithm>
#include <numeric>

namespace weft {
namespace {

double norm_parameters(const ModelShape& m, double width) { return (m.normalization == Normalization::layernorm ? 2.0 : 1.0) * width; }

void add_attention(LayerWeights& l, const ModelShape& m)
{
  const double h = m.hidden, query = head_width(m) * m.heads, value = value_width(m) * m.heads;
  const LatentAttention& a = m.latent;
  if (has_latent_attention(m)) { // DeepSeek-V2 (arXiv:2405.04434), section 2.1
    l.matrices += a.query_rank > 0 ? a.query_rank * (h + query) : h * query;
    l.matrices += h * (a.kv_rank + a.rope_dim) + a.kv_rank * (static_cast<double>(m.heads) * (a.nope_dim + a.value_dim)) + value * h;
    l.whole += norm_parameters(m, a.query_rank) + norm_parameters(m, a.kv_rank);
    return;
  }
  l.key_matrices = h * 2 * head_width(m) * key_heads(m);
  l.matrices += h * query + l.key_matrices + query * h;
  if (m.attention_sinks) l.cut_biases += m.heads;
  if (has_qkv_biases(m)) l.cut_biases += head_width(m) * (m.heads + 2 * key_heads(m));
  if (m.biases) l.whole += h;
}

/// Joint projection and the one back; convolution with its bias, time-step bias, decay and skip of each head, and the gated norm's scale are
/// cut with the heads (arXiv:2405.21060, section 7; github state-spaces/mamba, modules/mamba2.py).
void add_state_space(LayerWeights& l, const ModelShape& m)
{
  const StateSpace& s = m.state_space;
  const double inner = static_cast<double>(s.heads) * s.head_dim, convolved = inner + 2.0 * s.groups * s.state;
  l.matrices += m.hidden * (inner + convolved + s.heads) + inner * m.hidden;
  l.cut_biases += convolved * (s.kernel + 1.0) + 3.0 * s.heads + inner;
}

/// The matrices of attention, whole, those of queries, keys and values as one unless latents stand between.
std::vector<double> attention_matrices(const ModelShape& m)
{
  const double h = m.hidden, query = head_width(m) * m.heads, value = value_width(m) * m.heads;
  const LatentAttention& a = m.latent;
  if (!has_latent_attention(m)) return {h * (query + 2 * head_width(m) * key_heads(m)), query * h};
  std::vector<double> matrices;
  if (a.query_rank > 0)
    matrices = {h * a.query_rank, a.query_rank * query};
  else
    matrices = {h * query};
  matrices.insert(matrices.end(), {h * (a.kv_rank + a.rope_dim), a.kv_rank * (static_cast<double>(m.heads) * (a.nope_dim + a.value_dim)), value * h});
  return matrices;
}

void append_feedforward(std::vector<double>& matrices, const ModelShape& m, double width)
{
  matrices.insert(matrices.end(), static_cast<std::size_t>(input_matrices(m)) + 1, m.hidden * width);
}

/// A feed-forward block of `width` values that every token visits.
void add_feedforward(LayerWeights& l, const ModelShape& m, double width)
{
  l.matrices += (input_matrices(m) + 1) * m.hidden * width;
  if (!m.biases) return;
  l.cut_biases += input_matrices(m) * width;
  l.whole += m.hidden;
}

void add_experts(LayerWeights& l, const ModelShape& m)
{
  l.experts = m.experts.count;
  l.active = m.experts.active;
  l.expert_matrices = (input_matrices(m) + 1) * m.hidden * expert_width(m);
  l.router = static_cast<double>(m.hidden) * m.experts.count;
  if (m.experts.shared_ffn > 0) add_feedforward(l, m, m.experts.shared_ffn);
  if (!m.biases) return;
  l.expert_cut_biases = input_matrices(m) * expert_width(m);
  l.expert_whole_biases = m.hidden;
  l.whole += m.experts.count;
}

/// Multi-token prediction modules beside their layers: the projection of the joined state and embedding, the two norms in front of it and
/// the one behind the layer. Embedding and output matrix are the model's (DeepSeek-V3, arXiv:2412.19437, section 2.2).
double prediction_ends(const ModelShape& m) { return 2.0 * m.hidden * m.hidden + 3 * norm_parameters(m, m.hidden); }

/// Values a token's embedding is made from, per hidden value: the vocabulary, or the patch projection with its bias and the class token.
double embedding_rows(const ModelShape& m) { return reads_patches(m) ? m.patch_values + 2.0 : m.vocabulary; }
double position_rows(const Workload& w)
{
  if (w.model.position != Position::learned) return 0;
  return w.model.max_positions > 0 ? w.model.max_positions : w.sequence;
}
bool has_output_matrix(const ModelShape& m) { return !m.tied_embeddings || reads_patches(m) || is_convolutional(m); }
double output_matrix(const ModelShape& m) { return has_output_matrix(m) ? head_inputs(m) * m.vocabulary : 0; }

/// The transform of a masked-token head (BERT, arXiv:1810.04805), cut by columns.
double head_transform(const ModelShape& m) { return predicts_masked_tokens(m) ? static_cast<double>(m.hidden) * m.hidden : 0; }

/// What stands around the output matrix and is not cut: the final norm; classifiers have a bias; a masked-token head has the bias and norm
/// of its transform and the bias of its tied matrix, and beside it, where segments are told apart, the pooler and its two-way classifier.
/// BERT normalises its embeddings instead of its last layer's output: that norm counts here.
double head_surroundings(const ModelShape& m)
{
  const double h = m.hidden;
  if (is_convolutional(m)) return m.vocabulary;
  double total = norm_parameters(m, h);
  if (reads_patches(m)) total += m.vocabulary;
  if (predicts_masked_tokens(m)) total += h + norm_parameters(m, h) + m.vocabulary;
  if (predicts_masked_tokens(m) && m.token_types > 0) total += h * h + h + 2 * h + 2;
  return total;
}

} // namespace

LayerWeights layer_weights(const ModelShape& m, int layer)
{
  LayerWeights l;
  const LayerTraits traits = layer_traits(m, layer);
  if (traits.mixer == Mixer::attention)
    add_attention(l, m);
  else if (traits.mixer == Mixer::state_space)
    add_state_space(l, m);
  if (traits.routed)
    add_experts(l, m);
  else if (traits.feedforward)
    add_feedforward(l, m, feedforward_width(m));
  const int blocks = (traits.mixer == Mixer::none ? 0 : 1) + (traits.feedforward && !m.parallel_block ? 1 : 0);
  l.whole += blocks * norm_parameters(m, m.hidden);
  return l;
}

double layer_parameters(const ModelShape& m, int layer)
{
  if (is_convolutional(m)) { // weights, and scale and shift of the normalisation
    const Convolution& c = m.convolutions[static_cast<std::size_t>(layer)];
    return c.repeat * (convolution_weights(c) + 2.0 * c.output_channels);
  }
  const LayerWeights l = layer_weights(m, layer);
  return l.dense() + l.experts * l.expert();
}

HeldParameters held_parameters(const Shard& shard, int layer)
{
  const ModelShape& m = shard.workload->model;
  if (is_convolutional(m)) return {.dense = layer_parameters(m, layer)};
  const LayerWeights l = layer_weights(m, layer);
  const double copies = std::max(1.0, shard.tp / key_heads(m)); // fewer key-value heads than ranks: each rank holds a whole one
  return {.dense = (l.matrices + l.key_matrices * (copies - 1) + l.cut_biases) / shard.tp + l.whole + l.router,
          .experts = l.experts / shard.ep * ((l.expert_matrices + l.expert_cut_biases) / shard.etp + l.expert_whole_biases)};
}

HeldTensors held_tensors(const Shard& shard, int layer)
{
  const ModelShape& m = shard.workload->model;
  const HeldParameters held = held_parameters(shard, layer);
  if (is_convolutional(m)) {
    const int tensors = m.convolutions[static_cast<std::size_t>(layer)].repeat;
    return {.dense = std::vector<double>(static_cast<std::size_t>(tensors), held.dense / tensors)};
  }
  const bool routed = layer_traits(m, layer).routed;
  const LayerTraits traits = layer_traits(m, layer);
  HeldTensors tensors;
  if (traits.mixer == Mixer::attention) tensors.dense = attention_matrices(m);
  if (traits.mixer == Mixer::state_space) {
    const LayerWeights weights = layer_weights(m, layer);
    const double back = static_cast<double>(m.state_space.heads) * m.state_space.head_dim * m.hidden;
    tensors.dense = {weights.matrices - back, back};
  }
  if (routed ? m.experts.shared_ffn > 0 : traits.feedforward) append_feedforward(tensors.dense, m, routed ? m.experts.shared_ffn : feedforward_width(m));
  for (double& matrix : tensors.dense) matrix /= shard.tp;
  tensors.dense.front() += held.dense - std::accumulate(tensors.dense.begin(), tensors.dense.end(), 0.0);
  if (!routed) return tensors;
  const int experts = std::max(1, m.experts.count / shard.ep), matrices = static_cast<int>(input_matrices(m)) + 1;
  tensors.experts.assign(static_cast<std::size_t>(experts) * static_cast<std::size_t>(matrices), held.experts / (experts * matrices));
  return tensors;
}

double embedding_parameters(const Workload& w)
{
  if (is_convolutional(w.model)) return 0;
  const double norm = w.model.embedding_norm ? norm_parameters(w.model, w.model.hidden) : 0;
  return (embedding_rows(w.model) + position_rows(w) + w.model.token_types) * w.model.hidden + norm;
}

double head_parameters(const Workload& w)
{
  const ModelShape& m = w.model;
  double total = head_surroundings(m) + head_transform(m) + output_matrix(m);
  if (prediction_modules(m) > 0) total += m.prediction_layers * (layer_parameters(m, m.layers) + prediction_ends(m));
  return total;
}

double held_embedding_parameters(const Shard& shard)
{
  const Workload& w = *shard.workload;
  const double cut = reads_patches(w.model) || is_convolutional(w.model) ? 0 : static_cast<double>(w.model.vocabulary) * w.model.hidden;
  return embedding_parameters(w) - cut + cut / shard.tp;
}

double held_head_parameters(const Shard& shard, OutputMatrix matrix)
{
  const ModelShape& m = shard.workload->model;
  const int modules = prediction_modules(m);
  const double output = matrix == OutputMatrix::own_copy ? head_inputs(m) * m.vocabulary : output_matrix(m);
  const bool looks_up = modules > 0 && matrix == OutputMatrix::own_copy && has_output_matrix(m); // beside the output matrix
  const double table = looks_up ? static_cast<double>(m.vocabulary) * m.hidden : 0, projections = modules * 2.0 * m.hidden * m.hidden;
  return head_surroundings(m) + modules * 3 * norm_parameters(m, m.hidden) + (head_transform(m) + output + table + projections) / shard.tp;
}

double total_parameters(const Workload& w)
{
  double total = embedding_parameters(w) + head_parameters(w);
  for (int layer = 0; layer < layer_count(w.model); layer++) total += layer_parameters(w.model, layer);
  return total;
}

double active_parameters(const Workload& w)
{
  if (is_convolutional(w.model)) return total_parameters(w);
  double idle = 0;
  for (int layer = 0; layer < w.model.layers + w.model.prediction_layers; layer++) {
    const LayerWeights l = layer_weights(w.model, layer);
    idle += (l.experts - l.active) * l.expert();
  }
  return total_parameters(w) - idle;
}

} // namespace weft
