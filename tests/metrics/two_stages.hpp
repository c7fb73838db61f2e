// A hand-made step for the metrics tests: two pipeline stages, four ranks, times that can be checked in the head.
#pragma once
#include "engine/trace.hpp"
#include "fabric/fabric.hpp"
#include "fold/folding.hpp"

#include <memory>

#pragma GCC diagnostic ignored "-Wmissing-field-initializers" // what a value here leaves out stays at its default on purpose

namespace weft::test {

/// The values refer to one another, so they stay where they are made.
struct TwoStages {
  Fabric fabric;
  Job job;
  Folding folding;
  Trace trace;
};

enum Slots : std::uint8_t { tensor_slot, send_slot, receive_slot, data_slot };
enum Payloads : std::uint32_t { tensor_payload, message_payload, data_payload };

inline Task compute_task() { return {.kind = TaskKind::compute, .lane = 0, .slot = 0, .what = 0}; }
inline Task communicate_task(std::uint8_t lane, std::uint8_t slot, std::uint32_t payload)
{
  return {.kind = TaskKind::communicate, .lane = lane, .slot = slot, .what = payload};
}

/// Stage 0 is played by ranks 0, 1, 2 (one class), stage 1 by rank 3.
///   stage 0: computes 0..4; tensor collective arrives 2, runs 3..6; sends: arrives 6, runs 8..9
///   stage 1: receives: arrives 0, runs 8..9; computes 9..9.5; data collective arrives 9.5, runs 9.75..10
/// Links: "nvlink" of 100 B/s carries the tensor collective (300 B, no latency), "nic" of 10 B/s the message (5 B in 0.5 s after 0.5 s of
/// latency) and the data collective (2 B).
inline std::unique_ptr<TwoStages> two_stages()
{
  auto made = std::make_unique<TwoStages>();
  Fabric& fabric = made->fabric;
  fabric.media = {{.name = "nvlink"}, {.name = "nic"}};
  fabric.links = {{.capacity = Bandwidth(100), .medium = 0}, {.capacity = Bandwidth(10), .medium = 1}};
  fabric.vertices = {{.name = "a, \"first\""}};

  Job& job = made->job;
  job.lanes = {"compute", "tp", "pp", "dp"};
  job.slots = {{"tp"}, {"send"}, {"receive"}, {"dp"}};
  job.group_kinds = {"tp", "pp", "dp"};
  job.works = {{.name = "layer, forward", .duration = Seconds(4)}};
  job.payloads = {{.name = "tensor", .bytes = Bytes(300), .category = Category::tensor},
                  {.name = "message", .operation = Operation::send, .bytes = Bytes(5), .category = Category::pipeline},
                  {.name = "gradients", .bytes = Bytes(2), .category = Category::data}};
  job.programs = {
      {.name = "stage 0",
       .tasks = {compute_task(), communicate_task(1, tensor_slot, tensor_payload), communicate_task(2, send_slot, message_payload)}},
      {.name = "stage 1",
       .tasks = {communicate_task(2, receive_slot, message_payload), compute_task(), communicate_task(3, data_slot, data_payload)}}};
  job.ranks = {{RoleId{0}, AcceleratorId{0}}, {RoleId{0}, AcceleratorId{1}}, {RoleId{0}, AcceleratorId{2}}, {RoleId{1}, AcceleratorId{3}}};
  job.groups = {{0, {RankId{0}, RankId{1}, RankId{2}}}, {1, {RankId{0}, RankId{3}}}, {2, {RankId{3}}}};

  Folding& folding = made->folding;
  folding.job = &job;
  const auto meet = [](std::uint8_t lane, std::uint8_t slot, std::uint32_t payload, std::uint32_t task) {
    return Action{.kind = Action::Kind::meet, .lane = lane, .slot = slot, .payload = payload, .task = task};
  };
  folding.scripts = {
      {.role = 0,
       .actions = {Action{.duration = Seconds(4)}, meet(1, tensor_slot, tensor_payload, 1), meet(2, send_slot, message_payload, 2)}},
      {.role = 1,
       .actions = {meet(2, receive_slot, message_payload, 0), Action{.duration = Seconds(0.5), .task = 1},
                   meet(3, data_slot, data_payload, 2)}}};
  constexpr std::uint32_t none = Job::no_group;
  folding.ranks = {{.script = 0, .ranks = 3, .representative = RankId{0}, .group_of_slot = {0, 1, none, none}},
                   {.script = 1, .ranks = 1, .representative = RankId{3}, .group_of_slot = {none, none, 1, 2}}};
  folding.groups = {{.representative = GroupId{0}}, {.groups = 3, .representative = GroupId{1}}, {.representative = GroupId{2}}};
  folding.links = {{.links = 6, .representative = LinkId{0}, .capacity = Bandwidth(100)},
                   {.links = 2, .representative = LinkId{1}, .capacity = Bandwidth(10)}};
  folding.total_links = 8;
  folding.total_flows = 5;
  Traffic& traffic = folding.traffic;
  traffic.charges = {{0, 1}, {1, 1}, {1, 1}};
  traffic.flows = {{0, 1}, {1, 1}, {2, 1}};
  traffic.uses = {{0, Bytes(300)}, {1, Bytes(5)}, {2, Bytes(2)}};
  traffic.phases = {{Seconds(0), 0, 1}, {Seconds(0.5), 1, 1}, {Seconds(0), 2, 1}};
  traffic.transfers = {{.first_phase = 0, .phases = 1}, {.first_phase = 1, .phases = 1}, {.first_phase = 2, .phases = 1}};
  traffic.payloads_of = {{tensor_payload}, {message_payload}, {data_payload}};
  traffic.transfer_of = {{0}, {1}, {2}};

  Trace& trace = made->trace;
  trace.end = Seconds(10);
  const auto span = [](double ready, double begin, double end) {
    return Span{.ready = Seconds(ready), .begin = Seconds(begin), .end = Seconds(end)};
  };
  trace.spans = {{span(0, 0, 4), span(2, 3, 6), span(6, 8, 9)}, {span(0, 8, 9), span(9, 9, 9.5), span(9.5, 9.75, 10)}};
  trace.spans[1][2].released_class = 1, trace.spans[1][2].released_action = 1; // the data collective after the computation
  trace.spans[1][1].released_class = 1, trace.spans[1][1].released_action = 0; // the computation after the message
  trace.spans[1][0].released_class = 0, trace.spans[1][0].released_action = 1; // the message after stage 0's tensor collective
  trace.links = {{.bytes = Bytes(300), .busy = Seconds(3), .peak = 1}, {.bytes = Bytes(7), .busy = Seconds(1.25), .peak = 0.5}};
  trace.utilisation = {{1.0F, 0.0F}, {0.0F, 0.5F}};
  trace.events = 12;
  return made;
}

} // namespace weft::test
