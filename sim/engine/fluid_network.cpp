// The network as our own fluid model: exact fair sharing and a timer queue under SimGrid's clock.
#include "engine/event_queue.hpp"
#include "engine/fair_sharing.hpp"
#include "engine/network.hpp"
#include "engine/simgrid_clock.hpp"

#include <algorithm>

namespace weft {
namespace {

class FluidNetwork final : public Network, ClockClient {
  const Traffic& traffic_;
  LinkAccount account_;
  FairSharing sharing_;
  EventQueue timers_;
  SimgridClock clock_;
  EventHandler* handler_ = nullptr;
  std::vector<Token> due_;
  Seconds now_; ///< exactly the date announced: SimGrid's own clock adds up differences and is off by rounding
  std::uint64_t events_ = 0, flows_ = 0;

  [[nodiscard]] Seconds next() const { return std::min(timers_.next(), sharing_.next_end()); }

  double next_date() override
  {
    sharing_.share(now_);
    return next().base();
  }
  void advance(double date) override
  {
    if (next().base() > date * (1 + simultaneous)) return;
    now_ = std::max(now_, next());
    const Seconds until = now_ * (1 + simultaneous);
    do {
      due_.clear();
      sharing_.end_due(until, now_, due_);
      const std::size_t ended = due_.size();
      timers_.take_due(until, due_);
      events_ += due_.size() - ended;
      handler_->handle(due_);
      sharing_.share(now_);
    } while (next() <= until);
  }

public:
  FluidNetwork(const NetworkInput& input, SharingScope scope)
      : traffic_(*input.traffic), account_(input), sharing_(input.capacities, account_, scope)
  {
  }
  [[nodiscard]] Seconds now() const override { return now_; }
  void start_flow(std::uint32_t flow, Bytes bytes, Token token) override
  {
    flows_++;
    sharing_.start(traffic_.charges_of(flow), bytes, token, now_);
  }
  void start_timer(Seconds duration, Token token) override { timers_.push(now_ + duration, token); }
  void run(EventHandler& handler) override
  {
    handler_ = &handler;
    clock_.run(*this);
  }
  [[nodiscard]] NetworkUse use() const override
  {
    NetworkUse use = account_.use(now_);
    use.events = events_;
    use.flows = flows_;
    return use;
  }
};

} // namespace

std::unique_ptr<Network> fluid_network(const NetworkInput& input, SharingScope scope)
{
  return std::make_unique<FluidNetwork>(input, scope);
}

} // namespace weft
