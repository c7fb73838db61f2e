// What the blocks of a layer share: the widths of a shard and the small operators around matrix products. Internal to the room.
// Bytes per value of the streaming kernels follow the fused kernels of Megatron-LM (layer norm, scale-mask-softmax, bias-GeLU,
// bias-dropout-add); activations are 2-byte values, dropout masks 1 byte. Left out: transposes inside attention other than the
// context's, kernel-level cache reuse between neighbours.
#pragma once
#include "model/decoder.hpp"
#include "model/dimensions.hpp"
#include "model/matrix.hpp"

#include <initializer_list>

namespace weft {

/// The widths of a shard, in values.
struct Widths {
  double tokens; ///< s b / cp
  double hidden;
  double query, kv;    ///< per rank: head width x heads / tp, head width x key heads / tp
  double value;        ///< per rank: value width x heads / tp, what attention puts out
  double ffn;          ///< per rank
  double full;         ///< s b h / cp, divided by tp under sequence parallelism: norms, dropout and residuals
  Precision precision; ///< of linear layers
  Precision core;      ///< of attention, which stays in 16 bits when the linear layers run in fp8
  Precision gradients;
  bool fused; ///< gradients accumulate inside the matrix kernel
  Fp8Scaling scaling; ///< of linear layers in fp8
  /// Whether the inputs of column-parallel layers are gathered over tp.
  [[nodiscard]] bool gathered() const { return full < tokens * hidden; }
};
Widths widths(const Shard& shard);

/// Gradients of linear layers: one product each for data and weights; unless fused, a pass adds the weight gradient
/// (2 bytes) to its accumulator (read and write).
Operator data_of(const char* name, const MatrixShape& shape, const Widths& w);
void add_weights(std::vector<Operator>& into, const char* name, const MatrixShape& shape, const Widths& w);

/// Normalisation of `values`: read 2, write 2. Backward: x, dy, dx; x and dy again for the scale's gradient.
Operator norm(double values);
Operator norm_backward(double values);
/// The block's own norm at its entry, and the residual branch that joins the gradient again.
void add_entry(std::vector<Operator>& entry, std::vector<Operator>& entry_backward, const Widths& w);
/// Dropout with bias and residual at the block's exit.
void add_exit(std::vector<Operator>& exit, std::vector<Operator>& exit_backward, const Widths& w, double dropout);
/// A bias that no other kernel takes along is added in place. Its gradient sums the output's gradient.
Operator bias(double values);
Operator bias_gradient(double values);
void add_bias_gradient(std::vector<Operator>& into, const ModelShape& m, double values);
/// In fp8 the operand of a product is cast and stored twice, as it is and transposed for the weight gradient
/// (Transformer Engine's cast-transpose; operands behind a norm are cast by the norm itself).
void add_cast(std::vector<Operator>& into, const Widths& w, double values, Recompute repeated_by = Recompute::none);
/// Operands of fp8 products that are gathered over tp. Scaled by tensor or block they are cast first and travel in fp8; Hopper's products
/// need a transposed copy for the weight gradient, made behind the gather (read 1, write 1). Rows run along different dimensions in a
/// product and in its weight gradient, so operands scaled by rows travel in 16 bits and are cast behind the gather, every rank all of them
/// (torchtitan: float8 all-gather for tensor-wise scaling only).
/// The input of a column-parallel layer, which a norm has put out and cast; and the gradient of what a row-parallel layer puts out.
void add_column_operand(std::vector<Operator>& into, const Widths& w);
void add_row_gradient(std::vector<Operator>& into, const Widths& w);
/// The same operator, run again in backward under a kind of recomputation.
Operator repeated_by(Recompute kind, Operator op);
/// Bytes of one value kept for backward, by what reads it.
struct SavedBytes {
  double operand;          ///< of a linear layer's product
  double context;          ///< what attention puts out: its own backward and the output projection
  double activation_input; ///< of the activation function
};
SavedBytes saved_bytes(const Workload& workload);
/// What is kept in a narrower form than it is computed in is cast for it.
void add_saving(std::vector<Operator>& forward, const Workload& workload, double values, double bytes_each);
/// Puts those of the forward operators that the shard's recomputation runs again in front of `backward`.
void add_repeats(std::vector<Operator>& backward, std::initializer_list<const std::vector<Operator>*> forward, const Recomputation& set);
/// The activation between a feed-forward block's products, over `values` of its output, and its backward.
Operator activation(const ModelShape& m, double values);
Operator activation_backward(const ModelShape& m, double values);

void append(std::vector<Operator>& into, const std::vector<Operator>& more);

/// Blocks of a layer; see decoder.hpp.
Block attention_block(const Shard& shard, const Widths& w, int window);
Block latent_attention_block(const Shard& shard, const Widths& w, int window);
/// A state-space layer's, in the place of attention's.
Block state_space_block(const Shard& shard, const Widths& w);
/// A two- or three-matrix feed-forward block of `ffn` values per rank.
Block feedforward_block(const Shard& shard, const Widths& w);
ExpertBlock expert_block(const Shard& shard, const Widths& w);
/// Whether a rank weighs the copies that come back from the experts, and so keeps them for the weights' gradients. Where they are summed on
/// their way (node-limited dispatch: github.com/deepseek-ai/DeepEP, combine) the experts weigh what they put out.
inline bool weighs_copies(const Shard& shard) { return shard.dispatch == Dispatch::direct; }
Block convolution_block(const Shard& shard, int entry);
/// Scores, softmax and context of attention, forward and backward, into the block's core.
void add_attention_core(Block& block, const Shard& shard, const Widths& w, int window);

} // namespace weft
