// Partition refinement with a queue of splitters. A class that was split queues all its parts but the largest: what the whole class
// could tell apart has been told apart already, and counts over the largest part follow by subtraction.
#include "fold/partition.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace weft {
namespace {

/// Nodes in an order in which every class is one interval; splitting a class moves nodes inside its interval only.
class Partition {
public:
  explicit Partition(std::span<const std::uint32_t> colours);

  struct Interval {
    std::uint32_t first = 0, size = 0;
    std::uint32_t marked = 0; ///< nodes at the front of the interval that the current splitter touched
    bool queued = false;
  };

  [[nodiscard]] std::uint32_t class_of(std::uint32_t node) const { return class_of_[node]; }
  [[nodiscard]] std::span<const std::uint32_t> members(std::uint32_t c) const
  {
    return {order_.data() + classes_[c].first, classes_[c].size};
  }
  [[nodiscard]] bool pending() const { return !queue_.empty(); }

  std::uint32_t take();
  /// Moves a node to the marked front of its class; the first mark of a class enters it into `touched`.
  void mark(std::uint32_t node, std::vector<std::uint32_t>& touched);
  /// Splits the marked part of a class by count and from the unmarked rest; clears the marks.
  void split(std::uint32_t c, const std::vector<std::uint32_t>& count);
  [[nodiscard]] std::vector<std::uint32_t> release() { return std::move(class_of_); }

private:
  void enqueue(std::uint32_t c);
  void cut(std::uint32_t c, const std::vector<std::uint32_t>& ends);

  std::vector<std::uint32_t> order_, position_, class_of_;
  std::vector<Interval> classes_;
  std::vector<std::uint32_t> queue_;
  std::vector<std::uint32_t> ends_; // scratch of split()
};

Partition::Partition(std::span<const std::uint32_t> colours)
    : order_(colours.size()), position_(colours.size()), class_of_(colours.begin(), colours.end())
{
  const std::uint32_t count = number_by_first_member(class_of_);
  classes_.resize(count);
  for (const std::uint32_t c : class_of_) ++classes_[c].size;
  std::uint32_t first = 0;
  for (Interval& interval : classes_) {
    interval.first = first;
    first += interval.size;
  }
  std::vector<std::uint32_t> next(count);
  for (std::uint32_t c = 0; c < count; ++c) next[c] = classes_[c].first;
  for (std::uint32_t node = 0; node < colours.size(); ++node) {
    position_[node] = next[class_of_[node]]++;
    order_[position_[node]] = node;
  }
  for (std::uint32_t c = count; c-- > 0;) enqueue(c);
}

void Partition::enqueue(std::uint32_t c)
{
  if (classes_[c].queued) return;
  classes_[c].queued = true;
  queue_.push_back(c);
}

std::uint32_t Partition::take()
{
  const std::uint32_t c = queue_.back();
  queue_.pop_back();
  classes_[c].queued = false;
  return c;
}

void Partition::mark(std::uint32_t node, std::vector<std::uint32_t>& touched)
{
  Interval& interval = classes_[class_of_[node]];
  if (interval.marked == 0) touched.push_back(class_of_[node]);
  const std::uint32_t to = interval.first + interval.marked++;
  const std::uint32_t from = position_[node];
  const std::uint32_t other = order_[to];
  order_[to] = node;
  position_[node] = to;
  order_[from] = other;
  position_[other] = from;
}

void Partition::split(std::uint32_t c, const std::vector<std::uint32_t>& count)
{
  Interval& interval = classes_[c];
  const std::uint32_t marked = interval.marked;
  interval.marked = 0;
  const auto begin = order_.begin() + interval.first;
  const auto end = begin + marked;
  const bool equal = std::all_of(begin, end, [&](std::uint32_t node) { return count[node] == count[*begin]; });
  if (equal && marked == interval.size) return;
  ends_.clear();
  if (!equal) {
    std::sort(begin, end, [&](std::uint32_t a, std::uint32_t b) { return count[a] != count[b] ? count[a] < count[b] : a < b; });
    for (auto at = begin; at != end; ++at) position_[*at] = static_cast<std::uint32_t>(at - order_.begin());
    for (std::uint32_t i = 1; i < marked; ++i)
      if (count[begin[i]] != count[begin[i - 1]]) ends_.push_back(interval.first + i);
  }
  ends_.push_back(interval.first + marked);
  if (marked < interval.size) ends_.push_back(interval.first + interval.size);
  cut(c, ends_);
}

void Partition::cut(std::uint32_t c, const std::vector<std::uint32_t>& ends)
{
  // The largest part keeps the name: if the class waits in the queue it goes on waiting, and so do all the new parts;
  // if it does not, the new parts alone suffice.
  const std::uint32_t start = classes_[c].first;
  std::size_t largest = 0;
  std::uint32_t largest_size = 0;
  for (std::size_t i = 0, first = start; i < ends.size(); first = ends[i++]) {
    const auto size = static_cast<std::uint32_t>(ends[i] - first);
    if (size > largest_size) {
      largest = i;
      largest_size = size;
    }
  }
  std::uint32_t first = start;
  for (std::size_t i = 0; i < ends.size(); first = ends[i++]) {
    if (i == largest) {
      classes_[c].first = first;
      classes_[c].size = largest_size;
      continue;
    }
    const auto part = static_cast<std::uint32_t>(classes_.size());
    classes_.push_back({first, ends[i] - first, 0, false});
    for (std::uint32_t at = first; at < ends[i]; ++at) class_of_[order_[at]] = part;
    enqueue(part);
  }
}

/// The edges that leave one splitter, sorted by label.
class Outgoing {
public:
  explicit Outgoing(std::uint32_t labels) : uses_(labels, 0) {}

