// The weights of a layer by how they are cut: what parameters and flops are counted from. Internal to the room.
#pragma once
#include "model/decoder.hpp"
#include "model/dimensions.hpp"

namespace weft {

/// Parameters of one transformer layer.
struct LayerWeights {
  double matrices = 0;        ///< cut over tp
  double key_matrices = 0;    ///< of them those of keys and values, which are copied when there are fewer heads than ranks
  double cut_biases = 0;      ///< of column-parallel matrices: follow their cut
  double whole = 0;           ///< on every rank of tp: norms and row-parallel biases
  double router = 0;          ///< a matrix, too, but on every rank
  double expert_matrices = 0; ///< of one expert, cut over etp
  double expert_cut_biases = 0, expert_whole_biases = 0; ///< of one expert
  double experts = 0;                                    ///< routed ones
  double active = 0;                                     ///< of them those a token visits

  [[nodiscard]] double dense() const { return matrices + cut_biases + whole + router; }
  [[nodiscard]] double expert() const { return expert_matrices + expert_cut_biases + expert_whole_biases; }
  /// Weights a token is multiplied with.
  [[nodiscard]] double multiplied() const { return matrices + router + active * expert_matrices; }
};
/// Of a transformer; layers behind the last are those of prediction modules.
LayerWeights layer_weights(const ModelShape& model, int layer);

/// Weights of one convolution of an entry.
inline double convolution_weights(const Convolution& c)
{
  return static_cast<double>(c.input_channels) * c.kernel * c.kernel * c.output_channels;
}
/// Width of what the output matrix reads.
inline double head_inputs(const ModelShape& m) { return is_convolutional(m) ? m.convolutions.back().output_channels : m.hidden; }
/// Tokens of a sample the head works on: classifiers read one.
inline double head_tokens(const Workload& w) { return is_convolutional(w.model) || reads_patches(w.model) ? 1 : w.sequence; }
/// Patches of a sample: the class token is no patch.
inline double patches(const Workload& w) { return w.sequence - 1.0; }

} // namespace weft
