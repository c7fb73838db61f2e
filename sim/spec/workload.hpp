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

/// The routed feed-forward blocks of a mixture-of-experts model.
struct Experts {
  int count = 0;        ///< routed experts of a layer; 0: the model is dense
  int active = 1;       ///< experts a token visits (top-k)
  int ffn = 0;          ///< width of one routed expert; 0: the model's ffn
  int shared_ffn = 0;   ///< width of all shared experts together, which every token visits; 0: none
  int dense_layers = 0; ///< the first layers that stay dense
  int every = 1;        ///< behind them, each n-th layer is routed, the n-th first
};
template <> const Record<Experts>& record_of<Experts>();

/// Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434, section 2.1): queries, keys and values pass through narrow latents.
struct LatentAttention {
  int query_rank = 0; ///< width of the queries' latent; 0: queries are projected directly
  int kv_rank = 0;    ///< width of the latent of keys and values; 0: ordinary attention
  int rope_dim = 0;   ///< part of a head that carries positions, shared by all heads on the key side
  int nope_dim = 0;   ///< part of a query or key head without positions
  int value_dim = 0;  ///< width of a value head
};
template <> const Record<LatentAttention>& record_of<LatentAttention>();

/// State-space layers (Mamba-2, arXiv:2405.21060).
struct StateSpace {
  int heads = 0;     ///< 0: the model has none
  int head_dim = 64; ///< inputs of a head
  int state = 128;   ///< values of the state per input
  int groups = 1;    ///< of heads that share B and C
  int kernel = 4;    ///< tokens of the causal convolution
  int chunk = 256;   ///< tokens computed at once; does not change the result
};
template <> const Record<StateSpace>& record_of<StateSpace>();

/// One convolution, or several equal ones in a row, each with its normalisation and activation.
struct Convolution {
  int input_channels = 0, output_channels = 0;
  int kernel = 1;  ///< kernel x kernel
  int stride = 1;
  int size = 0;    ///< rows and columns of the output
  int repeat = 1;
  bool residual = false; ///< its output is added to the input of its block
};
template <> const Record<Convolution>& record_of<Convolution>();

/// A transformer by its shape, or a convolutional network by its list of convolutions.
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
  bool qkv_biases = false;         ///< without biases elsewhere, the projections of queries, keys and values have them (Qwen2)
  bool attention_sinks = false;    ///< each head has a learned logit that takes attention from the tokens (gpt-oss)
  bool embedding_norm = false;     ///< a norm behind the embedding (BLOOM)
  bool tied_embeddings = true;     ///< output head shares the input embedding
  double dropout = 0.1;            ///< 0: no dropout kernels
  bool causal = true;              ///< tokens attend to earlier ones only; false: to all (encoders)
  bool parallel_block = false;     ///< attention and feed-forward share one norm and are added together (GPT-J, PaLM, Falcon)
  int window = 0;                  ///< tokens a token attends to; 0: the whole sequence
  int window_every = 1;            ///< each n-th layer has the window, the others see everything
  int prediction_layers = 0;       ///< multi-token prediction modules behind the last layer (DeepSeek-V3, arXiv:2412.19437, section 2.2)
  int token_types = 0;             ///< rows of a second embedding (BERT's segments)
  int patch_values = 0;            ///< values of one image patch, projected instead of looked up (vision transformers); 0: tokens
  Experts experts;
  LatentAttention latent;
  StateSpace state_space;
  std::string layer_pattern; ///< of hybrids, a letter per layer: M state space, * attention, - feed-forward; empty: both halves in each layer
  std::vector<Convolution> convolutions; ///< not empty: a convolutional network; layers, hidden and heads are not used
  double published_parameters = 0; ///< as the source prints it, for the test that compares, without prediction modules; 0: not given
  double published_active_parameters = 0; ///< the same of the parameters a token passes
};
template <> const Record<ModelShape>& record_of<ModelShape>();

/// How attention between its projections runs: as separate kernels, or as a fused one of some generation (FlashAttention 2, 1 and 3;
/// arXiv:2307.08691, arXiv:2205.14135, arXiv:2407.08608).
enum class AttentionKernel { unfused, flash, flash_1, flash_3 };
template <> struct Choices<AttentionKernel> {
  static constexpr std::array<const char*, 4> names{"unfused", "flash", "flash-1", "flash-3"};
};

