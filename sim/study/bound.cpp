#include "study/bound.hpp"

#include "config/error.hpp"

#include <algorithm>
#include <map>

namespace weft {
namespace {

/// One end of an ordered pair, as programs see it.
struct PairEnd {
  std::size_t role = 0, slot = 0;
  auto operator<=>(const PairEnd&) const = default;
};

/// The first rank of each role: all ranks of a role do the same.
std::vector<RankId> first_ranks(const Job& job)
{
  std::vector<RankId> first(job.programs.size());
  std::vector<char> found(job.programs.size(), 0);
  for (std::size_t r = 0; r < job.ranks.size(); r++) {
    const std::size_t role = job.ranks[r].role.index();
    if (!found[role]) first[role] = id_of<RankId>(r), found[role] = 1;
  }
  return first;
}

/// Tasks of one rank per role as a graph: a node per task, one for both ends of a message between roles.
class TaskGraph {
public:
  TaskGraph(const Job& job, Bandwidth fastest) : job_(job), fastest_(fastest), first_(first_ranks(job))
  {
    std::size_t tasks = 0;
    for (const Program& program : job.programs) {
      base_.push_back(tasks);
      tasks += program.tasks.size();
    }
    node_.resize(tasks);
    for (std::size_t role = 0; role < job.programs.size(); role++) add_nodes(role);
    entering_.resize(duration_.size());
    for (std::size_t role = 0; role < job.programs.size(); role++) count_edges(role);
    list_edges();
  }

  /// Kahn's order; every node starts when all it waits for have ended.
  [[nodiscard]] Seconds longest_path()
  {
    std::vector<double> start(duration_.size(), 0);
    std::vector<std::uint32_t> ready;
    for (std::uint32_t n = 0; n < duration_.size(); n++)
      if (entering_[n] == 0) ready.push_back(n);
    double longest = 0;
    std::size_t done = 0;
    while (!ready.empty()) {
      const std::uint32_t node = ready.back();
      ready.pop_back();
      done++;
      const double end = start[node] + duration_[node];
      longest = std::max(longest, end);
      for (std::size_t e = first_edge_[node]; e < first_edge_[node + 1]; e++) {
        start[edges_[e]] = std::max(start[edges_[e]], end);
        if (--entering_[edges_[e]] == 0) ready.push_back(edges_[e]);
      }
    }
    if (done != duration_.size()) throw LogicError("tasks of the job wait for one another for ever");
    return Seconds(longest);
  }

private:
  [[nodiscard]] std::uint32_t group_of(std::size_t role, const Task& task) const { return job_.group_of(first_[role], task.slot); }

  [[nodiscard]] double duration_of(std::size_t role, const Task& task) const
  {
    if (task.kind == TaskKind::compute) return job_.works[task.what].duration.base();
    const Payload& payload = job_.payloads[task.what];
    const auto members = static_cast<double>(job_.groups[group_of(role, task)].members.size());
    const double share = payload.operation == Operation::send ? 1 : payload.operation == Operation::broadcast ? 0 : (members - 1) / members;
    return (payload.bytes * share / fastest_).base();
  }

  /// The other end of the message, when it is another role's.
  [[nodiscard]] PairEnd partner_of(std::size_t role, const Task& task) const
  {
    const std::uint32_t group = group_of(role, task);
    const std::vector<RankId>& members = job_.groups[group].members;
    const RankId other = members[0] == first_[role] ? members[1] : members[0];
    for (std::size_t slot = 0; slot < job_.slots.size(); slot++)
      if (job_.group_of(other, slot) == group) return {job_.ranks[other.index()].role.index(), slot};
    throw LogicError("a message has one end only");
  }

  void add_nodes(std::size_t role)
  {
    const Program& program = job_.programs[role];
    for (std::size_t t = 0; t < program.tasks.size(); t++) {
      const Task& task = program.tasks[t];
      const bool message = task.kind == TaskKind::communicate && job_.payloads[task.what].operation == Operation::send;
      const PairEnd mine{role, task.slot}, other = message ? partner_of(role, task) : mine;
      if (message && other.role != role) { // the k-th message of one end meets the k-th of the other
        const std::size_t number = sent_[mine]++;
        std::vector<std::uint32_t>& met = messages_[std::min(mine, other)];
        if (number < met.size()) {
          node_[base_[role] + t] = met[number];
          continue;
        }
        met.push_back(static_cast<std::uint32_t>(duration_.size()));
      }
      node_[base_[role] + t] = static_cast<std::uint32_t>(duration_.size());
      duration_.push_back(duration_of(role, task));
    }
  }

  /// Calls visit(before, after) for everything a task of the role waits for: named tasks and the one before it on its lane.
  template <class Visit> void for_edges(std::size_t role, Visit visit) const
  {
    const Program& program = job_.programs[role];
    std::vector<std::uint32_t> last(job_.lanes.size(), none);
    for (std::size_t t = 0; t < program.tasks.size(); t++) {
      const Task& task = program.tasks[t];
      const std::uint32_t node = node_[base_[role] + t];
      for (const std::uint32_t wait : program.waits_of(task)) visit(node_[base_[role] + wait], node);
      if (last[task.lane] != none) visit(last[task.lane], node);
      last[task.lane] = node;
    }
  }
  void count_edges(std::size_t role)
  {
    for_edges(role, [this](std::uint32_t, std::uint32_t after) { entering_[after]++; });
  }
  void list_edges()
  {
    first_edge_.assign(duration_.size() + 1, 0);
    for (std::size_t role = 0; role < job_.programs.size(); role++)
      for_edges(role, [this](std::uint32_t before, std::uint32_t) { first_edge_[before + 1]++; });
    for (std::size_t n = 1; n < first_edge_.size(); n++) first_edge_[n] += first_edge_[n - 1];
    edges_.resize(first_edge_.back());
    std::vector<std::size_t> next(first_edge_.begin(), first_edge_.end() - 1);
    for (std::size_t role = 0; role < job_.programs.size(); role++)
      for_edges(role, [&](std::uint32_t before, std::uint32_t after) { edges_[next[before]++] = after; });
  }

  static constexpr std::uint32_t none = 0xffffffff;
  const Job& job_;
  Bandwidth fastest_;
  std::vector<RankId> first_;
  std::vector<std::size_t> base_;  ///< per role: number of its first task
  std::vector<std::uint32_t> node_; ///< per task
  std::vector<double> duration_;   ///< per node, seconds
  std::vector<std::uint32_t> entering_;
  std::vector<std::size_t> first_edge_;
  std::vector<std::uint32_t> edges_;
  std::map<PairEnd, std::size_t> sent_;
  std::map<PairEnd, std::vector<std::uint32_t>> messages_;
};

} // namespace

Bandwidth fastest_accelerator(const Fabric& fabric)
{
  std::vector<double> out(fabric.vertices.size(), 0), in(fabric.vertices.size(), 0);
  for (const Link& link : fabric.links) {
    out[link.from.index()] += link.capacity.base();
    in[link.to.index()] += link.capacity.base();
  }
  double fastest = 0;
  for (std::size_t v = 0; v < fabric.vertices.size(); v++)
    if (fabric.vertices[v].kind == VertexKind::accelerator) fastest = std::max({fastest, out[v], in[v]});
  return Bandwidth(fastest);
}

Seconds least_time(const Job& job, Bandwidth fastest) { return TaskGraph(job, fastest).longest_path(); }

} // namespace weft
