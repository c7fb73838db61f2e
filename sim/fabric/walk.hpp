// Walks from vertex to vertex along shortest ways, the routing kind choosing among them. A `Ways` says which links lead on from a vertex
// (`find`), whether a vertex is the end (`arrived`), and the divisor of modulo routing. Internal to the room.
#pragma once
#include "fabric/routing_table.hpp"

#include <algorithm>
#include <map>

namespace weft {

/// The links at a vertex that lead to the destination on a shortest way.
using LinkChoices = std::vector<LinkId>;

/// Throws LogicError.
[[noreturn]] inline void no_way(const Fabric& fabric, VertexId from, VertexId to)
{
  throw LogicError("no way from '" + fabric.vertices[from.index()].name + "' to '" + fabric.vertices[to.index()].name + "'");
}

/// One way, from `question.at` on, which moves along: at every vertex the routing kind picks a link.
template <class Ways> void walk_one(const Fabric& fabric, const Ways& ways, RoutingQuestion& question, Route& route)
{
  LinkChoices choices;
  for (std::size_t steps = 0; !ways.arrived(question.at); ++steps) {
    ways.find(question.at, choices);
    if (choices.empty() || steps > fabric.vertices.size()) no_way(fabric, question.source, question.destination);
    std::size_t chosen = 0;
    if (choices.size() > 1) {
      question.choices = choices;
      question.divisor = ways.divisor(choices.front());
      chosen = fabric.routing->kind->choose(question);
    }
    const Link& link = fabric.links[choices[chosen].index()];
    route.hops.push_back({choices[chosen], 1.0});
    route.latency += link.latency;
    question.at = link.to;
  }
}

/// Every way at once: a vertex passes what reaches it on in equal parts. Vertices are taken distance by distance, each once, because all
/// ways on to one vertex are equally long.
template <class Ways> void walk_all(const Fabric& fabric, const Ways& ways, const RoutingQuestion& question, Route& route)
{
  struct Reached {
    double share = 0;
    Seconds latency;
  };
  LinkChoices choices;
  std::map<VertexId, Reached> front{{question.source, {1.0, Seconds(0)}}};
  for (std::size_t steps = 0; !front.contains(question.destination); ++steps) {
    std::map<VertexId, Reached> next;
    if (steps > fabric.vertices.size()) no_way(fabric, question.source, question.destination);
    for (const auto& [at, reached] : front) {
      ways.find(at, choices);
      if (choices.empty()) no_way(fabric, at, question.destination);
      const double share = reached.share / static_cast<double>(choices.size());
      for (const LinkId choice : choices) {
        const Link& link = fabric.links[choice.index()];
        Reached& there = next[link.to];
        there.share += share;
        there.latency = std::max(there.latency, reached.latency + link.latency);
        route.hops.push_back({choice, share});
      }
    }
    front = std::move(next);
  }
  route.latency += front[question.destination].latency;
}

template <class Ways> void walk(const Fabric& fabric, const Ways& ways, RoutingQuestion& question, Route& route)
{
  if (fabric.routing->kind->splits)
    walk_all(fabric, ways, question, route);
  else
    walk_one(fabric, ways, question, route);
}

/// The way from adapter to adapter over network switches: shortest, by a detour, or in parts, as the routing kind has it. Adds to `route`.
void walk_network(const Fabric& fabric, VertexId from, VertexId to, std::uint64_t label, Route& route);

} // namespace weft
