// Writes a routed feed-forward block into the chain of a stage: computations with the all-to-alls between ranks that hold the experts.
#pragma once
#include "job/chain_writer.hpp"
#include "job/works.hpp"

namespace weft {

/// Which gradients a backward pass computes.
enum class Gradients { all, inputs, weights };

/// Tokens go to their experts (dispatch) and back (combine); under expert tensor parallelism they are gathered before the experts and
/// summed and scattered behind them. Node-limited dispatch goes across nodes and within them at the same time: tokens are forwarded as they
/// come (DeepSeek-V3, arXiv:2412.19437, section 3.2.2). Shared experts come behind, or run beside the dispatch where plan.overlap.experts
/// allows, and their weight gradients beside the way back.
class ExpertWriter {
public:
  ExpertWriter(const Plan& plan, const StepPayloads& payloads, ChainWriter& chain);

  void forward(const ExpertForward& forward, const ExpertWorks& works);
  void backward(const ExpertWorks& works, Gradients gradients);

private:
  /// Communications on their way.
  struct Transit {
    std::uint32_t across = no_task, within = no_task;
  };
  Transit start(std::uint32_t across, std::uint32_t within);
  void arrive(const Transit& transit);
  void tensor_collective(std::uint32_t payload);
  void expert_collective(std::uint32_t payload);
  void compute(std::uint32_t work);
  void shared_pass(std::uint32_t work);
  void shared_weights(std::uint32_t work);

  StepPayloads payloads_;
  ChainWriter& chain_;
  bool beside_; ///< shared experts run beside dispatch and combine
  bool tensor_; ///< under tensor parallelism, which comes with sequence parallelism: shared experts gather and scatter
  bool limited_;
};

} // namespace weft
