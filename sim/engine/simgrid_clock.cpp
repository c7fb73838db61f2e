#include "engine/simgrid_clock.hpp"

#include "config/error.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace weft {

void FabricZone::get_local_route(const simgrid::kernel::routing::NetPoint*, const simgrid::kernel::routing::NetPoint*,
                                 simgrid::kernel::routing::Route* into, double*)
{
  if (next_path == nullptr) return;
  into->link_list_.insert(into->link_list_.end(), next_path->begin(), next_path->end());
  next_path = nullptr;
}

/// Our dates among those of SimGrid's own models.
class SimgridClock::DateModel : public simgrid::kernel::resource::Model {
public:
  SimgridClock* clock = nullptr;
  ClockClient* client = nullptr;
  DateModel() : Model("weft") {}
  double next_occurring_event(double now) override
  {
    double date = INFINITY;
    if (client != nullptr) clock->guarded([&] { date = client->next_date(); });
    return std::isinf(date) || clock->failed() ? -1.0 : std::max(0.0, date - now);
  }
  void update_actions_state(double now, double) override
  {
    if (client != nullptr) clock->guarded([&] { client->advance(now); });
  }
};

namespace {

using simgrid::s4u::Engine;

/// Pure max-min sharing: no TCP model, no reverse traffic, latency left to our timers (else it biases shares), and nothing merged
/// that is further apart than rounding.
void configure()
{
  using namespace simgrid_version;
  Engine::set_config(std::string("network/model:CM02"));
  Engine::set_config(std::string("network/crosstraffic:0"));
  Engine::set_config(std::string("network/weight-S:0"));
  Engine::set_config(std::string("network/latency-factor:0"));
  Engine::set_config(std::string("network/TCP-gamma:") + no_tcp_gamma);
  Engine::set_config(std::string(timing_precision) + ":1e-12");
  Engine::set_config(std::string(work_precision) + ":1e-12");
}

Engine* create_engine()
{
  if (Engine::has_instance()) throw LogicError("a process can simulate only once (use simulate_isolated)");
  // A fixed command line: nothing a user passes to weft may reach SimGrid. It is quiet unless something is critical.
  std::array<char, 8> name{"weft"};
  std::array<char, 40> quiet{"--log=root.thresh:critical"};
  std::array<char*, 3> arguments{name.data(), quiet.data(), nullptr};
  int count = 2;
  auto* engine = new Engine(&count, arguments.data()); // SimGrid keeps it until the process ends
  configure();
  return engine;
}

} // namespace

SimgridClock::SimgridClock() : engine_(create_engine()), model_(std::make_shared<DateModel>())
{
  zone_ = new FabricZone("fabric"); // owned by the engine
  simgrid_version::place_zone(*engine_, zone_);
  model_->clock = this;
  engine_->add_model(model_);
}

SimgridClock::~SimgridClock() { model_->client = nullptr; }

void SimgridClock::run(ClockClient& client)
{
  model_->client = &client;
  engine_->run();
  model_->client = nullptr;
  if (failure_) std::rethrow_exception(failure_);
}

} // namespace weft
