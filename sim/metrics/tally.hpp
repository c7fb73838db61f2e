// A sum that remembers what it lacks, so that an unknown price or power is never counted as nothing.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

namespace weft {

/// What is known of a sum, and the names of the parts whose share is not.
template <class Amount> struct Tally {
  Amount known{};
  std::vector<std::string> lacking; ///< in the order met, each once

  [[nodiscard]] bool complete() const { return lacking.empty(); }
  void lack(const std::string& part)
  {
    if (std::find(lacking.begin(), lacking.end(), part) == lacking.end()) lacking.push_back(part);
  }
  Tally& operator+=(const Tally& other)
  {
    known += other.known;
    for (const std::string& part : other.lacking) lack(part);
    return *this;
  }
};

/// The known part through `function`; what it lacked is lacking still.
template <class Amount, class Function> auto transformed(const Tally<Amount>& tally, Function function)
{
  return Tally<decltype(function(tally.known))>{function(tally.known), tally.lacking};
}

} // namespace weft
