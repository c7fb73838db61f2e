// The network as the player of a job sees it: timers, flows that share links fairly, and batches of events that are due.
// Two implementations: our own fluid model (fluid_network.cpp) and SimGrid's communications (simgrid_network.cpp).
#pragma once
#include "engine/trace.hpp"
#include "traffic/traffic.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace weft {

/// What the player wants to be told when a timer fires or a flow ends; the network only carries it.
struct Token {
  std::uint32_t purpose = 0, owner = 0, detail = 0;
};

/// Whoever is told. `due` happen at the same simulated date, in a fixed order.
class EventHandler {
public:
  virtual ~EventHandler() = default;
  virtual void handle(std::span<const Token> due) = 0;
};

/// What a network is built from: its links, and the flow classes that may be started on them. Must outlive the network.
struct NetworkInput {
  std::vector<Bandwidth> capacities; ///< per link; positive and finite
  const Traffic* traffic = nullptr;  ///< flows and charges; weights positive and finite
  int utilisation_bins = 0;          ///< 0: no time series
  Seconds least_end;                 ///< the step takes at least this long: first guess of the time series' width
};

/// What the links carried.
struct NetworkUse {
  std::vector<LinkUse> links;
  std::vector<std::vector<float>> utilisation; ///< per link, mean share of capacity per bin; empty when not asked
  std::uint64_t events = 0, flows = 0;         ///< timers fired, flows started
};

class Network {
public:
  virtual ~Network() = default;
  /// The simulated date of the events being handled; zero before run().
  [[nodiscard]] virtual Seconds now() const = 0;
  /// Starts a flow of class `flow` now. `bytes` must be positive and the flow must cross a link.
  virtual void start_flow(std::uint32_t flow, Bytes bytes, Token token) = 0;
  /// Fires after `duration`, which must be positive.
  virtual void start_timer(Seconds duration, Token token) = 0;
  /// Advances time, telling `handler` of everything that becomes due, until nothing is left. Once only.
  virtual void run(EventHandler& handler) = 0;
  /// What the links carried up to now(). To be called after run().
  [[nodiscard]] virtual NetworkUse use() const = 0;
};

/// How far the fluid model looks when a flow starts or ends: only where rates can change (growing to the connected component when
/// that is cheaper), or at the whole connected component always (slower, the yardstick of tests).
enum class SharingScope : std::uint8_t { local, component };

/// Both throw LogicError when this process has simulated before: SimGrid allows one engine per process.
std::unique_ptr<Network> fluid_network(const NetworkInput& input, SharingScope scope = SharingScope::local);
/// Throws CannotFinish when weights or sizes cannot be represented by SimGrid.
std::unique_ptr<Network> simgrid_network(const NetworkInput& input);

/// Events closer together than this share of the date are one moment: rounding noise, far below anything physical.
constexpr double simultaneous = 1e-12;

} // namespace weft
