#include "job/parameters.hpp"

#include "job/pipeline.hpp"
#include "job/works.hpp"
#include "model/decoder.hpp"

namespace weft {

StageParameters stage_parameters(const Scenario& scenario, int stage)
{
  const Workload& w = *scenario.workload;
  const Plan& plan = scenario.plan;
  const double vocabulary = static_cast<double>(w.model.vocabulary) * w.model.hidden / plan.tp;
  StageParameters p;
  p.per_layer = held_parameters(shard_of(scenario), 0).total();
  p.layers = p.per_layer * layers_of_stage(scenario, stage);
  const Pipeline pipeline = pipeline_of(scenario);
  const bool first = pipeline.holds(stage, 0), last = pipeline.holds(stage, pipeline.parts() - 1);
  if (first)
    p.embedding = vocabulary + embedding_parameters(w) - static_cast<double>(w.model.vocabulary) * w.model.hidden; // positions are not cut
  if (last) {
    const double norm = head_parameters(w) - (w.model.tied_embeddings ? 0 : static_cast<double>(w.model.vocabulary) * w.model.hidden);
    const bool own_matrix = !w.model.tied_embeddings || !first;
    p.head = norm + (own_matrix ? vocabulary : 0);
  }
  return p;
}

} // namespace weft
