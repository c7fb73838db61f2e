// SimGrid's engine as the clock of both networks: one engine, one flat zone of ours, one model that asks us for dates.
#pragma once
#include "engine/simgrid_version.hpp"

#include <exception>
#include <memory>
#include <vector>

namespace weft {

/// What a network tells the clock.
class ClockClient {
public:
  virtual ~ClockClient() = default;
  /// Date of the next event; infinity when there is none.
  virtual double next_date() = 0;
  /// Time has come to `date`.
  virtual void advance(double date) = 0;
};

/// A flat zone that knows no routes of its own: the path of a communication is set just before it starts and used once.
class FabricZone : public simgrid::kernel::routing::NetZoneImpl {
public:
  using Path = std::vector<simgrid::kernel::resource::StandardLinkImpl*>;
  explicit FabricZone(const std::string& zone_name) : NetZoneImpl(zone_name) {}
  const Path* next_path = nullptr;

protected:
  void get_local_route(const simgrid::kernel::routing::NetPoint*, const simgrid::kernel::routing::NetPoint*,
                       simgrid::kernel::routing::Route* into, double* latency) override;
};

/// Owns nothing that ends before the process: SimGrid's engine can neither be destroyed nor created again.
class SimgridClock {
  class DateModel;
  simgrid::s4u::Engine* engine_ = nullptr;
  FabricZone* zone_ = nullptr;
  std::shared_ptr<DateModel> model_;

public:
  /// Creates the engine. Throws LogicError when this process has one already.
  SimgridClock();
  SimgridClock(const SimgridClock&) = delete;
  SimgridClock& operator=(const SimgridClock&) = delete;
  ~SimgridClock();
  [[nodiscard]] FabricZone& zone() const { return *zone_; }
  [[nodiscard]] double now() const { return simgrid::s4u::Engine::get_clock(); }
  /// Runs until neither the client nor SimGrid has anything left. Rethrows what the client threw.
  void run(ClockClient& client);
  /// Runs `step` unless something was thrown before; keeps what it throws for run(): nothing may fly through SimGrid.
  template <class Step> void guarded(Step step)
  {
    if (failure_) return;
    try {
      step();
    } catch (...) {
      failure_ = std::current_exception();
    }
  }
  [[nodiscard]] bool failed() const { return failure_ != nullptr; }

private:
  std::exception_ptr failure_;
};

} // namespace weft
