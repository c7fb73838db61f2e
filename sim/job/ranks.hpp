// Ranks, slots and groups of a training job: who communicates with whom.
#pragma once
#include "job/job.hpp"
#include "spec/scenario.hpp"

#include <optional>

namespace weft {

/// Slots of a training job, in the order of Job::slots. A job without experts, context parallelism and hybrid sharding ends with the
/// pipeline's.
enum TrainingSlot : std::uint8_t {
  slot_tensor,
  slot_data, ///< all ranks with the same dense weights: cp x dp
  slot_embedding,
  slot_forward_send,
  slot_forward_receive,
  slot_backward_send,
  slot_backward_receive,
  slot_up_forward_send, ///< of chunks whose microbatches travel towards the first stage
  slot_up_forward_receive,
  slot_up_backward_send,
  slot_up_backward_receive,
  slot_context, ///< ranks that share a sample
  slot_ring_send,
  slot_ring_receive,
  slot_expert,        ///< ranks that hold a layer's experts between them
  slot_expert_across, ///< node-limited dispatch: those of them with the same place in their nodes
  slot_expert_within, ///< node-limited dispatch: those of them in one node
  slot_expert_tensor, ///< ranks that hold an expert between them
  slot_expert_data,   ///< ranks with the same experts
  slot_shard,         ///< hybrid sharding: the neighbours that state is cut over
  slot_replica,       ///< hybrid sharding: ranks with the same part of the state
  slot_expert_shard,
  slot_expert_replica,
  slot_clip ///< all ranks, where gradients are clipped by their common norm
};
/// Lanes of a training job, in the order of Job::lanes; cut short likewise. The data loader's, where loading takes time, comes last.
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
  lane_up_backward_receive,
  lane_context,
  lane_ring_send,
  lane_ring_receive,
  lane_expert,
  lane_expert_within, ///< of node-limited dispatch, beside the way across nodes
  lane_expert_tensor
};

/// Whether gradients are clipped by their norm over all ranks, of which there are several.
bool clips_together(const Scenario& scenario);
/// Adds lanes, slots, ranks (role = pipeline stage, stragglers slowed) and groups.
void add_training_ranks(Job& job, const Scenario& scenario);
/// Lanes of a bare collective, in the order of Job::lanes (the host's only where it takes time), and the roles of its ranks.
enum CollectiveLane : std::uint8_t { lane_collective, lane_host };
enum CollectiveRole : std::uint8_t { role_caller, role_bystander };

/// Adds one rank per accelerator; those that call a bare collective are in one group. Throws
/// ConfigError when the machine has too few.
void add_collective_ranks(Job& job, const Scenario& scenario);
/// Adds one rank per accelerator and an ordered pair (sender, receiver) for each, for a permutation. Throws ConfigError for a shift that
/// makes ranks send to themselves.
void add_permutation_ranks(Job& job, const Scenario& scenario);

/// Nodes that each group of experts spans, and its ranks in each.
struct ExpertNodes {
  int nodes = 1, ranks_per_node = 1;
};
/// Rank r runs on accelerator r, and accelerators count node by node. Nothing when a group has more ranks on one node than on another:
/// node-limited dispatch has no plan for that.
std::optional<ExpertNodes> expert_nodes(const Scenario& scenario);

} // namespace weft
