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

/// Experts that are copied as the dense weights are travel with them.
StageParameters as_dense(StageParameters parameters)
{
  for (HeldParameters* end : {&parameters.embedding, &parameters.head}) *end = {.dense = end->total()};
  for (auto& chunk : parameters.layers)
    for (HeldParameters& layer : chunk) layer = {.dense = layer.total()};
  for (auto& chunk : parameters.tensors)
    for (HeldTensors& layer : chunk) {
      layer.dense.insert(layer.dense.end(), layer.experts.begin(), layer.experts.end());
      layer.experts.clear();
    }
  return parameters;
}

/// The tensors of a stage part by part, in the order forward passes them: embedding, layers, head.
std::vector<std::vector<double>> tensors_by_part(const StageParameters& stage, std::vector<double> HeldTensors::*kind,
                                                 double HeldParameters::*end)
{
  const auto whole = [&](const HeldParameters& held) { return held.*end > 0 ? std::vector<double>{held.*end} : std::vector<double>{}; };
  std::vector<std::vector<double>> parts{whole(stage.embedding)};
  for (const auto& chunk : stage.tensors)
    for (const HeldTensors& layer : chunk) parts.push_back(layer.*kind);
  parts.push_back(whole(stage.head));
  return parts;
}

double largest_share(const std::vector<Ownership>& owners)
{
  double most = 0;
  for (const Ownership& owner : owners) most = std::max(most, owner.parameters);
  return most;
}

} // namespace

DataParallelWriter::DataParallelWriter(Job& job, const Scenario& scenario, const StageParameters& parameters, ChainWriter& chain)
    : job_(job), scenario_(scenario), plan_(scenario.plan), parameters_(parameters),
      chain_(chain), dense_{dense_replicas(plan_), slot_data, slot_shard, slot_replica, ""}, routed_{dense_},
      bucket_(Bytes(1e6 * plan_.bucket_megabytes))
{
  if (has_expert_grid(plan_))
    routed_ = {expert_replicas(plan_), slot_expert_data, slot_expert_shard, slot_expert_replica, "expert "};
  else
    parameters_ = as_dense(parameters_);
  if (plan_.zero_spread != ZeroSpread::broadcasts) return;
  dense_.owners = deal_tensors(tensors_by_part(parameters_, &HeldTensors::dense, &HeldParameters::dense), dense_.replicas.cut);
  routed_.owners = deal_tensors(tensors_by_part(parameters_, &HeldTensors::experts, &HeldParameters::experts), routed_.replicas.cut);
}

Bytes DataParallelWriter::gradient_bytes(double parameters) const { return bytes_of(scenario_.workload->gradients) * parameters; }
const HeldParameters& DataParallelWriter::layer_of(const Pass& pass, int layer) const
{
  return parameters_.layers[static_cast<std::size_t>(pass.chunk)][static_cast<std::size_t>(layer)];
}
int DataParallelWriter::layers_of(const Pass& pass) const
{
  return static_cast<int>(parameters_.layers[static_cast<std::size_t>(pass.chunk)].size());
}
int DataParallelWriter::layers_before_head(const Pass& pass) const
{
  return layers_of(pass) - (pass.chunk == parameters_.head_chunk ? parameters_.modules : 0);
}
HeldParameters DataParallelWriter::ends_of(int chunk) const
{
  return sum(chunk == parameters_.embedding_chunk ? parameters_.embedding : HeldParameters{},
             chunk == parameters_.head_chunk ? parameters_.head : HeldParameters{});
}

double DataParallelWriter::updated() const
{
  const HeldParameters all = parameters_.total();
  if (plan_.zero == Zero::off) return all.total();
  if (plan_.zero_spread == ZeroSpread::broadcasts) return largest_share(dense_.owners) + largest_share(routed_.owners);
  return all.dense / dense_.replicas.cut + all.experts / routed_.replicas.cut;
}

bool DataParallelWriter::gathers_every_pass() const { return plan_.zero == Zero::parameters && plan_.reshard == Reshard::pass; }
bool DataParallelWriter::scatters_every_pass() const { return plan_.zero >= Zero::gradients && plan_.reshard == Reshard::pass; }

/// Sharded gradients cannot wait for the end of the step: they are scattered after every microbatch.
bool DataParallelWriter::reduces_after(const Pass& pass) const
{
  if (alone() || !gives_weight_gradients(pass)) return false;
  return scatters_every_pass() || (plan_.overlap.gradients && accumulation_ == Accumulation::complete);
}

/// Gathers 2-byte parameters once `after` has ended. Gathers follow one another on their lane: who waits for the last has all.
std::uint32_t DataParallelWriter::gather(std::uint32_t after, const HeldParameters& parameters, const char* what)
{
  std::uint32_t last = no_task;
  gather_part(dense_, parameters.dense, what, after, last);
  gather_part(routed_, parameters.experts, what, after, last);
  return last;
}

