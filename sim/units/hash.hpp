// A small counter-based hash: the same on every machine and in every run.
#pragma once
#include <cstdint>

namespace weft {

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: the finalizer of SplitMix64.
constexpr std::uint64_t splitmix64(std::uint64_t x)
{
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// Folds one more value into a hash.
constexpr std::uint64_t hash_with(std::uint64_t hash, std::uint64_t value) { return splitmix64(hash ^ splitmix64(value)); }

} // namespace weft
