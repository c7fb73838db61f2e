// Ranks, slots and groups of a training job: who communicates with whom.
#pragma once
#include "job/job.hpp"
#include "spec/scenario.hpp"

namespace weft {

/// Slots of a training job, in the order of Job::slots.
enum TrainingSlot : std::uint8_t {
  slot_tensor,
  slot_data,
  slot_embedding,
  slot_forward_send,
  slot_forward_receive,
  slot_backward_send,
  slot_backward_receive,
  slot_up_forward_send, ///< of chunks whose microbatches travel towards the first stage
  slot_up_forward_receive,
  slot_up_backward_send,
  slot_up_backward_receive
};
/// Lanes of a training job, in the order of Job::lanes.
enum TrainingLane : std::uint8_t {
  lane_compute,
  lane_tensor,
  lane_data,
  lane_forward_send,
  lane_forward_receive,
  lane_backward_send,
  lane_backward_receive,
  lane_gather, ///< parameters, beside the gradients' lane
  lane_up_forward_send,
  lane_up_forward_receive,
  lane_up_backward_send,
  lane_up_backward_receive
};

/// Adds lanes, slots, ranks (role = pipeline stage, stragglers slowed) and groups.
void add_training_ranks(Job& job, const Scenario& scenario);
/// Adds one rank per accelerator, all in one group, for a bare collective.
void add_collective_ranks(Job& job, const Scenario& scenario);

} // namespace weft
