// What occupies an accelerator's memory: part by part, at the peak of a step and pass by pass. See docs/theory.md, "Memory".
#pragma once
#include "schedule/schedule.hpp"
#include "spec/scenario.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// Which of the three figures that frameworks and tools print: live tensors (allocated), what the framework's allocator took from the device
/// for them (reserved), or everything on the device (nvidia-smi).
enum class MemoryKind : std::uint8_t { allocated, reserved, device };
template <> struct Choices<MemoryKind> {
  static constexpr std::array<const char*, 3> names{"allocated", "reserved", "device"};
};

/// Memory of one rank at some moment, by what it holds.
struct MemoryNeed {
  Bytes weights, gradients, optimizer, activations, buffers; ///< tensors
  Bytes fragmentation{}; ///< allowance for what the framework's allocator holds and cannot use
  Bytes runtime{};       ///< driver context, kernels, buffers of the collective library
  std::string moment{};  ///< of a peak, in words: "forward of microbatch 4 on stage 0"
  [[nodiscard]] Bytes allocated() const { return weights + gradients + optimizer + activations + buffers; }
  [[nodiscard]] Bytes reserved() const { return allocated() + fragmentation; }
  [[nodiscard]] Bytes total() const { return reserved() + runtime; }
  [[nodiscard]] Bytes of(MemoryKind kind) const
  {
    return kind == MemoryKind::allocated ? allocated() : kind == MemoryKind::reserved ? reserved() : total();
  }
};
/// A part of MemoryNeed, with its name.
struct MemoryPart {
  const char* name;
  Bytes MemoryNeed::*bytes;
};
constexpr std::array<MemoryPart, 7> memory_parts{{{"weights", &MemoryNeed::weights},
                                                  {"gradients", &MemoryNeed::gradients},
                                                  {"optimizer", &MemoryNeed::optimizer},
                                                  {"activations", &MemoryNeed::activations},
                                                  {"buffers", &MemoryNeed::buffers},
                                                  {"fragmentation", &MemoryNeed::fragmentation},
                                                  {"runtime", &MemoryNeed::runtime}}};

/// Peak per role, same index as Job::programs. Zero for a bare collective.
std::vector<MemoryNeed> memory_needs(const Scenario& scenario);

/// Memory of one stage over its step. Fragmentation is that of the peak throughout: an allocator gives nothing back.
struct StageMemory {
  MemoryNeed idle;                  ///< before the first pass
  struct Level {
    Pass pass;
    MemoryNeed running, after;      ///< at most while the pass runs, and once it has ended
  };
  std::vector<Level> passes;        ///< in the schedule's order
  MemoryNeed update;                ///< while the optimizer runs
};
StageMemory stage_memory(const Scenario& scenario, int stage);

} // namespace weft
