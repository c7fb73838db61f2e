#include "job/parameters.hpp"

#include "model/decoder.hpp"

namespace weft {

StageParameters stage_parameters(const Scenario& scenario, int stage)
{
  const Workload& w = *scenario.workload;
  const Plan& plan = scenario.plan;
  const double vocabulary = static_cast<double>(w.model.vocabulary) * w.model.hidden / plan.tp;
  StageParameters p;
  p.per_layer = layer_parameters_per_rank(w.model, plan.tp);
  p.layers = p.per_layer * w.model.layers / plan.pp;
  if (stage == 0) p.embedding = vocabulary + embedding_parameters(w) - static_cast<double>(w.model.vocabulary) * w.model.hidden; // positions are not cut
  if (stage == plan.pp - 1) {
    const double norm = head_parameters(w) - (w.model.tied_embeddings ? 0 : static_cast<double>(w.model.vocabulary) * w.model.hidden);
    const bool own_matrix = !w.model.tied_embeddings || plan.pp > 1;
    p.head = norm + (own_matrix ? vocabulary : 0);
  }
  return p;
}

} // namespace weft
