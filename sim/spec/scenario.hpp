// One scenario: a platform, a workload, a plan, what is broken, and how to simulate. Read, resolved and checked once; constant afterwards.
#pragma once
#include "spec/plan.hpp"
#include "spec/platform.hpp"
#include "spec/upkeep.hpp"
#include "spec/workload.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weft {

/// An accelerator that computes slower than its chip says.
struct Straggler {
  int accelerator = 0; ///< number in the fabric, node by node
  double slowdown = 1; ///< its computations take this many times as long, at least 1
};
template <> const Record<Straggler>& record_of<Straggler>();

/// A link that carries less than it should.
struct DegradedLink {
  Word from, to;    ///< names of the two ends as `weft topo` prints them ("node3/nic0", "leaf0")
  double share = 1; ///< of its bandwidth that is left, in (0, 1]
};
template <> const Record<DegradedLink>& record_of<DegradedLink>();

struct Faults {
  std::vector<Straggler> stragglers;
  std::vector<DegradedLink> links;
};
template <> const Record<Faults>& record_of<Faults>();

enum class EngineKind { fluid, simgrid };
template <> struct Choices<EngineKind> {
  static constexpr std::array<const char*, 2> names{"fluid", "simgrid"};
};
enum class Fidelity { coupled, edges, steps };
template <> struct Choices<Fidelity> {
  static constexpr std::array<const char*, 3> names{"coupled", "edges", "steps"};
};
enum class FoldMode { automatic, off };
template <> struct Choices<FoldMode> {
  static constexpr std::array<const char*, 2> names{"auto", "off"};
};
enum class FuseMode { automatic, off };
template <> struct Choices<FuseMode> {
  static constexpr std::array<const char*, 2> names{"auto", "off"};
};
enum class MemoryCheck { refuse, warn };
template <> struct Choices<MemoryCheck> {
  static constexpr std::array<const char*, 2> names{"refuse", "warn"};
};

/// How to simulate; every value is reported with the results.
struct EngineSettings {
  EngineKind kind = EngineKind::fluid;      ///< fluid: our max-min model; simgrid: SimGrid's own Comm and solver, the reference
  Fidelity fidelity = Fidelity::coupled;    ///< one flow per collective, one per edge, or one per message
  FoldMode fold = FoldMode::automatic;      ///< simulate one of each class of equals, or everything
  FuseMode fuse = FuseMode::automatic;      ///< join computations and private collectives that follow one another into one event
  std::map<std::string, Word> collectives;  ///< operation -> algorithm kind, to force one ("all-reduce: ring")
  int utilisation_bins = 200;               ///< time resolution of link utilisation over the step, at most 10,000
  MemoryCheck memory = MemoryCheck::refuse; ///< what to do with a job that does not fit
  int seed = 1;                             ///< of flow hashing and anything drawn
};
template <> const Record<EngineSettings>& record_of<EngineSettings>();

/// Who issues the calls of a bare collective, hence how long the host takes for one.
enum class LaunchMode { ahead, one_thread, blocking };
template <> struct Choices<LaunchMode> {
  static constexpr std::array<const char*, 3> names{"ahead", "one-thread", "blocking"};
};

/// A bare collective, or a permutation (every rank sends to one other), instead of a training job: every rank calls it once, or `ranks` of them, each `stride` after the one before.
struct CollectiveJob {
  Word operation; ///< "all-reduce", ...
  Bytes bytes;    ///< payload as nccl-tests counts it: the whole buffer
  int repetitions = 1;
  int shift = 0; ///< of a permutation: rank r sends to rank r + shift; 0: to one drawn by the engine's seed
  int ranks = 0; ///< that take part; 0: all
  int stride = 1;
  LaunchMode launch = LaunchMode::ahead;
};
template <> const Record<CollectiveJob>& record_of<CollectiveJob>();

/// Everything one run needs.
struct Scenario {
  std::string file; ///< as given
  std::string title;
  std::string about; ///< what it shows, with its source
  Platform platform;
  std::optional<Workload> workload;        ///< a training job, or
  std::optional<CollectiveJob> collective; ///< a bare collective
  Plan plan;
  Faults faults;
  EngineSettings engine;
  Upkeep upkeep;
};

} // namespace weft
