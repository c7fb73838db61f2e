// Writes the core of attention into the chain of a stage where context-parallel ranks hold a part of each sample's tokens.
#pragma once
#include "job/chain_writer.hpp"
#include "job/works.hpp"

namespace weft {

/// The exchanges around and within the core.
///
/// ring (Liu et al. 2023, Ring Attention, arXiv:2310.01889; Transformer Engine, AttnFuncWithCPAndKVP2P): keys and values go round in cp - 1
/// exchanges, each beside the piece of attention over those that came before. Backward sends them round again with their gradients one
/// exchange behind, so that these are home when the last piece ends. Pieces are equal: each rank holds a slice from the front and its
/// mirror from the back of the sequence ("zigzag"), which evens out the causal mask. all-gather (Llama 3, arXiv:2407.21783, section 3.3.2):
/// keys and values of all ranks are gathered before the core, and again in backward (Transformer Engine, AttnFuncWithCPAndKVAllGather); the
/// gradients are summed and scattered behind it. all-to-all (DeepSpeed-Ulysses, arXiv:2309.14509, section 3): tokens are swapped for heads
/// before the core and back behind it. gathered-ring (PyTorch, torch.distributed.tensor.experimental, rotate method all-gather): keys and
/// values are gathered beside the piece of the rank's own, the other pieces follow; in backward the gradients, in fp32, go round a ring.
class ContextWriter {
public:
  ContextWriter(const Plan& plan, const StepPayloads& payloads, ChainWriter& chain) : plan_(plan), payloads_(payloads), chain_(chain) {}

  void forward(const BlockForward& works);
  /// `again` is the forward that selective recomputation repeats first, no_work in its core where there is none.
  void backward(const BlockWorks& works);

private:
  void collective(std::uint32_t payload);
  void ring_forward(const BlockForward& works);
  void ring_backward(std::uint32_t piece);
  void gathered_forward(const BlockForward& works);
  void gathered_backward(std::uint32_t piece);
  std::uint32_t exchange(std::uint32_t payload, std::uint32_t received, std::uint32_t computed);

  const Plan& plan_;
  const StepPayloads& payloads_;
  ChainWriter& chain_;
};

} // namespace weft
