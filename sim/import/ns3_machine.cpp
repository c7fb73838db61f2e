// From numbered nodes and links to a machine: what is an accelerator, what joins a node's inside, what is the network.
#include "import/forwarding.hpp"
#include "import/ns3_text.hpp"
#include "import/tree.hpp"

#include <algorithm>

namespace weft {
namespace {

class MachineWriter {
  const Ns3Topology& topology_;
  Ns3Roles roles_;
  std::vector<std::int64_t> accelerator_; ///< by the file's number; -1: a switch
  std::vector<bool> is_scaleup_;
  std::vector<std::int64_t> node_of_scaleup_; ///< node a scale-up switch belongs to; -1: not known yet
  std::vector<int> scaleup_links_;            ///< per accelerator
  std::vector<bool> forwards_;
  std::vector<Bandwidth> rates_; ///< of its network cables
  const Ns3Link* first_scaleup_ = nullptr;
  SimulatedMachine machine_;

  [[nodiscard]] std::int64_t accelerator(std::int64_t number) const { return accelerator_[static_cast<std::size_t>(number)]; }
  [[nodiscard]] bool is_scaleup(std::int64_t number) const { return is_scaleup_[static_cast<std::size_t>(number)]; }

public:
  MachineWriter(const Ns3Topology& topology, const Ns3Roles& roles, const std::string& format) : topology_(topology), roles_(roles)
  {
    machine_.format = format;
    machine_.network.place = topology.header.place;
    number_everything();
    for (const Ns3Link& link : topology.links) count(link);
    check_inside();
    check_outside();
    write_network();
  }
  [[nodiscard]] SimulatedMachine take() { return std::move(machine_); }

private:
  [[noreturn]] void refuse_all(const std::string& problem) const { throw ConfigError(topology_.header.place, "", problem); }

  void number_everything()
  {
    const auto size = static_cast<std::size_t>(roles_.nodes);
    accelerator_.assign(size, 0);
    is_scaleup_.assign(size, false);
    node_of_scaleup_.assign(size, -1);
    for (std::size_t i = 0; i < topology_.switches.size(); ++i) {
      const auto number = static_cast<std::size_t>(topology_.switches[i]);
      accelerator_[number] = -1;
      is_scaleup_[number] = static_cast<std::int64_t>(i) < roles_.scaleup_switches;
    }
    std::int64_t next = 0;
    for (std::int64_t& number : accelerator_)
      if (number == 0) number = next++;
    if (next == 0 || next % roles_.per_node != 0)
      refuse_all(std::to_string(next) + " accelerators are no whole number of nodes of " + std::to_string(roles_.per_node) +
                 " (correct the counts)");
    machine_.accelerators = roles_.per_node;
    machine_.nodes = next / roles_.per_node;
    const auto accelerators = static_cast<std::size_t>(next);
    scaleup_links_.assign(accelerators, 0);
    forwards_.assign(accelerators, false);
    rates_.assign(accelerators, Bandwidth(0));
  }

  void count(const Ns3Link& link)
  {
    if (is_scaleup(link.from) || is_scaleup(link.to)) return count_inside(link);
    for (const std::int64_t end : {link.from, link.to}) {
      if (accelerator(end) < 0) continue;
      const auto index = static_cast<std::size_t>(accelerator(end));
      rates_[index] += link.rate;
      machine_.has_adapters = true;
      if (accelerator(link.from) >= 0 && accelerator(link.to) >= 0) forwards_[index] = true;
    }
  }

  void count_inside(const Ns3Link& link)
  {
    const std::int64_t hub = is_scaleup(link.from) ? link.from : link.to, other = hub == link.from ? link.to : link.from;
    if (accelerator(other) < 0)
      throw ConfigError(link.place, "", "a scale-up switch is linked to another switch (only accelerators of one node may hang on it)");
    std::int64_t& node = node_of_scaleup_[static_cast<std::size_t>(hub)];
    const std::int64_t own = accelerator(other) / roles_.per_node;
    if (node >= 0 && node != own)
      throw ConfigError(link.place, "",
                        "scale-up switch " + std::to_string(hub) +
                            " joins accelerators of two nodes (correct the link or the count per node)");
    node = own;
    if (first_scaleup_ && (first_scaleup_->rate != link.rate || first_scaleup_->delay != link.delay))
      throw ConfigError(link.place, "", "scale-up links of different rates or delays (nodes are alike: give all the same)");
    if (!first_scaleup_) first_scaleup_ = &link;
    ++scaleup_links_[static_cast<std::size_t>(accelerator(other))];
  }

  void check_inside()
  {
    if (roles_.scaleup_switches == 0) return;
    for (std::size_t a = 0; a < scaleup_links_.size(); ++a)
      if (scaleup_links_[a] != scaleup_links_.front() || scaleup_links_[a] == 0)
        refuse_all("accelerator " + std::to_string(a) + " has " + std::to_string(scaleup_links_[a]) +
                   " scale-up links, accelerator 0 has " + std::to_string(scaleup_links_.front()) +
                   " (nodes are alike: give all the same, at least one)");
    machine_.scaleup = mapping_at(first_scaleup_->place);
    put(machine_.scaleup, "kind", scalar_at("nvswitch", first_scaleup_->place));
    machine_.scaleup_links = scaleup_links_.front();
    machine_.scaleup_rate = first_scaleup_->rate;
    machine_.scaleup_latency = first_scaleup_->delay;
  }

  void check_outside() const
  {
    if (!machine_.has_adapters) {
      if (machine_.nodes > 1) refuse_all("no link joins the nodes (add the network's links)");
      return;
    }
    for (std::size_t a = 0; a < rates_.size(); ++a)
      if (rates_[a] <= Bandwidth(0)) refuse_all("accelerator " + std::to_string(a) + " has no network link (add one)");
  }

  void write_network()
  {
    if (!machine_.has_adapters) return;
    machine_.adapter_rate = *std::max_element(rates_.begin(), rates_.end());
    ImportedNetwork& network = machine_.network;
    for (std::size_t i = static_cast<std::size_t>(roles_.scaleup_switches); i < topology_.switches.size(); ++i)
      network.switches.push_back({switch_name(topology_.switches[i]), topology_.header.place, 0});
    const std::vector<std::string> names =
        name_end_points({roles_.per_node, static_cast<std::int64_t>(rates_.size())}, forwards_, rates_, network);
    const auto name = [&](std::int64_t number) {
      return accelerator(number) < 0 ? switch_name(number) : names[static_cast<std::size_t>(accelerator(number))];
    };
    for (const Ns3Link& link : topology_.links)
      if (!is_scaleup(link.from) && !is_scaleup(link.to))
        network.links.push_back({name(link.from), name(link.to), link.rate, link.delay, 1, link.place});
    require_import_size(static_cast<std::int64_t>(network.switches.size()), static_cast<std::int64_t>(network.links.size()), network.place);
  }

  static std::string switch_name(std::int64_t number) { return "switch" + std::to_string(number); }
};

} // namespace

SimulatedMachine machine_of(const Ns3Topology& topology, const Ns3Roles& roles, const std::string& format)
{
  return MachineWriter(topology, roles, format).take();
}

} // namespace weft
