// How export rules, and what they ask of a chip, stand in YAML.
#include "spec/export.hpp"

#include <algorithm>
#include <cctype>

namespace weft {
namespace {

/// A value that has to be above zero where it is written.
template <class T> Check<std::optional<T>> above_zero()
{
  return {"above zero", [](const std::optional<T>& value) { return !value || *value > T{}; }};
}

template <class T> void refuse_empty_range(const Node& node, const std::optional<T>& from, const std::optional<T>& below, const char* key)
{
  if (from && below && !(*from < *below)) refuse(*node.find(key), "must be above the least value, or nothing fits (swap the two)");
}

void refuse_no_date(const Node& node, const char* key, const std::string& text)
{
  if (const Node* value = node.find(key); value && !text.empty() && !is_date(text))
    refuse(*value, "expected a date such as 2023-10-17, got '" + shown(text) + "'");
}

} // namespace

bool is_date(const std::string& text)
{
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U})
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  const int month = std::stoi(text.substr(5, 2)), day = std::stoi(text.substr(8, 2));
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

template <> const Record<MemoryStack>& record_of<MemoryStack>()
{
  static const Record<MemoryStack> record =
      Record<MemoryStack>("memory stack", "One memory stack of a chip, as it is sold by itself.")
          .required("bandwidth", &MemoryStack::bandwidth, "of one stack; 0: the chip's memory is not stacked", not_negative<Bandwidth>())
          .optional("mm2", &MemoryStack::mm2, "area of the package or stack in square millimetres", in_range(0.0, 1e6))
          .rule([](const Node& node, const MemoryStack& stack) {
            if (stack.bandwidth > Bandwidth(0) && stack.mm2 <= 0) refuse(node, "a stack needs the area that it covers (set mm2)");
          });
  return record;
}

template <> const Record<ExportFacts>& record_of<ExportFacts>()
{
  static const Record<ExportFacts> record =
      Record<ExportFacts>("export facts", "What export rules ask of a chip and a simulation does not.")
          .inlined(&ExportFacts::provenance)
          .optional("process-nm", &ExportFacts::process_nm, "name of the logic process in nm; 0: not known", in_range(0, 1000))
          .optional("die-mm2", &ExportFacts::die_mm2, "area of all logic dies in square millimetres; 0: not known", in_range(0.0, 1e6))
          .optional("other-peaks", &ExportFacts::other_peaks,
                    "dense peaks in formats that no run here computes in; an integer operation counts as one FLOP")
          .optional("other-io", &ExportFacts::other_io,
                    "all other I/O but memory, such as PCI Express and on-package network, both ways together; left out: not known",
                    Check<std::optional<Bandwidth>>{"zero or more", [](const auto& io) { return !io || *io >= Bandwidth(0); }})
          .optional("memory-stack", &ExportFacts::memory_stack, "one of its memory stacks (HBM) by itself; left out: not known")
          .optional("market", &ExportFacts::market, "what it is designed or marketed for")
          .rule([](const Node& node, const ExportFacts& facts) {
            for (const auto& [format, rate] : facts.other_peaks)
              if (rate <= FlopRate(0))
                refuse(*node.find("other-peaks")->find(name_of(format)),
                       "must be above zero (leave out a format the chip cannot compute in)");
          });
  return record;
}

template <> const Record<Constraint>& record_of<Constraint>()
{
  static const Record<Constraint> record =
      Record<Constraint>("constraint", "Caps that make another chip of a chip.")
          .optional("scaleup", &Constraint::scaleup,
                    "most bandwidth of all scale-up links, both ways together, as data sheets count it; the chip keeps as many whole links",
                    above_zero<Bandwidth>())
          .optional("peak", &Constraint::peak, "share of every peak that is left", fraction())
          .optional("memory-bandwidth", &Constraint::memory_bandwidth, "most bandwidth of the device memory", above_zero<Bandwidth>());
  return record;
}

