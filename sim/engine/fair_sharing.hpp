// Fair sharing of links by fluid flows, solved again only where something changed.
//
// The allocation is weighted max-min fair: a flow of rate r puts weight x r on each link of its path, no link carries more than its
// capacity, and every flow has a bottleneck: a saturated link on which no other flow is faster. Exactly one allocation has this
// property (Bertsekas and Gallager, "Data Networks", 2nd ed. 1992, section 6.5.2), so a solution found by changing few rates and
// checking the property is the global one. Leaves out: anything below the fluid scale (packets, queues, congestion control).
#pragma once
#include "engine/completions.hpp"
#include "engine/link_account.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace weft {

class FairSharing {
public:
  /// `account` is told of starts, ends and loads; it must outlive this.
  FairSharing(std::span<const Bandwidth> capacities, LinkAccount& account, SharingScope scope);

  /// A flow begins to cross `path`, which must outlive it, not be empty, and name no link twice.
  void start(std::span<const Charge> path, Bytes bytes, Token token, Seconds now);
  /// Gives every flow its rate as of `now`. To be called before time advances.
  void share(Seconds now)
  {
    if (!touched_.empty()) solve(now.base());
  }
  /// When the next flow ends at present rates; infinity when there is none. Valid after share().
  [[nodiscard]] Seconds next_end() const { return completions_.next(); }
  /// Ends all flows that are due up to `until`; their tokens go to the end of `due`, in order of end, then of start.
  void end_due(Seconds until, Seconds now, std::vector<Token>& due);

private:
  static constexpr std::uint32_t none = 0xffffffff;
  /// A flow on a link.
  struct Crossing {
    std::uint32_t flow, charge;
    double weight;
  };
  struct SharedLink {
    double capacity = 0;
    double left = 0, weight = 0; ///< while filling: capacity and weight of the flows not yet given a rate
    double level = 0;            ///< rate of the flows this link holds back in the solution under construction; negative: none
    std::uint32_t open = 0;      ///< flows not yet given a rate
    std::uint32_t mark = 0;
    bool touched = false;
    std::vector<Crossing> crossings;
  };
  struct LiveFlow { // what solving looks at comes first, within one cache line
    double rate = 0, next_rate = 0, remaining = 0, since = 0;
    std::uint32_t mark = 0;
    std::uint32_t bottleneck = none, next_bottleneck = none;
    bool filled = false;
    std::span<const Charge> path;
    double bytes = 0;
    std::uint64_t sequence = 0;
    Token token;
    std::vector<std::uint32_t> places; ///< per charge: place among the link's crossings
  };
  struct Candidate {
    double level;
    std::uint32_t link;
    bool operator<(const Candidate& other) const { return level != other.level ? level > other.level : link > other.link; }
  };

  LinkAccount& account_;
  SharingScope scope_;
  std::vector<SharedLink> links_;
  std::vector<LiveFlow> flows_;
  std::vector<std::uint32_t> free_;
  Completions completions_;
  std::uint64_t sequence_ = 0;
  std::vector<std::uint32_t> touched_; ///< links with a flow more or less since the last solution
  std::vector<std::uint32_t> fresh_;   ///< flows started since
  // Of the solution under construction:
  std::uint32_t flow_mark_ = 0, link_mark_ = 0;
  std::vector<std::uint32_t> changing_; ///< flows whose rates are found anew; all others keep theirs
  std::vector<std::uint32_t> reached_;  ///< links they cross, and touched ones
  std::vector<std::uint32_t> joining_;
  std::vector<Candidate> candidates_;

  void touch(std::uint32_t link);
  void remove(std::uint32_t flow, double now);
  void solve(double now);
  void choose_first();
  void join(std::uint32_t flow);
  bool join_component(std::size_t most);
  void prepare();
  void fill();
  void fix_at(std::uint32_t link, double level);
  [[nodiscard]] double exact_level(const SharedLink& link) const;
  void check();
  void check_link(std::uint32_t link);
  void commit(double now);
};

} // namespace weft
