// How a model's shape stands in YAML.
#include "spec/check.hpp"

namespace weft {
template <> const Record<Experts>& record_of<Experts>()
{
  static const Record<Experts> record =
      Record<Experts>("experts", "The routed feed-forward blocks of a mixture-of-experts model.")
          .optional("count", &Experts::count, "routed experts of a layer; 0: the model is dense", in_range(0, 100'000))
          .optional("active", &Experts::active, "experts a token visits (top-k)", in_range(1, 100'000))
          .optional("ffn", &Experts::ffn, "width of one routed expert; 0: the model's ffn", in_range(0, 10'000'000))
          .optional("shared-ffn", &Experts::shared_ffn, "width of all shared experts together, which every token visits; 0: none",
                    in_range(0, 10'000'000))
          .optional("dense-layers", &Experts::dense_layers, "the first layers that stay dense", in_range(0, 10'000))
          .optional("every", &Experts::every, "behind them, each n-th layer is routed", in_range(1, 10'000));
  return record;
}

template <> const Record<LatentAttention>& record_of<LatentAttention>()
{
  static const Record<LatentAttention> record =
      Record<LatentAttention>("latent", "Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434, section 2.1).")
          .optional("query-rank", &LatentAttention::query_rank, "width of the queries' latent; 0: queries are projected directly",
                    in_range(0, 1'000'000))
          .optional("kv-rank", &LatentAttention::kv_rank, "width of the latent of keys and values; 0: ordinary attention",
                    in_range(0, 1'000'000))
          .optional("rope-dim", &LatentAttention::rope_dim, "part of a head that carries positions, shared by all heads on the key side",
                    in_range(0, 100'000))
          .optional("nope-dim", &LatentAttention::nope_dim, "part of a query or key head without positions", in_range(0, 100'000))
          .optional("value-dim", &LatentAttention::value_dim, "width of a value head", in_range(0, 100'000));
  return record;
}

template <> const Record<StateSpace>& record_of<StateSpace>()
{
  static const Record<StateSpace> record =
      Record<StateSpace>("state-space", "State-space layers (Mamba-2, arXiv:2405.21060).")
          .optional("heads", &StateSpace::heads, "heads of the recurrence; 0: the model has none", in_range(0, 100'000))
          .optional("head-dim", &StateSpace::head_dim, "inputs of a head", in_range(1, 100'000))
          .optional("state", &StateSpace::state, "values of the state per input", in_range(1, 100'000))
          .optional("groups", &StateSpace::groups, "groups of heads that share B and C", in_range(1, 100'000))
          .optional("kernel", &StateSpace::kernel, "tokens of the causal convolution", in_range(1, 1'000))
          .optional("chunk", &StateSpace::chunk, "tokens computed at once: changes flops and time, not the result", in_range(1, 1'000'000));
  return record;
}

template <> const Record<Convolution>& record_of<Convolution>()
{
  static const Record<Convolution> record =
      Record<Convolution>("convolution", "One convolution, or several equal ones in a row, each with its normalisation and activation.")
          .required("input-channels", &Convolution::input_channels, "channels it reads", in_range(1, 1'000'000))
          .required("output-channels", &Convolution::output_channels, "channels it writes", in_range(1, 1'000'000))
          .optional("kernel", &Convolution::kernel, "rows and columns of the kernel", in_range(1, 1'000))
          .optional("stride", &Convolution::stride, "rows and columns from one output to the next", in_range(1, 1'000))
          .required("size", &Convolution::size, "rows and columns of the output", in_range(1, 100'000))
          .optional("repeat", &Convolution::repeat, "as many in a row", in_range(1, 10'000))
          .optional("residual", &Convolution::residual, "its output is added to the input of its block");
  return record;
}

template <> const Record<Execution>& record_of<Execution>()
{
  static const Record<Execution> record =
      Record<Execution>("execution", "How the framework runs the kernels of a step.")
          .optional("kernels", &Execution::kernels,
                    "hand-fused as in Megatron-LM, fused by a compiler, one kernel per framework operation (eager PyTorch), or assembled: fused norms, "
                    "rotary and losses of libraries among single operations (InternEvo)")
          .optional("cuda-graphs", &Execution::cuda_graphs, "kernels are replayed from a graph: the host launches none of them")
          .optional("host-time", &Execution::host_time,
                    "the host needs to launch one kernel: a computation lasts at least as long as its launches, unless graphs replay them",
                    {"at least 0", [](const Seconds& v) { return v >= Seconds(0); }})
          .optional("early-stop", &Execution::early_stop,
                    "recomputation of a layer ends with the last value backward needs, as PyTorch's checkpoint does since 2.1")
          .optional("optimizer", &Execution::optimizer, "Adam in fp32, Adam with 8-bit or bf16 moments, or SGD with momentum")
          .optional("saved-activations", &Execution::saved_activations,
                    "of fp8 products, what backward needs is kept in bf16; what they read as they read it (fp8-operands, Transformer Engine); "
                    "or also what the activation function reads, and what attention puts out in 12 bits (fp8, DeepSeek-V3)")
          .optional("gradient-accumulation", &Execution::accumulation,
                    "one kernel widens a gradient and adds it, or one widens it to a copy that another adds (DeepSpeed's BF16_Optimizer); see "
                    "also plan.fused-gradient-accumulation")
          .optional("loss", &Execution::loss,
                    "as kernels say (fused: fp32 logits; else one kernel per operation, several fp32 copies of the logits), or compiled by itself: "
                    "16-bit logits and their gradient")
          .optional("fragmentation", &Execution::fragmentation,
                    "share of the memory that the framework's allocator holds for what comes and goes (activations, gathered parameters, buffers) and "
                    "cannot use; 0.15: mean of eight models under PyTorch's caching allocator (GMLake, arXiv:2401.08156)", in_range(0.0, 0.9))
          .optional("expert-imbalance", &Execution::expert_imbalance,
                    "coefficient of variation of the tokens an expert receives, drawn with engine.seed; 0: balanced", in_range(0.0, 100.0))
          .optional("expert-capacity", &Execution::expert_capacity,
                    "tokens an expert takes at most, in multiples of the mean; more are dropped; 0: none dropped", in_range(0.0, 1e6))
          .optional("pad-experts", &Execution::pad_experts,
                    "every expert is filled up to its capacity, so that products and messages have one size: they run and travel in full, but only "
                    "tokens count as model flops")
          .optional("global-gradient-norm", &Execution::global_gradient_norm,
                    "gradients are clipped by their norm over all ranks: an all-reduce of 4 bytes in front of the update, which all stages wait for; "
                    "false: by each rank's own part")
          .optional("loading-time", &Execution::loading_time,
                    "the input pipeline needs to make one microbatch ready; it works one step ahead, so a step lasts at least as long as its microbatches need",
                    {"at least 0", [](const Seconds& v) { return v >= Seconds(0); }})
          .optional("fp8-scaling", &Execution::fp8_scaling,
                    "with precision fp8, what shares a scale: a tensor, a row of an operand (torchao rowwise), or a block of it (DeepSeek-V3; "
                    "MXFP8)")
          .optional("repeated-keys", &Execution::repeated_keys,
                    "with grouped heads, keys and values are copied to every query head in front of attention, and exchanged so by "
                    "context-parallel ranks (torchtitan)")
          .optional("dispatch-precision", &Execution::dispatch_precision,
                    "of tokens on their way to the experts; they travel back in bf16");
  return record;
}

template <> const Record<ModelShape>& record_of<ModelShape>()
{
  // The upper bounds keep every product of two of them within a double's exact integers.
  static const Record<ModelShape> record =
      Record<ModelShape>("model", "A transformer by its shape, or a convolutional network by its convolutions.")
          .optional("name", &ModelShape::name, "name in reports; left out in a preset file: the file's name")
          .optional("title", &ModelShape::title, "full name")
          .inlined(&ModelShape::provenance)
          .optional("layers", &ModelShape::layers, "transformer layers; every transformer has some", in_range(0, 10'000))
          .optional("hidden", &ModelShape::hidden, "width of the residual stream; every transformer has some", in_range(0, 1'000'000))
          .optional("heads", &ModelShape::heads, "attention heads; every transformer has some", in_range(0, 100'000))
          .optional("kv-heads", &ModelShape::kv_heads, "key and value heads (grouped queries); 0: as many as heads", in_range(0, 100'000))
          .optional("head-dim", &ModelShape::head_dim, "width of one head; 0: hidden / heads", in_range(0, 100'000))
          .optional("ffn", &ModelShape::ffn, "width of the feed-forward block; 0: 4 x hidden", in_range(0, 10'000'000))
          .required("vocabulary", &ModelShape::vocabulary, "rows of the token embedding; classes, for images", in_range(1, 10'000'000))
          .optional("max-positions", &ModelShape::max_positions, "rows of a learned position table; 0: the sequence length",
                    in_range(0, 100'000'000))
          .optional("activation", &ModelShape::activation, "of the feed-forward block; swiglu and geglu have a gate and three matrices")
          .optional("position", &ModelShape::position, "how positions enter")
          .optional("normalization", &ModelShape::normalization, "of each block's input")
          .optional("biases", &ModelShape::biases, "linear layers have biases")
          .optional("qkv-biases", &ModelShape::qkv_biases,
                    "with biases: false, the projections of queries, keys and values have them all the same (Qwen2)")
          .optional("attention-sinks", &ModelShape::attention_sinks,
                    "each head has a learned logit in its softmax that no value belongs to (gpt-oss)")
          .optional("embedding-norm", &ModelShape::embedding_norm, "a norm stands behind the embedding (BLOOM)")
          .optional("tied-embeddings", &ModelShape::tied_embeddings, "the output head shares the input embedding")
          .optional("dropout", &ModelShape::dropout, "dropout probability; 0: no dropout kernels", in_range(0.0, 1.0))
          .optional("causal", &ModelShape::causal, "tokens attend to earlier ones only; false: to all, as in encoders")
          .optional("parallel-block", &ModelShape::parallel_block,
                    "attention and feed-forward share one norm and are added together (GPT-J, PaLM, Falcon)")
          .optional("window", &ModelShape::window, "tokens a token attends to; 0: the whole sequence", in_range(0, 100'000'000))
          .optional("window-every", &ModelShape::window_every, "each n-th layer has the window, the others see everything",
                    in_range(1, 10'000))
          .optional("prediction-layers", &ModelShape::prediction_layers,
                    "multi-token prediction modules behind the last layer (DeepSeek-V3, arXiv:2412.19437, section 2.2)", in_range(0, 100))
          .optional("token-types", &ModelShape::token_types, "rows of a second embedding (BERT's segments)", in_range(0, 1'000'000))
          .optional("patch-values", &ModelShape::patch_values,
                    "values of one image patch, projected instead of looked up (vision transformers); 0: tokens", in_range(0, 10'000'000))
          .optional("experts", &ModelShape::experts, "routed feed-forward blocks of a mixture of experts")
          .optional("latent", &ModelShape::latent, "multi-head latent attention")
          .optional("state-space", &ModelShape::state_space, "state-space layers of a hybrid")
          .optional("layer-pattern", &ModelShape::layer_pattern,
                    "of hybrids, a letter per layer: M state space, * attention, - feed-forward; left out: attention and feed-forward in each")
          .optional("convolutions", &ModelShape::convolutions, "a convolutional network by its layers, instead of a transformer")
          .optional("published-parameters", &ModelShape::published_parameters,
                    "as the source prints it, without prediction modules, to compare with; 0: not given", in_range(0.0, 1e18))
          .optional("published-active-parameters", &ModelShape::published_active_parameters, "the same of the parameters a token passes",
                    in_range(0.0, 1e18))
          .rule(check_model);
  return record;
}

} // namespace weft
