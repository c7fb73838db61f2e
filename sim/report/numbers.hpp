// Numbers as text, the same on every machine: for people (grouped, few digits) and for programs (shortest that reads back).
#pragma once
#include <cstdint>
#include <string>

namespace weft {

/// "1,024".
std::string grouped(std::uint64_t count);
/// Rounded to whole and grouped: "173,512".
std::string grouped(double value);
/// Fixed number of decimals: "12.3".
std::string fixed(double value, int decimals);
/// A fraction as percent: "12.3 %".
std::string percent(double fraction, int decimals = 1);
/// Shortest decimal that reads back to the same double; always a valid JSON number. Throws LogicError when not finite.
std::string shortest(double value);

} // namespace weft
