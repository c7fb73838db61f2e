// What every schedule kind promises, on all shapes it does not object to with up to 8 stages, 32 microbatches and 4 chunks.
#include "approx.hpp"
#include "config/error.hpp"
#include "schedule/schedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
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

/// A pass at one place.
using PlacedPass = std::tuple<Direction, int, ChunkPlace>; // a whole backward stands as its two halves

bool is_forward(const Pass& pass) { return pass.direction == Direction::forward; }
bool gives_inputs(const Pass& pass) { return pass.direction == Direction::backward || pass.direction == Direction::backward_inputs; }

/// What has to be done before: the forward of the place before; for gradients of inputs, the own forward and those of the place behind; for
/// gradients of weights, those of the inputs.
std::vector<PlacedPass> needs(const ScheduleKind& kind, const PipelineShape& shape, const ChunkPlace& place, const Pass& pass)
{
  const auto next = next_place(kind.path, shape, place), previous = previous_place(kind.path, shape, place);
  std::vector<PlacedPass> result;
  if (is_forward(pass) && previous) result.emplace_back(Direction::forward, pass.microbatch, *previous);
  if (gives_inputs(pass)) {
    result.emplace_back(Direction::forward, pass.microbatch, place);
    if (next) result.emplace_back(Direction::backward_inputs, pass.microbatch, *next);
  }
  if (pass.direction == Direction::backward_weights) result.emplace_back(Direction::backward_inputs, pass.microbatch, place);
  return result;
}

double duration(const Pass& pass, const PassTimes& times)
{
  return is_forward(pass) ? times.forward : (gives_inputs(pass) ? times.inputs : 0) + (gives_weight_gradients(pass) ? times.weights : 0);
}

/// Plays all stages together, each pass as early as its stage and its data allow, messages free. Returns the end of the last pass, -1 for a
/// deadlock.
double play(const ScheduleKind& kind, const PipelineShape& shape, const Programs& stages, const PassTimes& times)
{
  std::map<PlacedPass, double> done;
  std::vector<std::size_t> next(stages.size(), 0);
  std::vector<double> free_at(stages.size(), 0.0);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t s = 0; s < stages.size(); ++s)
      for (; next[s] < stages[s].size(); ++next[s]) {
        const Pass& pass = stages[s][next[s]];
        const ChunkPlace place{static_cast<int>(s), pass.chunk};
        double start = free_at[s];
        bool ready = true;
        for (const PlacedPass& need : needs(kind, shape, place, pass)) {
          const auto at = done.find(need);
          ready = ready && at != done.end();
          if (ready) start = std::max(start, at->second);
        }
        if (!ready) break;
        free_at[s] = start + duration(pass, times);
        const Direction gives = is_forward(pass) ? Direction::forward : gives_inputs(pass) ? Direction::backward_inputs : Direction::backward_weights;
        done[{gives, pass.microbatch, place}] = free_at[s];
        moved = true;
      }
  }
  for (std::size_t s = 0; s < stages.size(); ++s)
    if (next[s] < stages[s].size()) return -1;
  return *std::max_element(free_at.begin(), free_at.end());
}

/// A message between stages, named by the pass that sends it.
struct Messages {
  std::vector<PlacedPass> sent, received;
};

/// Messages of every ordered pair of stages in the order in which the sender produces and the receiver consumes them.
std::map<std::tuple<int, int, Direction>, Messages> messages(const ScheduleKind& kind, const PipelineShape& shape, const Programs& stages)
{
  std::map<std::tuple<int, int, Direction>, Messages> result;
  for (int stage = 0; stage < shape.stages; ++stage)
    for (const Pass& pass : stages[static_cast<std::size_t>(stage)]) {
      if (pass.direction == Direction::backward_weights) continue;
      const ChunkPlace place{stage, pass.chunk};
      const Direction direction = is_forward(pass) ? Direction::forward : Direction::backward_inputs;
      const auto next = next_place(kind.path, shape, place), previous = previous_place(kind.path, shape, place);
      const auto &to = is_forward(pass) ? next : previous, &from = is_forward(pass) ? previous : next;
      if (to) result[{stage, to->stage, direction}].sent.emplace_back(direction, pass.microbatch, place);
      if (from) result[{from->stage, stage, direction}].received.emplace_back(direction, pass.microbatch, *from);
    }
  return result;
}

} // namespace

TEST_CASE("every kind says its name and where it comes from, and is found by its name")
{
  REQUIRE(schedule_kinds().size() >= 9);
  for (const ScheduleKind* kind : schedule_kinds()) {
    CHECK(find_schedule(kind->name) == kind);
    CHECK(std::string(kind->summary).size() > 20);
    CHECK(std::string(kind->source).size() > 20);
  }
  CHECK(find_schedule("1f2b") == nullptr);
}

TEST_CASE("every microbatch of a chunk goes forward once and then backward once, inputs before weights, and none other does")
{
  const int shapes = for_all_shapes([](const ScheduleKind& kind, const PipelineShape& shape) {
    for (const auto& passes : programs(kind, shape)) {
      std::map<std::pair<int, int>, int> forwards, inputs, weights;
      bool in_order = true;
      for (const Pass& pass : passes) {
        const std::pair key{pass.microbatch, pass.chunk};
        if (is_forward(pass)) ++forwards[key];
        if (gives_inputs(pass)) ++inputs[key], in_order = in_order && forwards[key] == 1;
        if (gives_weight_gradients(pass)) ++weights[key], in_order = in_order && inputs[key] == 1;
      }
      std::map<std::pair<int, int>, int> once;
      for (int chunk = 0; chunk < shape.chunks; ++chunk) {
        const MicrobatchRange range = microbatches_of(kind.path, shape, chunk);
        for (int i = 0; i < range.count; ++i) once[{range.first + i, chunk}] = 1;
      }
      CHECK(in_order);
      CHECK(forwards == once);
      CHECK(inputs == once);
      CHECK(weights == once);
    }
  });
  CHECK(shapes > 1500);
}

