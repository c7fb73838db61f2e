// A time no simulation of a job can undercut: its tasks played without contention.
#pragma once
#include "fabric/fabric.hpp"
#include "job/job.hpp"

namespace weft {

/// The most bytes per second any accelerator can send or receive over all its links together.
Bandwidth fastest_accelerator(const Fabric& fabric);

/// Longest path through the job's tasks when every computation takes its nominal time, lanes run in order, messages between roles meet as in
/// the simulation, and a communication takes only what its least share of the payload needs at `fastest` bytes per second: (n-1)/n of it for
/// a collective of n members, all of a message, no latency. Every way of carrying out an operation moves at least that much through each
/// member's own links (Chan et al. 2007, "Collective communication: theory, practice, and experience", section 3), and the simulation never
/// runs a computation faster than nominal: so no simulated step is shorter.
Seconds least_time(const Job& job, Bandwidth fastest);

} // namespace weft
