// The topology text of HPCC's ns-3 simulator, which ASTRA-sim's ns-3 network reads: the first line counts nodes, switches and links.
//
// Every node that is no switch is an accelerator with one adapter, a Weft node of its own unless import.accelerators puts more of them into
// one, whose inside is then the base's. Hosts linked to hosts forward for one another. Packet loss is not simulated.
#include "import/ns3_text.hpp"

namespace weft {

struct Ns3Reading {
  int accelerators = 1;
};

template <> const Record<Ns3Reading>& record_of<Ns3Reading>()
{
  static const Record<Ns3Reading> record =
      Record<Ns3Reading>("ns-3", "A topology file of HPCC's ns-3 simulator.")
          .optional("accelerators", &Ns3Reading::accelerators,
                    "hosts that follow one another and form a node; above 1 the base wires its inside", in_range(1, 1024));
  return record;
}

namespace {

Imported read(const ForeignText& text, const Node& settings)
{
  const auto reading = record_of<Ns3Reading>().read(settings);
  const Ns3Header header = read_ns3_header(text);
  if (header.counts.size() != 3 || !header.word.empty())
    throw ConfigError(header.place, "",
                      "the first line needs three counts: nodes, switches, links (five counts and a word are format simai)");
  const Ns3Topology topology = read_ns3(text, header, {header.counts[0], header.counts[1], header.counts[2]});
  SimulatedMachine machine = machine_of(topology, {header.counts[0], 0, reading.accelerators}, "ns-3");
  if (!machine.has_adapters)
    throw ConfigError(header.place, "", "the file has no links between hosts and switches (a single host is no network)");
  if (reading.accelerators == 1) machine.scaleup = scalar_node("none");
  Imported result;
  if (topology.has_errors) result.notes.push_back({header.place, "links lose packets: loss is not simulated"});
  result.tree = platform_of(machine);
  return result;
}

std::vector<FieldDoc> settings() { return record_of<Ns3Reading>().docs(); }
bool recognises(const ForeignText& text) { return looks_like_ns3(text, 3, Ns3Word::none); }

} // namespace

extern const ImportFormat kind_ns_3_import_formats;
const ImportFormat kind_ns_3_import_formats{
    "ns-3",
    "a topology file of HPCC's ns-3 simulator, as ASTRA-sim's ns-3 network reads it",
    "astra-sim/astra-sim examples/network/ns3/topology; alibaba-edu/High-Precision-Congestion-Control",
    ImportSubject::network,
    recognises,
    settings,
    read};

} // namespace weft
