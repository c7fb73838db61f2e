// What every schedule kind promises, on all shapes it does not object to with up to 8 stages, 32 microbatches and 4 chunks.
#include "approx.hpp"
#include "config/error.hpp"
#include "schedule/schedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

using namespace weft;

namespace {

int for_all_shapes(const std::function<void(const ScheduleKind&, const PipelineShape&)>& check)
{
  int shapes = 0;
  for (const ScheduleKind* kind : schedule_kinds())
    for (int stages = 1; stages <= 8; ++stages)
      for (int microbatches = 1; microbatches <= 32; ++microbatches)
        for (int chunks = 1; chunks <= 4; ++chunks) {
          const PipelineShape shape{.stages = stages, .microbatches = microbatches, .chunks = chunks};
          if (!kind->objection(shape).empty()) continue;
          CAPTURE(std::string(kind->name));
          CAPTURE(stages);
          CAPTURE(microbatches);
          CAPTURE(chunks);
          check(*kind, shape);
          ++shapes;
        }
  return shapes;
}

using Programs = std::vector<std::vector<Pass>>;

Programs programs(const ScheduleKind& kind, const PipelineShape& shape)
{
  Programs result;
  for (int stage = 0; stage < shape.stages; ++stage) result.push_back(kind.passes(shape, stage));
  return result;
}

/// A pass of one model part: chunk c of stage s is part c * stages + s.
using PartPass = std::tuple<Direction, int, int>; // direction, microbatch, part

int part_of(const PipelineShape& shape, int stage, const Pass& pass) { return pass.chunk * shape.stages + stage; }

/// What has to be done before: the forward of the part before; for a backward, the own forward and the backward of the part behind.
std::vector<PartPass> needs(const PipelineShape& shape, int stage, const Pass& pass)
{
  const int part = part_of(shape, stage, pass), last = shape.stages * shape.chunks - 1;
  std::vector<PartPass> result;
  if (pass.direction == Direction::forward) {
    if (part > 0) result.emplace_back(Direction::forward, pass.microbatch, part - 1);
    return result;
  }
  result.emplace_back(Direction::forward, pass.microbatch, part);
  if (part < last) result.emplace_back(Direction::backward, pass.microbatch, part + 1);
  return result;
}

/// Plays all stages together, each pass as early as its stage and its data allow, messages free. Returns the end of the last pass, -1 for a
/// deadlock.
double play(const PipelineShape& shape, const Programs& stages, double forward, double backward)
{
  std::map<PartPass, double> done;
  std::vector<std::size_t> next(stages.size(), 0);
  std::vector<double> free_at(stages.size(), 0.0);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t s = 0; s < stages.size(); ++s)
      for (; next[s] < stages[s].size(); ++next[s]) {
        const Pass& pass = stages[s][next[s]];
        double start = free_at[s];
        bool ready = true;
        for (const PartPass& need : needs(shape, static_cast<int>(s), pass)) {
          const auto at = done.find(need);
          ready = ready && at != done.end();
          if (ready) start = std::max(start, at->second);
        }
        if (!ready) break;
        free_at[s] = start + (pass.direction == Direction::forward ? forward : backward);
        done[{pass.direction, pass.microbatch, part_of(shape, static_cast<int>(s), pass)}] = free_at[s];
        moved = true;
      }
  }
  for (std::size_t s = 0; s < stages.size(); ++s)
    if (next[s] < stages[s].size()) return -1;
  return *std::max_element(free_at.begin(), free_at.end());
}

/// A message between stages, named by the pass that sends it.
struct Messages {
  std::vector<PartPass> sent, received;
};

/// Messages of every ordered pair of stages in the order in which the sender produces and the receiver consumes them.
std::map<std::tuple<int, int, Direction>, Messages> messages(const PipelineShape& shape, const Programs& stages)
{
  std::map<std::tuple<int, int, Direction>, Messages> result;
  const int last = shape.stages * shape.chunks - 1;
  for (int stage = 0; stage < shape.stages; ++stage)
    for (const Pass& pass : stages[static_cast<std::size_t>(stage)]) {
      const int part = part_of(shape, stage, pass);
      const int step = pass.direction == Direction::forward ? 1 : -1;
      const int to = part + step, from = part - step;
      if (to >= 0 && to <= last)
        result[{stage, to % shape.stages, pass.direction}].sent.emplace_back(pass.direction, pass.microbatch, part);
      if (from >= 0 && from <= last)
        result[{from % shape.stages, stage, pass.direction}].received.emplace_back(pass.direction, pass.microbatch, from);
    }
  return result;
}

} // namespace

