// What backward runs again instead of finding it kept: a set of kinds, written as one word or as a list.
#pragma once
#include "config/value.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weft {

/// A part of a layer's forward pass that runs again in backward.
enum class Recompute {
  none,
  selective,             ///< the core of attention (Korthikanti et al. 2022, arXiv:2205.05198, section 5)
  full,                  ///< whole layers: only their inputs are kept
  alternate_products,    ///< all but attention and every second product (torchtitan)
  norms,                 ///< normalisations (DeepSeek-V3, arXiv:2412.19437, section 3.2.3)
  latent_up_projections, ///< the widening of attention's latents to full heads, with rotary (same section)
  activation_function,   ///< the activation between feed-forward products (same, section 3.3.3; Megatron-LM's moe_act)
};
template <> struct Choices<Recompute> {
  static constexpr std::array<const char*, 7> names{"none",  "selective",             "full",               "alternate-products",
                                                    "norms", "latent-up-projections", "activation-function"};
};
/// Whether a kind concerns whole layers, so that no other can stand beside it.
constexpr bool repeats_layers(Recompute kind) { return kind == Recompute::full || kind == Recompute::alternate_products; }

/// Kinds of recomputation together; `none` is the empty set.
class Recomputation {
  std::uint8_t kinds_ = 0;
  static constexpr std::uint8_t bit(Recompute kind)
  {
    return kind == Recompute::none ? std::uint8_t{0} : static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
  }

public:
  constexpr Recomputation() = default;
  constexpr Recomputation(Recompute kind) : kinds_(bit(kind)) {} ///< one kind is a set of one
  [[nodiscard]] constexpr bool has(Recompute kind) const { return (kinds_ & bit(kind)) != 0; }
  [[nodiscard]] constexpr Recomputation with(Recompute kind) const
  {
    Recomputation both = *this;
    both.kinds_ = static_cast<std::uint8_t>(both.kinds_ | bit(kind));
    return both;
  }
  constexpr bool operator==(const Recomputation&) const = default;
};
/// Whether backward runs (parts of) every layer's forward again as a whole.
constexpr bool repeats_layers(const Recomputation& set) { return set.has(Recompute::full) || set.has(Recompute::alternate_products); }

/// The kinds of a set in the order of the enumeration.
std::vector<Recompute> kinds_of(const Recomputation& set);
/// "none", "selective", "norms+activation-function".
std::string name_of(const Recomputation& set);
/// A word, or a list of words of which none concerns whole layers. Throws ConfigError for unknown, repeated and excluding words.
void read_value(const Node& node, Recomputation& into);
/// The word of a set of one or none, else the list.
Node write_value(const Recomputation& set);
template <> inline std::string type_name<Recomputation>() { return "one or several of"; }
template <> inline std::vector<std::string> choice_names<Recomputation>() { return choice_names<Recompute>(); }

} // namespace weft
