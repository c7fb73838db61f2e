// SimAI's topology text, as its generators write it for HPN, Spectrum-X and DCN+: the first line counts nodes, accelerators per server,
// NVSwitches, switches and links and names the accelerator.
//
// NVSwitches become the inside of a node; without any, every accelerator is a node of its own. An accelerator has one adapter with all its
// network links, two where the file gives it two ToRs. Packet loss is not simulated.
#include "import/ns3_text.hpp"

#include "config/value.hpp"

namespace weft {
namespace {

struct SimaiChip {
  const char* word;
  const char* preset;
};
constexpr SimaiChip chips[] = {{"A100", "a100-sxm4-80"}, {"A800", "a800-sxm4-80"}, {"H100", "h100-sxm5"}, {"H800", "h800-sxm5"},
                               {"H20", "h20-sxm-96"},    {"H200", "h200-sxm"},     {"B200", "b200-sxm"}};

Imported read(const ForeignText& text, const Node& settings)
{
  if (!settings.entries.empty()) refuse_unknown_key(settings.entries.front().second, settings.entries.front().first, {"file", "format"});
  const Ns3Header header = read_ns3_header(text);
  if (header.counts.size() != 5 || header.word.empty())
    throw ConfigError(
        header.place, "",
        "the first line needs five counts and a word: nodes, accelerators per server, NVSwitches, switches, links, accelerator "
        "(three counts are format ns-3)");
  const std::vector<std::int64_t>& counts = header.counts;
  constexpr std::int64_t most_per_server = 1024, most_switches = std::int64_t{1} << 20;
  if (counts[1] < 1 || counts[1] > most_per_server)
    throw ConfigError(header.place, "", std::to_string(counts[1]) + " accelerators per server (give 1 to 1024)");
  if (counts[2] > most_switches || counts[3] > most_switches)
    throw ConfigError(header.place, "", "more than 1048576 switches of a kind (correct the counts)");
  const Ns3Topology topology = read_ns3(text, header, {counts[0], counts[2] + counts[3], counts[4]});
  SimulatedMachine machine = machine_of(topology, {counts[0], counts[2], counts[2] > 0 ? counts[1] : 1}, "simai");
  Imported result;
  for (const SimaiChip& chip : chips)
    if (header.word == chip.word) machine.chip = chip.preset;
  if (machine.chip.empty())
    result.notes.push_back({header.word_place, "accelerator '" + shown(header.word) + "' is not known: the base's chip stays"});
  if (topology.has_errors) result.notes.push_back({header.place, "links lose packets: loss is not simulated"});
  result.tree = platform_of(machine);
  return result;
}

std::vector<FieldDoc> settings() { return {}; }
bool recognises(const ForeignText& text) { return looks_like_ns3(text, 5, Ns3Word::one); }

} // namespace

extern const ImportFormat kind_simai_import_formats;
const ImportFormat kind_simai_import_formats{"simai",
                                             "a topology file of SimAI (HPN, Spectrum-X, DCN+)",
                                             "aliyun/SimAI astra-sim-alibabacloud/inputs/topo; Wang et al., SimAI, NSDI 2025",
                                             ImportSubject::network,
                                             recognises,
                                             settings,
                                             read};

} // namespace weft