  void collect(const LabelledGraph& graph, std::span<const std::uint32_t> members)
  {
    found_.clear();
    labels_.clear();
    for (const std::uint32_t node : members) {
      for (const LabelledGraph::Neighbour& n : graph.row(node)) {
        if (uses_[n.label]++ == 0) labels_.push_back(n.label);
        found_.push_back(n);
      }
    }
    // Counting sort: where each label's run starts, then every end node to its run.
    ends_.resize(found_.size());
    std::uint32_t at = 0;
    runs_.assign(1, 0);
    for (const std::uint32_t label : labels_) {
      const std::uint32_t uses = uses_[label];
      uses_[label] = at;
      at += uses;
      runs_.push_back(at);
    }
    for (const LabelledGraph::Neighbour& n : found_) ends_[uses_[n.label]++] = n.node;
    for (const std::uint32_t label : labels_) uses_[label] = 0;
  }
  [[nodiscard]] std::size_t runs() const { return runs_.size() - 1; }
  [[nodiscard]] std::span<const std::uint32_t> run(std::size_t i) const { return {ends_.data() + runs_[i], runs_[i + 1] - runs_[i]}; }

private:
  std::vector<std::uint32_t> uses_, labels_, runs_, ends_;
  std::vector<LabelledGraph::Neighbour> found_;
};

} // namespace

LabelledGraph make_graph(std::size_t nodes, std::span<const LabelledEdge> edges)
{
  LabelledGraph graph;
  graph.first.assign(nodes + 1, 0);
  for (const LabelledEdge& edge : edges) {
    ++graph.first[edge.a + 1];
    ++graph.first[edge.b + 1];
    graph.labels = std::max(graph.labels, edge.label + 1);
  }
  std::partial_sum(graph.first.begin(), graph.first.end(), graph.first.begin());
  graph.neighbours.resize(2 * edges.size());
  std::vector<std::size_t> next(graph.first.begin(), graph.first.end() - 1);
  for (const LabelledEdge& edge : edges) {
    graph.neighbours[next[edge.a]++] = {edge.b, edge.label};
    graph.neighbours[next[edge.b]++] = {edge.a, edge.label};
  }
  return graph;
}

std::vector<std::uint32_t> coarsest_equitable_partition(const LabelledGraph& graph, std::span<const std::uint32_t> colours)
{
  Partition partition(colours);
  Outgoing outgoing(graph.labels);
  std::vector<std::uint32_t> count(graph.nodes(), 0), reached, touched;
  while (partition.pending()) {
    outgoing.collect(graph, partition.members(partition.take()));
    for (std::size_t i = 0; i < outgoing.runs(); ++i) {
      reached.clear();
      touched.clear();
      for (const std::uint32_t node : outgoing.run(i)) {
        if (count[node]++ == 0) reached.push_back(node);
      }
      for (const std::uint32_t node : reached) partition.mark(node, touched);
      for (const std::uint32_t c : touched) partition.split(c, count);
      for (const std::uint32_t node : reached) count[node] = 0;
    }
  }
  std::vector<std::uint32_t> classes = partition.release();
  number_by_first_member(classes);
  return classes;
}

std::uint32_t number_by_first_member(std::span<std::uint32_t> classes)
{
  constexpr std::uint32_t unseen = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t highest = 0;
  for (const std::uint32_t c : classes) highest = std::max(highest, c);
  std::vector<std::uint32_t> number(classes.empty() ? 0 : std::size_t{highest} + 1, unseen);
  std::uint32_t count = 0;
  for (std::uint32_t& c : classes) {
    if (number[c] == unseen) number[c] = count++;
    c = number[c];
  }
  return count;
}

} // namespace weft
