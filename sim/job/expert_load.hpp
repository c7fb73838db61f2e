// Load imbalance among experts: how many more tokens than the mean the busiest rank of a layer computes.
#pragma once
#include "spec/scenario.hpp"

namespace weft {

/// Tokens of the busiest rank's experts over the mean of all, in layer `layer` (from 0). 1 for balanced experts.
///
/// The tokens an expert receives are drawn from a lognormal distribution of mean 1 and coefficient of variation
/// Execution::expert_imbalance: positive, skewed towards a few popular experts. The shape is an estimate; published routings give the
/// spread only. Draws depend on EngineSettings::seed, the layer and the expert, and on nothing else: a layer keeps its load over a step,
/// and every group of experts has the same. Tokens beyond Execution::expert_capacity are dropped (Fedus et al. 2021, Switch Transformer,
/// arXiv:2101.03961, section 2.2). All ranks wait for the busiest in the all-to-alls around the experts: the job lets every rank compute as
/// long as the busiest.
double busiest_expert_load(const Scenario& scenario, int layer);

} // namespace weft
