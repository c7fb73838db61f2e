// The few names that differ between SimGrid 3.32 and 4.x.
#pragma once
#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/kernel/routing/NetPoint.hpp>
#include <simgrid/kernel/routing/NetZoneImpl.hpp>
#include <simgrid/s4u.hpp>
#include <simgrid/version.h>

#include <string>

#define WEFT_SIMGRID_4 (SIMGRID_VERSION_MAJOR >= 4)

namespace weft::simgrid_version {

namespace s4u = simgrid::s4u;

inline s4u::Host* add_host(s4u::NetZone* zone, const std::string& name)
{
#if WEFT_SIMGRID_4
  return zone->add_host(name, 1.0);
#else
  return zone->create_host(name, 1.0);
#endif
}
inline s4u::Link* add_link(s4u::NetZone* zone, const std::string& name, double bandwidth)
{
#if WEFT_SIMGRID_4
  return zone->add_link(name, bandwidth)->set_latency(0.0);
#else
  return zone->create_link(name, bandwidth)->set_latency(0.0);
#endif
}
/// Bytes per second on the link at present rates.
inline double link_load(const s4u::Link* link)
{
#if WEFT_SIMGRID_4
  return link->get_load();
#else
  return link->get_usage();
#endif
}
inline void start(const s4u::CommPtr& communication)
{
#if WEFT_SIMGRID_4
  communication->start();
#else
  communication->vetoable_start();
#endif
}
/// Calls `function(data)` with what was given to set_data of each communication that ends.
template <class Function> void on_completion(Function function)
{
#if WEFT_SIMGRID_4
  s4u::Comm::on_completion_cb([function](const s4u::Comm& ended) { function(const_cast<s4u::Comm&>(ended).get_data<void>()); });
#else
  s4u::Activity::on_completion_cb(
      [function](const s4u::Activity& ended) { function(static_cast<const s4u::Comm&>(ended).get_data<void>()); });
#endif
}
/// A zone becomes the root (3.32) or a child of the root that exists already (4.x).
inline void place_zone(const s4u::Engine& engine, simgrid::kernel::routing::NetZoneImpl* zone)
{
#if WEFT_SIMGRID_4
  zone->set_parent(engine.get_netzone_root()->get_impl());
#else
  (void)engine;
  (void)zone;
#endif
}

#if WEFT_SIMGRID_4
constexpr const char* timing_precision = "precision/timing";
constexpr const char* work_precision = "precision/work-amount";
constexpr const char* no_tcp_gamma = "0";
#else
constexpr const char* timing_precision = "surf/precision";
constexpr const char* work_precision = "maxmin/precision";
constexpr const char* no_tcp_gamma = "1e30";
#endif

} // namespace weft::simgrid_version
