#include "job/data_parallel.hpp"

#include "job/ranks.hpp"
#include "job/works.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace weft {
namespace {

/// Forward runs up the layers of a chunk, backward down.
int next_layer(const Pass& pass, int layer) { return pass.direction == Direction::forward ? layer + 1 : layer - 1; }

} // namespace

DataParallelWriter::DataParallelWriter(Job& job, const Scenario& scenario, const StageParameters& parameters, std::vector<int> chunk_layers,
                                       ChainWriter& chain)
    : job_(job), scenario_(scenario), plan_(scenario.plan), parameters_(parameters), chunk_layers_(std::move(chunk_layers)),
      chain_(chain)
{
  // Overlapped gradients go out in buckets of whole layers, last layer first.
  const Bytes target = Bytes(1e6 * plan_.bucket_megabytes);
  const int most = *std::max_element(chunk_layers_.begin(), chunk_layers_.end());
  while (layers_per_bucket_ < most && gradient_bytes(parameters_.per_layer * layers_per_bucket_) < target) layers_per_bucket_++;
}

Bytes DataParallelWriter::gradient_bytes(double parameters) const { return bytes_of(scenario_.workload->gradients) * parameters; }

double DataParallelWriter::updated() const { return parameters_.total() / (plan_.zero >= Zero::optimizer ? plan_.dp : 1); }

/// Sharded gradients cannot wait for the end of the step: they are scattered after every microbatch.
bool DataParallelWriter::reduces_after(const Pass& pass) const
{
  if (plan_.dp == 1 || !gives_weight_gradients(pass)) return false;
  return plan_.zero >= Zero::gradients || (plan_.overlap.gradients && accumulation_ == Accumulation::complete);
}

/// Gathers 2-byte parameters once `after` has ended.
std::uint32_t DataParallelWriter::gather(std::uint32_t after, double parameters, const char* what)
{
  const std::uint32_t payload =
      add_payload(job_, {std::string("parameter all-gather, ") + what, Operation::all_gather, Bytes(2 * parameters), Category::data});
  return chain_.after(after, payload, slot_data, lane_gather);
}

void DataParallelWriter::reduce(double parameters, const char* what)
{
  const Operation operation = plan_.zero == Zero::off ? Operation::all_reduce : Operation::reduce_scatter;
  const std::uint32_t payload = add_payload(job_, {std::string("gradients") + what, operation, gradient_bytes(parameters), Category::data});
  if (plan_.overlap.gradients || plan_.zero < Zero::gradients)
    reductions_.push_back(chain_.aside(payload, slot_data, lane_data));
  else
    chain_.collective(payload, slot_data, lane_data);
}

/// ZeRO-1 with overlap: what the last step updated is gathered layer by layer ahead of its first use.
void DataParallelWriter::begin_step()
{
  for (const int layers : chunk_layers_) gathered_.emplace_back(static_cast<std::size_t>(layers), no_task);
  if (plan_.dp == 1 || plan_.zero == Zero::off || plan_.zero == Zero::parameters || !plan_.overlap.parameters) return;
  for (auto& chunk : gathered_)
    for (std::uint32_t& layer : chunk) layer = gather(no_task, parameters_.per_layer, "one layer");
  const double ends = parameters_.embedding + parameters_.head;
  if (ends > 0) gather(no_task, ends, "ends");
}

/// ZeRO-3: the ends of the network are gathered for the whole microbatch, the first layer's parameters beside what came before.
void DataParallelWriter::begin_pass(const Pass& pass, Accumulation accumulation)
{
  accumulation_ = accumulation;
  if (plan_.zero != Zero::parameters || plan_.dp == 1 || pass.direction == Direction::backward_weights) return;
  const double ends = parameters_.embedding + parameters_.head;
  const std::uint32_t posted = plan_.overlap.parameters ? earlier_layer_end_ : chain_.last();
  if (ends > 0 && pass.direction == Direction::forward) chain_.wait_for(gather(posted, ends, "ends"));
  const int layers = chunk_layers_[static_cast<std::size_t>(pass.chunk)];
  if (layers > 0 && plan_.overlap.parameters) next_gather_ = gather(posted, parameters_.per_layer, "one layer");
}

void DataParallelWriter::begin_layer(const Pass& pass, int layer)
{
  const auto chunk = static_cast<std::size_t>(pass.chunk);
  if (pass.direction == Direction::forward) chain_.wait_for(std::exchange(gathered_[chunk][static_cast<std::size_t>(layer)], no_task));
  if (plan_.zero != Zero::parameters || plan_.dp == 1) return;
  if (!plan_.overlap.parameters) {
    chain_.wait_for(gather(chain_.last(), parameters_.per_layer, "one layer"));
    return;
  }
  chain_.wait_for(next_gather_);
  const int next = next_layer(pass, layer);
  const bool more = next >= 0 && next < chunk_layers_[chunk];
  next_gather_ = more ? gather(chain_.last(), parameters_.per_layer, "one layer") : no_task;
}

void DataParallelWriter::end_layer(const Pass& pass, int layer)
{
  earlier_layer_end_ = layer_end_;
  layer_end_ = chain_.last();
  if (!reduces_after(pass)) return;
  open_layers_++;
  if (open_layers_ < layers_per_bucket_ && next_layer(pass, layer) >= 0) return;
  const std::string what = " of " + std::to_string(open_layers_) + " layer(s)";
  reduce(parameters_.per_layer * open_layers_, what.c_str());
  open_layers_ = 0;
}

void DataParallelWriter::end_passes()
{
  if (plan_.dp == 1) return;
  const bool layers_done = plan_.overlap.gradients || plan_.zero >= Zero::gradients;
  const double left = layers_done ? parameters_.embedding + parameters_.head : parameters_.total();
  if (left > 0) reduce(left, "");
  for (const std::uint32_t reduction : reductions_) chain_.wait_for(reduction);
}

void DataParallelWriter::end_step()
{
  const bool gathers = plan_.zero == Zero::optimizer || plan_.zero == Zero::gradients;
  if (plan_.dp == 1 || !gathers || plan_.overlap.parameters) return;
  chain_.collective(add_payload(job_, {"parameter all-gather", Operation::all_gather, Bytes(2 * parameters_.total()), Category::data}),
                    slot_data, lane_data);
}

} // namespace weft