void DataParallelWriter::gather_part(const Copies& copies, double parameters, const std::string& what, std::uint32_t after,
                                     std::uint32_t& last)
{
  if (parameters <= 0 || copies.replicas.cut == 1) return;
  const std::string name = copies.words + ("parameter all-gather, " + what);
  const std::uint32_t payload = add_payload(job_, {name, Operation::all_gather, Bytes(2 * parameters), Category::data});
  last = chain_.after(after, payload, copies.cut_slot(), lane_gather);
}

void DataParallelWriter::reduce(const HeldParameters& parameters, const std::string& what)
{
  reduce_part(dense_, parameters.dense, what);
  reduce_part(routed_, parameters.experts, what);
}

void DataParallelWriter::reduce_part(const Copies& copies, double parameters, const std::string& what)
{
  if (parameters <= 0 || !copies.several()) return;
  const auto add = [&](const char* name, Operation operation, Bytes bytes) {
    return add_payload(job_, {copies.words + (name + what), operation, bytes, Category::data});
  };
  const Bytes bytes = gradient_bytes(parameters);
  if (plan_.zero == Zero::off || plan_.zero_reduce == ZeroReduce::all_reduce)
    return communicate(add("gradients", Operation::all_reduce, bytes), copies.whole);
  if (copies.replicas.cut > 1) communicate(add("gradients", Operation::reduce_scatter, bytes), copies.cut_slot());
  if (copies.replicas.copies() > 1) communicate(add("gradient shards", Operation::all_reduce, bytes / copies.replicas.cut), copies.replica);
}

void DataParallelWriter::communicate(std::uint32_t payload, std::uint8_t slot)
{
  if (plan_.overlap.gradients || !scatters_every_pass())
    reductions_.push_back(chain_.aside(payload, slot, lane_data));
  else
    chain_.collective(payload, slot, lane_data);
}

/// Owners of whole tensors broadcast them one after another, in the order in which parts of the network need them: what is written last
/// before a part's end brings all of it.
template <class Write> std::uint32_t DataParallelWriter::broadcast_part(std::size_t part, const Write& write)
{
  std::uint32_t last = no_task;
  for (const Copies* copies : {&dense_, &routed_}) {
    if (copies->replicas.cut == 1) continue;
    for (const Ownership& owner : copies->owners)
      if (owner.first_part == part)
        last = write(add_payload(job_, {std::string(copies->words) + "parameter broadcast", Operation::broadcast,
                                        Bytes(2 * owner.parameters), Category::data}),
                     copies->cut_slot());
  }
  return last;
}

void DataParallelWriter::begin_broadcasts()
{
  std::uint32_t last = no_task;
  std::size_t part = 0;
  const auto next = [&] {
    const auto beside = [&](std::uint32_t payload, std::uint8_t slot) { return chain_.after(no_task, payload, slot, lane_gather); };
    const std::uint32_t written = broadcast_part(part++, beside);
    return last = written == no_task ? last : written;
  };
  gathered_embedding_ = next();
  for (auto& chunk : gathered_)
    for (std::uint32_t& layer : chunk) layer = next();
  gathered_head_ = next();
}

/// ZeRO-1 with overlap, and parameters that stay whole for the step: what the last step updated is gathered in the order of its first use.
void DataParallelWriter::begin_step()
{
  for (const auto& chunk : parameters_.layers) gathered_.emplace_back(chunk.size(), no_task);
  const bool once = plan_.zero == Zero::parameters ? !gathers_every_pass() : plan_.zero != Zero::off && plan_.overlap.parameters;
  if (alone() || !once) return;
  if (plan_.zero_spread == ZeroSpread::broadcasts) return begin_broadcasts();
  gathered_embedding_ = gather(no_task, parameters_.embedding, "embedding");
  for (std::size_t chunk = 0; chunk < gathered_.size(); chunk++)
    for (std::size_t layer = 0; layer < gathered_[chunk].size(); layer++)
      gathered_[chunk][layer] = gather(no_task, parameters_.layers[chunk][layer], "one layer");
  gathered_head_ = gather(no_task, parameters_.head, "head");
  if (plan_.overlap.parameters) return;
  for (const std::uint32_t task : {gathered_embedding_, gathered_head_}) chain_.wait_for(task); // the last of a lane's
  for (const auto& chunk : gathered_)
    for (const std::uint32_t task : chunk) chain_.wait_for(task);
}

/// The head runs behind the last layer of its chunk, or at once where there is none.
void DataParallelWriter::wait_for_head(const Pass& pass)
{
  if (pass.direction == Direction::forward && pass.chunk == parameters_.head_chunk) chain_.wait_for(std::exchange(gathered_head_, no_task));
}