/// How the framework runs the kernels of a step.
enum class KernelStyle { fused, compiled, eager, assembled };
template <> struct Choices<KernelStyle> {
  static constexpr std::array<const char*, 4> names{"fused", "compiled", "eager", "assembled"};
};
/// How a microbatch's weight gradient joins the accumulator: one kernel widens and adds it (Megatron-LM's main gradients), or one widens it
/// to a copy that another adds (DeepSpeed's BF16_Optimizer, which keeps the 16-bit gradients until the next backward).
enum class GradientAccumulation { one_pass, two_passes };
template <> struct Choices<GradientAccumulation> {
  static constexpr std::array<const char*, 2> names{"one-pass", "two-passes"};
};
/// How far a scale of fp8 operands reaches: over a whole tensor, over a row (along the depth of a product) of the operand, or over a block of
/// it (1 x 128 values of activations, 128 x 128 of weights: DeepSeek-V3; 32 values: MXFP8).
enum class Fp8Scaling { tensor, row, block };
template <> struct Choices<Fp8Scaling> {
  static constexpr std::array<const char*, 3> names{"tensor", "row", "block"};
};
/// How logits become a loss: as the kernel style has it, or compiled by itself (torch.compile of the loss).
enum class LossStyle { by_kernels, compiled };
template <> struct Choices<LossStyle> {
  static constexpr std::array<const char*, 2> names{"by-kernels", "compiled"};
};
enum class OptimizerKind { adam, adam_8bit, sgd, adam_bf16 };
template <> struct Choices<OptimizerKind> {
  static constexpr std::array<const char*, 4> names{"adam", "adam-8bit", "sgd", "adam-bf16"};
};
/// How activations are kept for backward when products run in fp8: in 16 bits; what products read as they read it, in fp8 (Transformer
/// Engine); or besides, what the activation function reads in fp8 and what attention puts out in 12 bits, with an fp32 scale per 128 values
/// (DeepSeek-V3, arXiv:2412.19437, section 3.3.3).
enum class SavedActivations { bf16, fp8_operands, fp8 };
template <> struct Choices<SavedActivations> {
  static constexpr std::array<const char*, 3> names{"bf16", "fp8-operands", "fp8"};
};
struct Execution {
  KernelStyle kernels = KernelStyle::fused;      ///< hand-fused (Megatron-LM), compiler-fused, or one kernel per framework operation
  bool cuda_graphs = false;                      ///< kernels are replayed from a graph: the host launches none of them
  Seconds host_time = Seconds(6e-6);             ///< the host needs to launch one kernel; a computation lasts at least as long as its launches
  bool early_stop = false;                       ///< recomputation of a layer ends with the last value backward needs (PyTorch 2.1 and later)
  OptimizerKind optimizer = OptimizerKind::adam;
  SavedActivations saved_activations = SavedActivations::bf16;
  GradientAccumulation accumulation = GradientAccumulation::one_pass; ///< unless the plan fuses it into the product
  LossStyle loss = LossStyle::by_kernels;
  double fragmentation = 0.15;                   ///< share of the allocator's memory for what comes and goes that lies idle between blocks
  double expert_imbalance = 0;                   ///< coefficient of variation of the tokens an expert receives; 0: balanced
  double expert_capacity = 0;                    ///< tokens an expert takes at most, in multiples of the mean; more are dropped; 0: none dropped
  bool pad_experts = false;                      ///< every expert is filled up to its capacity
  bool global_gradient_norm = false;             ///< gradients are clipped by their norm over all ranks: an all-reduce before the update
  Seconds loading_time{};                        ///< the input pipeline needs for one microbatch; it works one step ahead
  Fp8Scaling fp8_scaling = Fp8Scaling::tensor;
  bool repeated_keys = false;                    ///< keys and values are copied to every query head in front of attention
  Precision dispatch_precision = Precision::bf16; ///< of tokens on their way to the experts; back they travel in bf16
};
template <> const Record<Execution>& record_of<Execution>();

/// What is trained.
struct Workload {
  ModelShape model;
  int sequence = 2048;                   ///< tokens per sample
  int batch = 1;                         ///< samples per optimizer step, over all replicas
  Precision precision = Precision::bf16; ///< of matrix products
  Precision gradients = Precision::fp32; ///< of gradient accumulation and reduction
  AttentionKernel attention = AttentionKernel::flash;
  Execution execution;
  double token_budget = 0; ///< tokens of the whole training run; 0: not asked
  std::string name;        ///< file name of the preset, if it came from one
  std::string title;
  Provenance provenance;
};

} // namespace weft
