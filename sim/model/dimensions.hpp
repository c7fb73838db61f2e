// Widths that follow from a model's shape, layer by layer: what its keys leave to defaults, which layers are routed or windowed.
#pragma once
#include "spec/workload.hpp"

namespace weft {

/// Whether the network is a list of convolutions instead of a transformer.
inline bool is_convolutional(const ModelShape& m) { return !m.convolutions.empty(); }
/// Whether it reads image patches (a vision transformer), and whether it predicts masked tokens (BERT).
inline bool reads_patches(const ModelShape& m) { return m.patch_values > 0; }
inline bool predicts_masked_tokens(const ModelShape& m) { return !is_convolutional(m) && !reads_patches(m) && !m.causal; }
inline bool has_qkv_biases(const ModelShape& m) { return m.biases || m.qkv_biases; }
inline bool has_latent_attention(const ModelShape& m) { return m.latent.kv_rank > 0; }

/// What mixes the tokens of a layer.
enum class Mixer { attention, state_space, none };
/// What distinguishes one transformer layer from another.
struct LayerTraits {
  Mixer mixer = Mixer::attention;
  bool feedforward = true; ///< it has a feed-forward block
  bool routed = false; ///< its feed-forward block is one of experts
  int window = 0;      ///< tokens a token attends to; 0: all
  bool operator==(const LayerTraits&) const = default;
};
/// Traits of layer `layer`, 0-based. Layers behind the last are those of the prediction modules, which are like the last one.
inline LayerTraits layer_traits(const ModelShape& m, int layer)
{
  const int at = layer < m.layers ? layer : m.layers - 1;
  const Experts& e = m.experts;
  const char letter = m.layer_pattern.empty() ? ' ' : m.layer_pattern[static_cast<std::size_t>(at)]; // of hybrids: one block each
  return {.mixer = letter == 'M'   ? Mixer::state_space
                   : letter == '-' ? Mixer::none
                                   : Mixer::attention,
          .feedforward = letter == ' ' || letter == '-',
          .routed = e.count > 0 && at >= e.dense_layers && (at - e.dense_layers + 1) % e.every == 0,
          .window = letter != 'M' && letter != '-' && m.window > 0 && (at + 1) % m.window_every == 0 ? m.window : 0};
}

/// Width of a head of queries and keys.
inline double head_width(const ModelShape& m)
{
  if (has_latent_attention(m)) return m.latent.nope_dim + m.latent.rope_dim;
  return m.head_dim > 0 ? m.head_dim : static_cast<double>(m.hidden) / m.heads;
}
/// Width of a head of values.
inline double value_width(const ModelShape& m) { return has_latent_attention(m) ? m.latent.value_dim : head_width(m); }
/// Heads of keys and values; latent attention widens its latent to all heads.
inline double key_heads(const ModelShape& m) { return m.kv_heads > 0 && !has_latent_attention(m) ? m.kv_heads : m.heads; }
inline double feedforward_width(const ModelShape& m) { return m.ffn > 0 ? m.ffn : 4.0 * m.hidden; }
inline double expert_width(const ModelShape& m) { return m.experts.ffn > 0 ? m.experts.ffn : feedforward_width(m); }
/// Matrices that read a feed-forward block's input: the gate is one more.
inline double input_matrices(const ModelShape& m) { return gated(m.activation) ? 2 : 1; }

/// Pairs of tokens whose scores count in a sequence of `sequence` tokens: the whole square, or the band of a window.
inline double counted_pairs(double sequence, int window) { return sequence * (window > 0 && window < sequence ? window : sequence); }
/// Pairs a fused kernel computes: it skips what the causal mask and the window hide (Dao 2023, arXiv:2307.08691, section 3.1). A causal
/// window of w leaves s w - w^2 / 2, the half square at w = s.
inline double attended_pairs(double sequence, int window, bool causal)
{
  const double reach = window > 0 && window < sequence ? window : sequence;
  return causal ? sequence * reach - reach * reach / 2 : sequence * reach;
}

} // namespace weft