TEST_CASE("paths: every part has its places, and what goes on to the next place came from the one before")
{
  for (const PipelinePath path : {PipelinePath::loop, PipelinePath::vee, PipelinePath::two_way})
    for (int stages = 1; stages <= 6; ++stages)
      for (int chunks = path == PipelinePath::loop ? 1 : 2; chunks <= (path == PipelinePath::loop ? 3 : 2); ++chunks) {
        const PipelineShape shape{.stages = stages, .microbatches = 4, .chunks = chunks};
        std::map<int, int> holders;
        for (int stage = 0; stage < stages; ++stage)
          for (int chunk = 0; chunk < chunks; ++chunk) {
            const ChunkPlace place{stage, chunk};
            const int part = part_of(path, shape, place);
            ++holders[part];
            const auto next = next_place(path, shape, place);
            CHECK(next.has_value() == (part + 1 < part_count(path, shape)));
            if (!next) continue;
            CHECK(part_of(path, shape, *next) == part + 1);
            CHECK(previous_place(path, shape, *next) == place);
            if (path != PipelinePath::loop) CHECK(std::abs(next->stage - stage) <= 1); // neighbours, or the turn
          }
        CHECK(holders.size() == static_cast<std::size_t>(part_count(path, shape)));
        for (const auto& [part, count] : holders) CHECK(count == (path == PipelinePath::two_way ? 2 : 1));
      }
}

TEST_CASE("only a forward pass has company, a backward pass of another chunk behind it")
{
  for_all_shapes([](const ScheduleKind& kind, const PipelineShape& shape) {
    for (const auto& passes : programs(kind, shape))
      for (std::size_t i = 0; i < passes.size(); ++i) {
        if (passes[i].company == Company::alone) continue;
        REQUIRE(i + 1 < passes.size());
        CHECK(is_forward(passes[i]));
        CHECK(passes[i + 1].direction == Direction::backward);
        CHECK(passes[i + 1].chunk != passes[i].chunk);
        CHECK(passes[i + 1].company == Company::alone);
      }
  });
}

TEST_CASE("all stages together never wait for one another for ever, and take the time of the closed form where there is one")
{
  // equal passes, backward twice forward (the usual ratio), forward longer than backward, weights longer than inputs
  std::map<std::string, int> held;
  for_all_shapes([&held](const ScheduleKind& kind, const PipelineShape& shape) {
    const Programs stages = programs(kind, shape);
    double least = 0; // of any stage: it has all its passes to run
    for (const auto& times : {PassTimes{1, 1, 1}, PassTimes{1, 1.2, 0.8}, PassTimes{1, 0.5, 0.5}, PassTimes{3, 0.6, 0.4}, PassTimes{1, 1, 2},
                              PassTimes{1, 4, 3}, PassTimes{1, 1.5, 0.25}}) {
      const double played = play(kind, shape, stages, times);
      for (const auto& passes : stages) {
        double work = 0;
        for (const Pass& pass : passes) work += duration(pass, times);
        least = work;
      }
      CHECK(played >= least);
      const auto closed = kind.makespan(shape, times);
      if (!closed) continue;
      CHECK(played == near(*closed));
      ++held[kind.name];
    }
  });
  for (const ScheduleKind* kind : schedule_kinds()) CHECK_MESSAGE(held[kind->name] >= 20, kind->name);
}

TEST_CASE("a schedule with the bubble moved away beats 1F1B in what the papers say")
{
  // Qi et al. 2023, table 1: bubbles (p-1)(F+B), (p-1)(F+B-W) at the memory of 1F1B, and the start alone at twice the memory
  const PipelineShape shape{.stages = 8, .microbatches = 32, .chunks = 1}, folded{.stages = 8, .microbatches = 32, .chunks = 2};
  const PassTimes times{1, 1, 1};
  const double work = 32 * 3;
  CHECK(*find_schedule("1f1b")->makespan(shape, times) - work == near(7 * 3));
  CHECK(*find_schedule("zb-h1")->makespan(shape, times) - work == near(7));
  CHECK(find_schedule("zb-h1")->peak_alive(shape, 0) == find_schedule("1f1b")->peak_alive(shape, 0));
  CHECK(find_schedule("zb-h2")->peak_alive(shape, 0) == 2 * 8 - 1);
  // half as long passes on two chunks: half the start
  CHECK(*find_schedule("zb-v")->makespan(folded, {0.5, 0.5, 0.5}) - work == near(3.5));
  CHECK(find_schedule("zb-v")->peak_alive(folded, 0) == 2 * find_schedule("1f1b")->peak_alive(shape, 0));
}

TEST_CASE("messages between two stages are sent in the order in which they are received")
{
  for_all_shapes([](const ScheduleKind& kind, const PipelineShape& shape) {
    for (const auto& [pair, both] : messages(kind, shape, programs(kind, shape))) {
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
        if (is_forward(pass)) ++alive;
        if (gives_weight_gradients(pass)) --alive;
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
    const PipelineShape shape{.stages = 2, .microbatches = 8, .chunks = kind->objection({2, 8, 1}).empty() ? 1 : 2};
    REQUIRE(kind->objection(shape).empty());
    for (const int stage : {-1, 2}) {
      CHECK_THROWS_AS((void)kind->passes(shape, stage), LogicError);
      CHECK_THROWS_AS((void)kind->peak_alive(shape, stage), LogicError);
    }
  }
}
