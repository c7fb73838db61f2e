// A small data folder of invented presets, gone when the test ends, and scenarios written over it.
#pragma once
#include "spec/reader.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

namespace weft {

class TemporaryData {
public:
  std::filesystem::path root;

  TemporaryData()
  {
    static std::atomic<int> number = 0;
    root = std::filesystem::temp_directory_path() / ("weft-spec-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    write("platforms/chips/c1.yaml",
          "{title: Chip One, source: a paper, confidence: high, peak: {bf16: 100 TFLOP/s, fp32: 10 TFLOP/s}, memory: 80 GB, "
          "memory-bandwidth: 2 TB/s, scaleup-link: fast, scaleup-links: 4, compute: {multiprocessors: 100}}");
    write("platforms/chips/c1-small.yaml", "{base: c1, memory: 40 GB}");
    write("platforms/chips/alone.yaml", "{peak: {bf16: 100 TFLOP/s}, memory: 80 GB, memory-bandwidth: 2 TB/s}");
    write("platforms/links/fast.yaml", "{bandwidth: 50 GB/s, latency: 100 ns}");
    write("platforms/links/host.yaml", "{bandwidth: 32 GB/s}");
    write("platforms/links/copper.yaml", "{bandwidth: 25 GB/s, reach: 3 m, efficiency: 0.9}");
    write("platforms/links/optical.yaml", "{bandwidth: 25 GB/s, reach: 100 m, power: 9 W}");
    write("platforms/switches/s40.yaml", "{ports: 40, port-bandwidth: 200 Gbps, latency: 130 ns}");
    write("platforms/nodes/n8.yaml",
          "{chip: c1, accelerators: 8, scaleup: ring, adapters: {count: 8, bandwidth: 200 Gbps, host-link: host}, power: 6 kW}");
    write("platforms/libraries/lib.yaml", "{protocols: [{name: simple, base-ring: 8 us}]}");
    write("platforms/clusters/big.yaml",
          "{title: Big, nodes: 4, node: n8, library: lib, fabric: {kind: tree, switch: s40, access: copper, trunk: optical, tiers: 3}}");
    write("workloads/models/m.yaml", "{layers: 8, hidden: 1024, heads: 16, vocabulary: 1000}");
    write("workloads/jobs/j.yaml", "{model: m, sequence: 2048, batch: 64}");
  }
  ~TemporaryData() { std::filesystem::remove_all(root); }
  TemporaryData(const TemporaryData&) = delete;
  TemporaryData& operator=(const TemporaryData&) = delete;

  [[nodiscard]] DataFolder folder() const { return {root.string()}; }
  void write(const std::string& name, const std::string& text) const
  {
    std::filesystem::create_directories((root / name).parent_path());
    std::ofstream(root / name) << text << "\n";
  }
  /// Reads the text as a scenario file of the folder.
  [[nodiscard]] Scenario scenario(const std::string& text, const std::vector<Override>& overrides = {}) const
  {
    write("s.yaml", text);
    return read_scenario((root / "s.yaml").string(), overrides, folder());
  }
  /// The refusal of such a scenario, without the folder's own name.
  [[nodiscard]] std::string refusal(const std::string& text, const std::vector<Override>& overrides = {}) const
  {
    try {
      (void)scenario(text, overrides);
    } catch (const ConfigError& error) {
      std::string message = error.what();
      for (std::size_t at = message.find(root.string() + "/"); at != std::string::npos; at = message.find(root.string() + "/"))
        message.erase(at, root.string().size() + 1);
      return message;
    }
    return "not refused";
  }
};

} // namespace weft
