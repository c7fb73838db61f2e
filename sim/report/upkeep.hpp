// What a machine draws, costs and loses, as text: sums that lack a part say so.
#pragma once
#include "metrics/results.hpp"
#include "report/json.hpp"
#include "units/text.hpp"

#include <string>
#include <vector>

namespace weft {

/// `text` of the known part; ">= " before it when a part is lacking, "not known" when that leaves nothing.
template <class Amount, class Text> std::string tally_text(const Tally<Amount>& tally, Text text)
{
  if (tally.complete()) return text(tally.known);
  return tally.known > Amount{} ? ">= " + text(tally.known) : "not known";
}
template <class Amount> std::string tally_text(const Tally<Amount>& tally)
{
  return tally_text(tally, [](Amount amount) { return short_text(amount); });
}

/// Parts, power, price, failures, energy and cost as a table; empty when there is no bill.
std::string upkeep_table(const Results& results);

/// All that the sums lack, each once: "price of switches tomahawk-6".
std::vector<std::string> unknowns(const MachineUpkeep& machine);

/// The members of "machine" and "upkeep".
void write_upkeep(JsonWriter& json, const Results& results);

} // namespace weft
