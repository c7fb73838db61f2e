// What all scale-out kinds share: the rates of access and trunk cables, adding a switch, attaching an adapter, joining two switches.
#pragma once
#include "fabric/topology.hpp"

namespace weft {

/// Reads a kind's own keys; settings left out altogether are an empty mapping.
template <class T> T settings_of(const Node& settings)
{
  if (settings.kind != Node::Kind::null) return record_of<T>().read(settings);
  Node empty = settings;
  empty.kind = Node::Kind::mapping;
  return record_of<T>().read(empty);
}

/// The switch model of a tier: leaves are tier 1.
const SwitchModel& switch_of_tier(const Platform& platform, int tier);
/// Raw rate of one adapter's cable: the slowest of adapter, switch port and medium.
Bandwidth access_rate(const Platform& platform);
/// Raw rate of one switch-to-switch cable: the slowest of the ports and the medium.
Bandwidth trunk_rate(const Platform& platform);

/// Refuses platforms whose nodes cannot be joined: no adapters, no switch ports, no medium. Call first in a scale-out kind.
void require_network(const Platform& platform);

/// Refuses a network of more switches or trunk cables than can be simulated. For kinds whose settings alone can ask for any number: call
/// before listing them.
void require_size(std::int64_t switches, std::int64_t trunk_cables, const Node& where);

VertexId add_switch(FabricBuilder& builder, const Platform& platform, const std::string& name, int tier);
/// A cable from an adapter up to a switch, classes "nic up" and "nic down".
void attach_adapter(FabricBuilder& builder, const Platform& platform, VertexId adapter, VertexId leaf);
/// A cable from a lower to an upper switch, classes "CLASS up" and "CLASS down".
void join_switches(FabricBuilder& builder, const Platform& platform, VertexId lower, VertexId upper, const std::string& link_class);

} // namespace weft
