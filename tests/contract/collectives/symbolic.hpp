// Plays a schedule on sets of contributors instead of numbers: which members' data is in each piece each vertex holds.
#pragma once
#include "collectives/collective.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weft::test {

using Contributors = std::uint64_t; ///< bit m: member m's data is in it; zero: nothing here

/// What every vertex holds of every piece, and the first thing that went wrong.
struct Holdings {
  std::size_t pieces = 0;
  std::vector<Contributors> held; ///< by vertex * pieces + piece
  std::string problem;
  Contributors& at(std::size_t vertex, std::size_t piece) { return held[vertex * pieces + piece]; }
};

inline Contributors everybody(std::size_t members) { return members == 64 ? ~Contributors{0} : (Contributors{1} << members) - 1; }

/// Before the operation: everybody's own data; only the own run of an all-gather; only member 0 of a broadcast. Switches hold nothing.
inline Holdings before(Operation operation, const GroupShape& group, const Steps& steps)
{
  const std::size_t n = group.members();
  Holdings holdings;
  holdings.pieces = steps.pieces;
  holdings.held.assign((n + group.domains()) * steps.pieces, 0);
  for (std::size_t m = 0; m < n; ++m)
    for (std::size_t p = 0; p < steps.pieces; ++p) {
      const bool has = operation == Operation::broadcast ? m == 0 : operation == Operation::all_gather ? p * n / steps.pieces == m : true;
      if (has) holdings.at(m, p) = Contributors{1} << m;
    }
  return holdings;
}

inline std::string name(const Message& message, std::size_t step)
{
  return "step " + std::to_string(step) + ", " + std::to_string(message.from) + " to " + std::to_string(message.to) + ", piece " +
         std::to_string(message.first_piece);
}

/// Messages of a step leave with what their senders held before the step. Stops at the first problem: a message from, to or of something
/// that does not exist, sending what is not there, adding what is in it already, overwriting something with less.
inline void play(const Steps& steps, std::size_t vertices, Holdings& holdings)
{
  std::vector<Contributors> carried;
  for (std::size_t s = 0; s < steps.steps.size(); ++s) {
    carried.clear();
    for (const Message& message : steps.steps[s]) {
      const bool exists = message.from < vertices && message.to < vertices && message.from != message.to && message.pieces > 0 &&
                          std::uint64_t{message.first_piece} + message.pieces <= steps.pieces;
      if (!exists) {
        holdings.problem = "no such message: " + name(message, s);
        return;
      }
      for (std::uint32_t k = 0; k < message.pieces; ++k) {
        carried.push_back(holdings.at(message.from, message.first_piece + k));
        if (carried.back() == 0) {
          holdings.problem = "sends what it does not have: " + name(message, s);
          return;
        }
      }
    }
    std::size_t next = 0;
    for (const Message& message : steps.steps[s])
      for (std::uint32_t k = 0; k < message.pieces; ++k) {
        Contributors& held = holdings.at(message.to, message.first_piece + k);
        const Contributors arrived = carried[next++];
        if (message.reduces && (held & arrived) != 0) {
          holdings.problem = "adds the same data twice: " + name(message, s);
          return;
        }
        if (!message.reduces && (held & ~arrived) != 0) {
          holdings.problem = "overwrites what is not in the message: " + name(message, s);
          return;
        }
        held |= arrived;
      }
  }
}

/// What member m must hold of piece p afterwards; zero: nothing is asked.
inline Contributors wanted(Operation operation, std::size_t n, std::size_t pieces, std::size_t m, std::size_t p)
{
  const std::size_t owner = p * n / pieces;
  switch (operation) {
  case Operation::all_reduce:
    return everybody(n);
  case Operation::reduce_scatter:
    return owner == m ? everybody(n) : 0;
  case Operation::all_gather:
    return Contributors{1} << owner;
  case Operation::broadcast:
    return 1;
  case Operation::all_to_all:
  case Operation::send:
    return 0;
  }
  return 0;
}

/// Empty when the schedule carries out the operation; else what is wrong with it.
inline std::string problem_of_reduction(Operation operation, const GroupShape& group, const Steps& steps)
{
  const std::size_t n = group.members();
  const bool owned = operation == Operation::reduce_scatter || operation == Operation::all_gather;
  if (owned && steps.pieces % n != 0)
    return std::to_string(steps.pieces) + " pieces cannot be shared out among " + std::to_string(n) + " members";
  Holdings holdings = before(operation, group, steps);
  play(steps, n + group.domains(), holdings);
  if (!holdings.problem.empty()) return holdings.problem;
  for (std::size_t m = 0; m < n; ++m)
    for (std::size_t p = 0; p < steps.pieces; ++p) {
      const Contributors want = wanted(operation, n, steps.pieces, m, p);
      if (want != 0 && holdings.at(m, p) != want) return "member " + std::to_string(m) + " ends with the wrong piece " + std::to_string(p);
    }
  return "";
}

/// All-to-all without detours: the run of member `to` goes from every member to it, each piece once.
inline std::string problem_of_exchange(const GroupShape& group, const Steps& steps)
{
  const std::size_t n = group.members();
  if (steps.pieces % n != 0) return std::to_string(steps.pieces) + " pieces cannot be shared out among " + std::to_string(n) + " members";
  std::vector<int> times(n * steps.pieces, 0);
  for (std::size_t s = 0; s < steps.steps.size(); ++s)
    for (const Message& message : steps.steps[s])
      for (std::size_t p = message.first_piece; p < message.first_piece + message.pieces; ++p) {
        if (message.from >= n || message.to >= n || message.from == message.to || p >= steps.pieces)
          return "no such message: " + name(message, s);
        if (p * n / steps.pieces != message.to) return "sends a piece to the wrong member: " + name(message, s);
        ++times[message.from * steps.pieces + p];
      }
  for (std::size_t m = 0; m < n; ++m)
    for (std::size_t p = 0; p < steps.pieces; ++p) {
      const int expected = p * n / steps.pieces == m ? 0 : 1;
      if (times[m * steps.pieces + p] != expected)
        return "piece " + std::to_string(p) + " of member " + std::to_string(m) + " is sent a wrong number of times";
    }
  return "";
}

inline std::string problem(Operation operation, const GroupShape& group, const Steps& steps)
{
  return operation == Operation::all_to_all ? problem_of_exchange(group, steps) : problem_of_reduction(operation, group, steps);
}

} // namespace weft::test