TEST_CASE("every kind says its name and where it comes from, and is found by its name")
{
  REQUIRE(schedule_kinds().size() >= 3);
  for (const ScheduleKind* kind : schedule_kinds()) {
    CHECK(find_schedule(kind->name) == kind);
    CHECK(std::string(kind->summary).size() > 20);
    CHECK(std::string(kind->source).size() > 20);
  }
  CHECK(find_schedule("1f2b") == nullptr);
}

TEST_CASE("every microbatch goes forward once and then backward once through every chunk of every stage")
{
  const int shapes = for_all_shapes([](const ScheduleKind& kind, const PipelineShape& shape) {
    for (const auto& passes : programs(kind, shape)) {
      std::map<std::pair<int, int>, int> forwards, backwards;
      bool in_order = true;
      for (const Pass& pass : passes) {
        const std::pair key{pass.microbatch, pass.chunk};
        if (pass.direction == Direction::forward)
          ++forwards[key];
        else
          ++backwards[key], in_order = in_order && forwards[key] == 1;
      }
      bool once = forwards.size() == static_cast<std::size_t>(shape.microbatches * shape.chunks) && forwards == backwards;
      for (const auto& [key, times] : forwards)
        once = once && times == 1 && key.first >= 0 && key.first < shape.microbatches && key.second >= 0 && key.second < shape.chunks;
      CHECK(in_order);
      CHECK(once);
    }
  });
  CHECK(shapes > 500);
}

TEST_CASE("all stages together never wait for one another for ever, and take the time of the closed form")
{
  // equal passes, backward twice forward (the usual ratio), forward longer than backward
  for_all_shapes([](const ScheduleKind& kind, const PipelineShape& shape) {
    const Programs stages = programs(kind, shape);
    for (const auto& [forward, backward] : {std::pair{1.0, 1.0}, std::pair{1.0, 2.0}, std::pair{3.0, 1.0}}) {
      const double played = play(shape, stages, forward, backward);
      CHECK(played >= 0);
      CHECK(played == near(kind.makespan(shape, forward, backward)));
    }
  });
}

TEST_CASE("messages between two stages are sent in the order in which they are received")
{
  for_all_shapes([](const ScheduleKind& kind, const PipelineShape& shape) {
    for (const auto& [pair, both] : messages(shape, programs(kind, shape))) {
      if (std::get<0>(pair) == std::get<1>(pair)) continue;
      CHECK_MESSAGE(both.sent == both.received, "stage ", std::get<0>(pair), " to ", std::get<1>(pair));
    }
  });
}

TEST_CASE("the peak number of microbatches alive is the one counted")
{
  for_all_shapes([](const ScheduleKind& kind, const PipelineShape& shape) {
    const Programs stages = programs(kind, shape);
    for (int stage = 0; stage < shape.stages; ++stage) {
      int alive = 0, peak = 0;
      for (const Pass& pass : stages[static_cast<std::size_t>(stage)]) {
        alive += pass.direction == Direction::forward ? 1 : -1;
        peak = std::max(peak, alive);
      }
      CHECK(kind.peak_alive(shape, stage) == peak);
      CHECK(alive == 0);
    }
  });
}

TEST_CASE("every kind objects to counts below one and to more passes than anybody could list, and says what to do")
{
  for (const ScheduleKind* kind : schedule_kinds())
    for (const PipelineShape& shape : {PipelineShape{0, 8, 1}, PipelineShape{4, 0, 1}, PipelineShape{4, 8, 0}, PipelineShape{-1, 8, 1},
                                       PipelineShape{1, 2'000'000'000, 1}, PipelineShape{4, 4, 2'000'000'000}}) {
      const std::string objection = kind->objection(shape);
      CHECK(objection.find('(') != std::string::npos);
    }
}

TEST_CASE("a stage that is not there is our mistake")
{
  for (const ScheduleKind* kind : schedule_kinds()) {
    const PipelineShape shape{.stages = 2, .microbatches = 4, .chunks = kind->objection({2, 4, 1}).empty() ? 1 : 2};
    REQUIRE(kind->objection(shape).empty());
    for (const int stage : {-1, 2}) {
      CHECK_THROWS_AS((void)kind->passes(shape, stage), LogicError);
      CHECK_THROWS_AS((void)kind->peak_alive(shape, stage), LogicError);
    }
  }
}
