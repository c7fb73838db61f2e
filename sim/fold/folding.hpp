// What the engine plays: the job and its traffic over classes of equals. With folding off every class has one member;
// the engine cannot tell the difference. Method: colour refinement to an equitable partition (docs/theory.md, "Folding").
#pragma once
#include "traffic/traffic.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace weft {

/// One event of a script: a timer on its lane, or a meeting of a group followed by its transfer.
struct Action {
  enum class Kind : std::uint8_t { timer, meet };
  Kind kind = Kind::timer;
  std::uint8_t lane = 0;
  std::uint8_t slot = 0;                   ///< of a meeting
  std::uint32_t first_wait = 0, waits = 0; ///< earlier actions of this script
  Seconds duration;                        ///< of a timer; of a fused meeting: time after all have arrived
  std::uint32_t payload = 0;               ///< of a plain meeting: job payload
  std::uint32_t segment = no_segment;      ///< fused: what happens inside, in Script::segments
  std::uint32_t task = 0;                  ///< first task of the program this action stands for
  static constexpr std::uint32_t no_segment = 0xffffffff;
};

/// A part of a fused action.
struct SegmentPart {
  Seconds offset, duration;
  std::uint32_t task = 0; ///< of the program
  std::uint32_t lane = 0;
};
/// A chain of tasks joined into one event: the same chain recurs every microbatch and is stored once. `task` of its parts is relative to
/// Action::task.
struct Segment {
  std::vector<SegmentPart> parts;
};

/// A program after fusion, with durations; rank classes that do the same at the same speed share one.
struct Script {
  std::uint32_t role = 0;
  double slowdown = 1;
  std::vector<Action> actions;
  std::vector<std::uint32_t> waits;
  std::vector<Segment> segments;
  [[nodiscard]] std::span<const std::uint32_t> waits_of(const Action& a) const { return {waits.data() + a.first_wait, a.waits}; }
};

/// Ranks that are equal throughout the step.
struct RankClass {
  std::uint32_t script = 0;
  std::uint32_t ranks = 1; ///< how many it stands for
  RankId representative;
  std::vector<std::uint32_t> group_of_slot; ///< group class, or Job::no_group
};
/// Groups that are equal throughout the step.
struct GroupClass {
  std::uint32_t groups = 1;
  GroupId representative;
  std::uint32_t arrivals = 0; ///< distinct (rank class, slot) pairs that meet
};
/// Directed links that carry the same throughout the step.
struct LinkClass {
  std::uint32_t links = 1;
  LinkId representative;
  Bandwidth capacity;
};

/// The quotient (or, folding off, the whole). `traffic` is over classes: charges name link classes, weights are those all flows of a
/// class put on one link of the link class; transfer_of is indexed by group class.
struct Folding {
  const Job* job = nullptr;
  std::vector<Script> scripts;
  std::vector<RankClass> ranks;
  std::vector<GroupClass> groups;
  std::vector<LinkClass> links;
  Traffic traffic;
  std::vector<std::uint32_t> rank_class, group_class,
      link_class; ///< per rank, group, link of the originals; links without traffic: no_class
  std::vector<std::uint32_t> flow_class;
  static constexpr std::uint32_t no_class = 0xffffffff;
  std::size_t total_flows = 0, total_links = 0; ///< before folding; links that carry traffic
};

/// Folds a job and its traffic. `job` must outlive the result.
Folding fold(const Job& job, const Traffic& traffic, const Fabric& fabric, const EngineSettings& settings);

/// Index into Folding::traffic.transfers of the transfer a group class carries out for a payload. Throws LogicError for a payload the
/// group's kind does not use.
std::uint32_t transfer_of(const Folding& folding, std::uint32_t group_class, std::uint32_t payload);

/// Text form for --dump fold.
std::string to_text(const Folding& folding);

} // namespace weft
