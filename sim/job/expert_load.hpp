// Load imbalance among experts: how many more tokens than the mean the busiest rank of a layer computes, and how many a capacity drops.
#pragma once
#include "model/decoder.hpp"
#include "spec/scenario.hpp"

namespace weft {

/// Tokens of the experts in layer `layer` (from 0) over the mean of all tokens' copies. All 1 for balanced experts without a capacity.
///
/// The tokens an expert receives are drawn from a lognormal distribution of mean 1 and coefficient of variation
/// Execution::expert_imbalance: positive, skewed towards a few popular experts. The shape is an estimate; published routings give the
/// spread only. Draws depend on EngineSettings::seed, the layer and the expert, and on nothing else: a layer keeps its load over a step,
/// and every group of experts has the same. Tokens beyond Execution::expert_capacity are dropped (Fedus et al. 2021, Switch Transformer,
/// arXiv:2101.03961, section 2.2); with Execution::pad_experts every expert is filled up to its capacity, so that its products and messages
/// have one size. All ranks wait for the busiest in the all-to-alls around the experts: the job lets every rank compute as long as the
/// busiest.
ExpertLoad expert_load(const Scenario& scenario, int layer);

/// Flops of one sample: model flops without the tokens that a capacity drops, hardware flops with what recomputation repeats and with the rows
/// that fill experts up.
struct StepFlops {
  Flops model, hardware;
};
StepFlops flops_per_sample(const Scenario& scenario);

} // namespace weft