/// ZeRO-3: the ends of the network are gathered for the whole microbatch, the first layer's parameters beside what came before.
void DataParallelWriter::begin_pass(const Pass& pass, Accumulation accumulation)
{
  accumulation_ = accumulation;
  if (alone() || pass.direction == Direction::backward_weights) return;
  if (pass.direction == Direction::forward && pass.chunk == parameters_.embedding_chunk)
    chain_.wait_for(std::exchange(gathered_embedding_, no_task));
  if (layers_before_head(pass) == 0) wait_for_head(pass);
  if (!gathers_every_pass()) return;
  const std::uint32_t posted = plan_.overlap.parameters ? earlier_layer_end_ : chain_.last();
  if (pass.direction == Direction::forward) chain_.wait_for(gather(posted, ends_of(pass.chunk), "ends"));
  const int layers = layers_of(pass);
  if (layers > 0 && plan_.overlap.parameters)
    next_gather_ = gather(posted, layer_of(pass, pass.direction == Direction::forward ? 0 : layers - 1), "one layer");
}

void DataParallelWriter::begin_layer(const Pass& pass, int layer)
{
  if (alone()) return;
  const auto chunk = static_cast<std::size_t>(pass.chunk);
  if (pass.direction == Direction::forward) chain_.wait_for(std::exchange(gathered_[chunk][static_cast<std::size_t>(layer)], no_task));
  if (!gathers_every_pass()) return;
  if (!plan_.overlap.parameters) {
    chain_.wait_for(gather(chain_.last(), layer_of(pass, layer), "one layer"));
    return;
  }
  chain_.wait_for(next_gather_);
  const int next = next_layer(pass, layer);
  const bool more = next >= 0 && next < layers_of(pass);
  next_gather_ = more ? gather(chain_.last(), layer_of(pass, next), "one layer") : no_task;
}

void DataParallelWriter::end_layer(const Pass& pass, int layer)
{
  earlier_layer_end_ = layer_end_;
  layer_end_ = chain_.last();
  if (pass.direction == Direction::forward && layer + 1 == layers_before_head(pass)) wait_for_head(pass);
  if (!reduces_after(pass)) return;
  open_layers_++;
  open_ = sum(open_, layer_of(pass, layer));
  // Overlapped gradients go out in buckets of whole layers, last layer first.
  if (gradient_bytes(open_.total()) < bucket_ && next_layer(pass, layer) >= 0) return;
  reduce(open_, " of " + std::to_string(open_layers_) + " layer(s)");
  open_ = {};
  open_layers_ = 0;
}

void DataParallelWriter::renumber(std::uint32_t first, const std::vector<std::uint32_t>& numbers)
{
  const auto renumbered = [&](std::uint32_t& task) {
    if (task != no_task && task >= first) task = numbers[task - first];
  };
  for (std::uint32_t& reduction : reductions_) renumbered(reduction);
  for (auto& chunk : gathered_)
    for (std::uint32_t& task : chunk) renumbered(task);
  for (std::uint32_t* task : {&gathered_embedding_, &gathered_head_, &next_gather_, &layer_end_, &earlier_layer_end_}) renumbered(*task);
}

void DataParallelWriter::end_passes()
{
  if (alone()) return;
  const bool layers_done = plan_.overlap.gradients || scatters_every_pass();
  reduce(layers_done ? parameters_.ends() : parameters_.total(), "");
  for (const std::uint32_t reduction : reductions_) chain_.wait_for(reduction);
}

void DataParallelWriter::end_step()
{
  const bool gathers = plan_.zero == Zero::optimizer || plan_.zero == Zero::gradients;
  if (alone() || !gathers || plan_.overlap.parameters) return;
  if (plan_.zero_spread == ZeroSpread::broadcasts) {
    std::size_t layers = 0;
    for (const auto& chunk : parameters_.layers) layers += chunk.size();
    const auto in_turn = [&](std::uint32_t payload, std::uint8_t slot) {
      chain_.collective(payload, slot, lane_data);
      return chain_.last();
    };
    for (std::size_t part = 0; part < layers + 2; part++) broadcast_part(part, in_turn); // embedding and head around them
    return;
  }
  const HeldParameters all = parameters_.total();
  for (const auto& [copies, parameters] : {std::pair{&dense_, all.dense}, {&routed_, all.experts}}) {
    if (parameters <= 0 || copies->replicas.cut == 1) continue;
    const std::string name = std::string(copies->words) + "parameter all-gather";
    chain_.collective(add_payload(job_, {name, Operation::all_gather, Bytes(2 * parameters), Category::data}), copies->cut_slot(),
                      lane_data);
  }
}

} // namespace weft