template <> const Record<ChipNotes>& record_of<ChipNotes>()
{
  static const Record<ChipNotes> record =
      Record<ChipNotes>("chip", "Keys of a chip beside its figures.")
          .optional("constrain", &ChipNotes::constrain, "caps for what-if runs; they work on the figures after `base`")
          .optional("export", &ChipNotes::export_facts, "what `weft export` needs to know; without influence on a run");
  return record;
}

template <> const Record<ExportCondition>& record_of<ExportCondition>()
{
  static const Record<ExportCondition> record =
      Record<ExportCondition>("condition", "Holds when all that is written holds.")
          .optional("tpp", &ExportCondition::tpp, "total processing performance of at least", above_zero<double>())
          .optional("tpp-below", &ExportCondition::tpp_below, "total processing performance below", above_zero<double>())
          .optional("density", &ExportCondition::density, "performance density (per mm2) of at least", above_zero<double>())
          .optional("density-below", &ExportCondition::density_below, "performance density below", above_zero<double>())
          .optional("stack-density-above", &ExportCondition::stack_density_above,
                    "bandwidth of a memory stack over its area, in GB/s per mm2, above", above_zero<double>())
          .optional("stack-density-below", &ExportCondition::stack_density_below,
                    "bandwidth of a memory stack over its area, in GB/s per mm2, below", above_zero<double>())
          .optional("io", &ExportCondition::io, "I/O bandwidth, both ways together, of at least", above_zero<Bandwidth>())
          .optional("memory-bandwidth", &ExportCondition::memory_bandwidth, "memory bandwidth of at least", above_zero<Bandwidth>())
          .optional("memory-bandwidth-below", &ExportCondition::memory_bandwidth_below, "memory bandwidth below", above_zero<Bandwidth>())
          .optional("market", &ExportCondition::market, "only chips designed or marketed for it")
          .rule([](const Node& node, const ExportCondition& condition) {
            if (node.entries.empty()) refuse(node, "a condition without a threshold (write one such as tpp: 4800)");
            refuse_empty_range(node, condition.tpp, condition.tpp_below, "tpp-below");
            refuse_empty_range(node, condition.density, condition.density_below, "density-below");
            refuse_empty_range(node, condition.stack_density_above, condition.stack_density_below, "stack-density-below");
            refuse_empty_range(node, condition.memory_bandwidth, condition.memory_bandwidth_below, "memory-bandwidth-below");
          });
  return record;
}

template <> const Record<ExportTier>& record_of<ExportTier>()
{
  static const Record<ExportTier> record = Record<ExportTier>("tier", "A class of chips under a rule.")
                                               .required("name", &ExportTier::name, "such as 3A090.a")
                                               .required("effect", &ExportTier::effect, "what the rule says of its export")
                                               .required("any", &ExportTier::any, "conditions; one of them is enough")
                                               .rule([](const Node& node, const ExportTier& tier) {
                                                 if (tier.any.empty())
                                                   refuse(*node.find("any"), "a tier without a condition (add one such as {tpp: 4800})");
                                               });
  return record;
}

template <> const Record<ExportRule>& record_of<ExportRule>()
{
  static const Record<ExportRule> record =
      Record<ExportRule>("export rule", "An export rule as thresholds. A modelling aid, not legal advice.")
          .optional("name", &ExportRule::name, "left out: the file's name")
          .required("title", &ExportRule::title, "what it is called")
          .inlined(&ExportRule::provenance)
          .required("from", &ExportRule::from, "first day it holds, such as 2023-10-17")
          .optional("until", &ExportRule::until, "first day it no longer holds; left out: it still does")
          .required("tiers", &ExportRule::tiers, "classes of chips; the first that fits counts")
          .rule([](const Node& node, const ExportRule& rule) {
            refuse_no_date(node, "from", rule.from);
            if (rule.from.empty()) refuse(*node.find("from"), "expected a date such as 2023-10-17, got ''");
            refuse_no_date(node, "until", rule.until);
            if (!rule.until.empty() && rule.until <= rule.from) refuse(*node.find("until"), "ends before it begins (swap the two)");
            if (rule.tiers.empty()) refuse(*node.find("tiers"), "a rule without a tier (add one)");
          });
  return record;
}

} // namespace weft
