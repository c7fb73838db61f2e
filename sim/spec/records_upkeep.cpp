// How the upkeep of a machine stands in YAML.
#include "spec/upkeep.hpp"

namespace weft {

template <> const Record<Upkeep>& record_of<Upkeep>()
{
  static const Record<Upkeep> record =
      Record<Upkeep>("upkeep", "What the machine draws, loses and costs while it runs.")
          .optional("load", &Upkeep::load, "mean draw of a node in training over its rated power", fraction())
          .optional("interruption", &Upkeep::interruption,
                    "time lost by one interruption: detection, restart, work since the last checkpoint", not_negative<Seconds>())
          .optional("power-usage-effectiveness", &Upkeep::power_usage_effectiveness, "power of the building over that of the machine (PUE)",
                    in_range(1.0, 10.0))
          .optional("electricity", &Upkeep::electricity, "price of one MWh; 0: not asked", not_negative<Dollars>())
          .optional("lifetime", &Upkeep::lifetime, "over which the capital is written off, such as 1461 d; 0: not asked",
                    not_negative<Seconds>())
          .optional("accelerator-hour", &Upkeep::accelerator_hour, "rent of one accelerator for an hour, all included; 0: not asked",
                    not_negative<Dollars>());
  return record;
}

} // namespace weft
