// Workloads the model tests share.
#pragma once
#include "model/decoder.hpp"

namespace weft {

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
