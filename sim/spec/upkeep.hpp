// What running the machine costs besides time: how much power it draws in training, what an interruption loses, what is paid for what.
// Read from `upkeep:` of a scenario; none of it changes a simulated second.
#pragma once
#include "config/record.hpp"

namespace weft {

struct Upkeep {
  /// Mean draw of a node in training over its rated power: 8 x H100, GPT-3 175B on 512 GPUs, MLPerf Training v4.0 power measurements:
  /// 6.85 kW, over the 10.2 kW of a DGX H100. (Latif et al. 2025, arXiv:2506.14551, see at most 0.76.)
  double load = 0.67;
  /// Lost by one interruption: detection, restart, and the work since the last checkpoint. Llama 3 405B, arXiv:2407.21783, section 3.3.4:
  /// over 54 days, 466 interruptions and an effective training time of 90 %: a tenth of the time over the interruptions is 1,000 s.
  Seconds interruption = Seconds(1000);
  double power_usage_effectiveness = 1; ///< power of the building over power of the machine
  Dollars electricity;                  ///< price of one MWh; 0: not asked
  Seconds lifetime;                     ///< over which the capital is written off, evenly; 0: not asked
  Dollars accelerator_hour;             ///< rent of one accelerator for one hour, all included; 0: not asked
};
template <> const Record<Upkeep>& record_of<Upkeep>();

} // namespace weft
