// The network as SimGrid's own communications and solver: the reference the fluid model is held to. Fit for some thousand flows at a
// time. Paths are explicit (FabricZone); latencies are paid by our timers before a flow starts.
#include "engine/event_queue.hpp"
#include "engine/link_account.hpp"
#include "engine/network.hpp"
#include "engine/simgrid_clock.hpp"
#include "engine/whole_weights.hpp"

#include <array>
#include <cmath>

namespace weft {
namespace {

class SimgridNetwork final : public Network, ClockClient {
  struct Running {
    simgrid::s4u::CommPtr communication;
    std::uint32_t flow = 0;
    Bytes bytes;
    Token token;
  };
  const Traffic& traffic_;
  LinkAccount account_;
  EventQueue timers_;
  WholeScales scales_;
  SimgridClock clock_;
  EventHandler* handler_ = nullptr;
  std::array<simgrid::s4u::Host*, 2> hosts_{}; ///< every communication runs between these two; its path is what counts
  std::vector<simgrid::s4u::Link*> links_;
  std::vector<Running> running_;
  std::vector<std::size_t> free_;
  std::vector<simgrid::s4u::CommPtr> ended_; ///< SimGrid still uses a communication after telling of its end
  FabricZone::Path path_;
  std::vector<Token> due_;
  std::uint64_t events_ = 0, flows_ = 0;

  double next_date() override { return timers_.next().base(); }
  void advance(double date) override
  {
    const Seconds until(date * (1 + simultaneous));
    while (timers_.next() <= until) {
      due_.clear();
      timers_.take_due(until, due_);
      events_ += due_.size();
      handler_->handle(due_);
    }
  }
  /// What the links carried in the interval that just passed; rates are still those of the interval.
  void look_at_links(double interval)
  {
    ended_.clear();
    if (interval <= 0) return;
    const Seconds begin(clock_.now() - interval);
    for (std::uint32_t i = 0; i < links_.size(); i++)
      if (account_.busy(i)) account_.set_load(i, Bandwidth(simgrid_version::link_load(links_[i]) / scales_.size), begin);
  }
  void end(std::size_t slot)
  {
    Running& running = running_[slot];
    for (const Charge& charge : traffic_.charges_of(running.flow)) {
      account_.flow_ends(charge.link, running.bytes * charge.weight, now());
      if (!account_.busy(charge.link)) account_.set_load(charge.link, Bandwidth(0), now());
    }
    ended_.push_back(std::move(running.communication));
    free_.push_back(slot);
    const Token token = running.token;
    handler_->handle({&token, 1});
  }
  void build_platform(const NetworkInput& input)
  {
    auto* zone = clock_.zone().get_iface();
    hosts_ = {simgrid_version::add_host(zone, "from"), simgrid_version::add_host(zone, "to")};
    for (std::size_t i = 0; i < input.capacities.size(); i++)
      links_.push_back(simgrid_version::add_link(zone, "link" + std::to_string(i), input.capacities[i].base() * scales_.size));
    zone->seal();
  }

public:
  explicit SimgridNetwork(const NetworkInput& input) : traffic_(*input.traffic), account_(input), scales_(whole_scales(*input.traffic))
  {
    build_platform(input);
    simgrid_version::on_completion([this](void* data) { clock_.guarded([&] { end(reinterpret_cast<std::size_t>(data) - 1); }); });
    simgrid::s4u::Engine::on_time_advance_cb([this](double interval) { look_at_links(interval); });
  }
  [[nodiscard]] Seconds now() const override { return Seconds(clock_.now()); }
  void start_flow(std::uint32_t flow, Bytes bytes, Token token) override
  {
    std::size_t slot = running_.size();
    if (free_.empty())
      running_.emplace_back();
    else {
      slot = free_.back();
      free_.pop_back();
    }
    path_.clear();
    for (const Charge& charge : traffic_.charges_of(flow)) {
      path_.insert(path_.end(), static_cast<std::size_t>(std::llround(charge.weight * scales_.weight)), links_[charge.link]->get_impl());
      account_.flow_starts(charge.link, now());
    }
    clock_.zone().next_path = &path_;
    auto communication = simgrid::s4u::Comm::sendto_init(hosts_[0], hosts_[1]);
    communication->set_payload_size(static_cast<std::uint64_t>(std::llround(bytes.base() * (scales_.size / scales_.weight))));
    communication->set_data(reinterpret_cast<void*>(slot + 1));
    simgrid_version::start(communication);
    running_[slot] = {std::move(communication), flow, bytes, token};
    flows_++;
  }
  void start_timer(Seconds duration, Token token) override { timers_.push(now() + duration, token); }
  void run(EventHandler& handler) override
  {
    handler_ = &handler;
    clock_.run(*this);
  }
  [[nodiscard]] NetworkUse use() const override
  {
    NetworkUse use = account_.use(now());
    use.events = events_;
    use.flows = flows_;
    return use;
  }
};

} // namespace

std::unique_ptr<Network> simgrid_network(const NetworkInput& input) { return std::make_unique<SimgridNetwork>(input); }

} // namespace weft
