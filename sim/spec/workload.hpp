// The training job as the user describes it: the network's shape, the batch, the numbers it computes in.
#pragma once
#include "spec/platform.hpp"

#include <cstdint>
#include <string>

namespace weft {

enum class Activation { gelu, relu, squared_relu, swiglu, geglu };
template <> struct Choices<Activation> {
  static constexpr std::array<const char*, 5> names{"gelu", "relu", "squared-relu", "swiglu", "geglu"};
};
/// Whether the feed-forward block has a gate: three matrices instead of two.
constexpr bool gated(Activation a) { return a == Activation::swiglu || a == Activation::geglu; }

enum class Position { learned, rotary, alibi, none };
template <> struct Choices<Position> {
  static constexpr std::array<const char*, 4> names{"learned", "rotary", "alibi", "none"};
};

enum class Normalization { layernorm, rmsnorm };
template <> struct Choices<Normalization> {
  static constexpr std::array<const char*, 2> names{"layernorm", "rmsnorm"};
};

/// A decoder transformer by its shape.
struct ModelShape {
  std::string name;
  std::string title;
  Provenance provenance;
  int layers = 0;
  int hidden = 0;
  int heads = 0;
  int kv_heads = 0; ///< 0: as many as heads
  int head_dim = 0; ///< 0: hidden / heads
  int ffn = 0;      ///< width of the feed-forward block; 0: 4 x hidden
  int vocabulary = 0;
  int max_positions = 0; ///< rows of a learned position table; 0: the sequence length
  Activation activation = Activation::gelu;
  Position position = Position::learned;
  Normalization normalization = Normalization::layernorm;
  bool biases = true;              ///< linear layers have biases
  bool tied_embeddings = true;     ///< output head shares the input embedding
  double dropout = 0.1;            ///< 0: no dropout kernels
  double published_parameters = 0; ///< as the source prints it, for the test that compares; 0: not given
};
template <> const Record<ModelShape>& record_of<ModelShape>();

enum class AttentionKernel { unfused, flash };
template <> struct Choices<AttentionKernel> {
  static constexpr std::array<const char*, 2> names{"unfused", "flash"};
};

/// What is trained.
struct Workload {
  ModelShape model;
  int sequence = 2048;                   ///< tokens per sample
  int batch = 1;                         ///< samples per optimizer step, over all replicas
  Precision precision = Precision::bf16; ///< of matrix products
  Precision gradients = Precision::fp32; ///< of gradient accumulation and reduction
  AttentionKernel attention = AttentionKernel::flash;
  double token_budget = 0; ///< tokens of the whole training run; 0: not asked
  std::string name;        ///< file name of the preset, if it came from one
  std::string title;
  Provenance provenance;
};

} // namespace weft
