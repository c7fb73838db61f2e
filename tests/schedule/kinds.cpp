// The orders themselves, as drawn in the papers, and the objections of each kind.
#include "approx.hpp"
#include "schedule/schedule.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace weft;

namespace {

/// "F0 F1 B0": direction, microbatch, and chunk after a dot when there are several.
std::string drawn(const char* kind, const PipelineShape& shape, int stage)
{
  std::string text;
  bool company = false; // drawn as F0+B1
  for (const Pass& pass : find_schedule(kind)->passes(shape, stage)) {
    if (!text.empty()) text += company ? '+' : ' ';
    company = pass.company == Company::with_next;
    static constexpr std::array letters{"F", "B", "I", "W"}; // I: gradients of inputs
    text += letters[static_cast<std::size_t>(pass.direction)] + std::to_string(pass.microbatch);
    if (shape.chunks > 1) text += "." + std::to_string(pass.chunk);
  }
  return text;
}

std::string objection(const char* kind, const PipelineShape& shape) { return find_schedule(kind)->objection(shape); }

} // namespace

TEST_CASE("GPipe runs all forward passes and then the backward passes in reverse")
{
  for (int stage = 0; stage < 2; ++stage) CHECK(drawn("gpipe", {2, 3, 1}, stage) == "F0 F1 F2 B2 B1 B0");
}

TEST_CASE("1F1B over four stages is figure 4 of Narayanan et al. 2021")
{
  CHECK(drawn("1f1b", {4, 8, 1}, 0) == "F0 F1 F2 F3 B0 F4 B1 F5 B2 F6 B3 F7 B4 B5 B6 B7");
  CHECK(drawn("1f1b", {4, 8, 1}, 2) == "F0 F1 B0 F2 B1 F3 B2 F4 B3 F5 B4 F6 B5 F7 B6 B7");
  CHECK(drawn("1f1b", {4, 8, 1}, 3) == "F0 B0 F1 B1 F2 B2 F3 B3 F4 B4 F5 B5 F6 B6 F7 B7");
}

TEST_CASE("1F1B with fewer microbatches than stages only fills and drains")
{
  CHECK(drawn("1f1b", {4, 2, 1}, 0) == "F0 F1 B0 B1");
  CHECK(drawn("1f1b", {4, 2, 1}, 3) == "F0 B0 F1 B1");
}

TEST_CASE("1F1B keeps at most stages - stage microbatches alive")
{
  for (int stage = 0; stage < 8; ++stage) CHECK(find_schedule("1f1b")->peak_alive({8, 64, 1}, stage) == 8 - stage);
}

TEST_CASE("interleaved 1F1B with two chunks over two stages: two microbatches through chunk 0, the same through chunk 1")
{
  // warm-up (2 - 0 - 1) * 2 + (2 - 1) * 2 = 4 on stage 0, 2 on stage 1
  CHECK(drawn("interleaved-1f1b", {2, 4, 2}, 0) == "F0.0 F1.0 F0.1 F1.1 F2.0 B0.1 F3.0 B1.1 F2.1 B0.0 F3.1 B1.0 B2.1 B3.1 B2.0 B3.0");
  CHECK(drawn("interleaved-1f1b", {2, 4, 2}, 1) == "F0.0 F1.0 F0.1 B0.1 F1.1 B1.1 F2.0 B0.0 F3.0 B1.0 F2.1 B2.1 F3.1 B3.1 B2.0 B3.0");
}

TEST_CASE("interleaving over v chunks divides the bubble by v")
{
  // Narayanan et al. 2021, section 2.2.2: a stage's whole pass of 12 + 24 is cut into v chunk passes
  const int stages = 8, microbatches = 16;
  for (const int chunks : {2, 3, 4}) {
    const double forward = 12.0 / chunks, backward = 24.0 / chunks;
    const double bubble =
        *find_schedule("interleaved-1f1b")->makespan({stages, microbatches, chunks}, {forward, backward / 2, backward / 2}) -
        microbatches * 36.0;
    CHECK(bubble == near((stages - 1) * 36.0 / chunks));
  }
}

TEST_CASE("ZB-H1 is figure 2 of Qi et al. 2023: weights of stage s lag s microbatches behind")
{
  CHECK(drawn("zb-h1", {4, 8, 1}, 0) == "F0 F1 F2 F3 I0 W0 F4 I1 W1 F5 I2 W2 F6 I3 W3 F7 I4 W4 I5 W5 I6 W6 I7 W7");
  CHECK(drawn("zb-h1", {4, 8, 1}, 3) == "F0 I0 F1 I1 F2 I2 F3 I3 W0 F4 I4 W1 F5 I5 W2 F6 I6 W3 F7 I7 W4 W5 W6 W7");
}

TEST_CASE("breadth-first finishes one chunk for all microbatches before it starts the next")
{
  CHECK(drawn("breadth-first", {2, 2, 2}, 0) == "F0.0 F1.0 F0.1 F1.1 B0.1 B1.1 B0.0 B1.0");
}

TEST_CASE("DualPipeV over two stages: eight phases, forward passes paired with backward passes of the other chunk")
{
  // rank 0 of 2, 4 microbatches: 2 forwards, 1 pair of forwards, 1 split backward with its weights and a forward, 4 - 4 + 1 rounds of two
  // pairs, one backward and a pair, the rest
  CHECK(drawn("dualpipev", {2, 4, 2}, 0) ==
        "F0.0 F1.0 F2.0 F0.1 I0.1 W0.1 F1.1 F3.0+B1.1 F2.1+B0.0 B2.1 F3.1+B1.0 B3.1 I2.0 W2.0 I3.0 W3.0");
}

TEST_CASE("objections say what is wrong and what to do")
{
  CHECK(objection("1f1b", {4, 8, 2}) == "1f1b runs one chunk per stage (set virtual-stages: 1 or use interleaved-1f1b)");
  CHECK(objection("gpipe", {4, 8, 2}) == "gpipe runs one chunk per stage (set virtual-stages: 1 or use interleaved-1f1b)");
  CHECK(objection("interleaved-1f1b", {4, 6, 2}) ==
        "interleaved-1f1b needs a multiple of 4 microbatches, one for each stage, got 6 (change the global batch or use 1f1b)");
  CHECK(objection("interleaved-1f1b", {4, 8, 1}) ==
        "interleaved-1f1b needs at least two chunks per stage (raise virtual-stages or use 1f1b)");
  CHECK(objection("interleaved-1f1b", {1, 8, 2}) == "interleaved-1f1b needs at least two stages (raise pp or use 1f1b)");
  CHECK(objection("1f1b", {0, 8, 1}) == "a pipeline needs at least one stage (set pp to 1 or more)");
  CHECK(objection("1f1b", {4, 8, 1}).empty());
  CHECK(objection("interleaved-1f1b", {4, 8, 2}).empty());
}
