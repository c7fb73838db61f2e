// Network files of simulators: ASTRA-sim, SimAI, ns-3.
#include "import/read.hpp"

#include "units/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weft;
using test::import_text;
using test::refusal;
using test::value_at;

namespace {

std::string astra(const std::string& topology, const std::string& sizes, const std::string& rates, const std::string& delays)
{
  return "topology: [" + topology + "]\nnpus_count: [" + sizes + "]\nbandwidth: [" + rates + "]\nlatency: [" + delays + "]\n";
}

std::size_t entries(const Imported& imported, const char* list) { return imported.tree.find("fabric")->find(list)->items.size(); }

/// Two servers of two accelerators, an NVSwitch each, one ToR.
const std::string simai =
    "7 2 2 1 8 H800\n4 5 6 \n0 4 2880Gbps 0.000025ms 0\n1 4 2880Gbps 0.000025ms 0\n2 5 2880Gbps 0.000025ms 0\n"
    "3 5 2880Gbps 0.000025ms 0\n0 6 200Gbps 0.0005ms 0\n1 6 200Gbps 0.0005ms 0\n2 6 200Gbps 0.0005ms 0\n3 6 200Gbps 0.0005ms 0\n";

std::string replaced(std::string text, const std::string& what, const std::string& with)
{
  return text.replace(text.find(what), what.size(), with);
}

} // namespace

TEST_CASE("ASTRA-sim's first dimension is the inside of a node and a bandwidth of 1 is 2^30 bytes per second")
{
  const Imported imported = import_text("astra-sim", astra("Ring, Switch", "4, 8", "200.0, 50.0", "50.0, 500.0"));
  CHECK(value_at(imported.tree, "nodes") == "8");
  CHECK(value_at(imported.tree, "node.accelerators") == "4");
  CHECK(value_at(imported.tree, "node.scaleup.kind") == "torus");
  CHECK(value_at(imported.tree, "node.chip.scaleup-links") == "2"); // to either neighbour
  CHECK(parse_bandwidth(value_at(imported.tree, "node.scaleup-medium.bandwidth"))->base() == 200.0 * 1073741824.0);
  CHECK(value_at(imported.tree, "node.scaleup-medium.latency") == "50 ns");
  CHECK(entries(imported, "switches") == 4); // one for each position on the ring
  CHECK(entries(imported, "links") == 32);   // one for each NPU
  CHECK(value_at(imported.tree, "fabric.switches[1].ports") == "8");
  CHECK(value_at(imported.tree, "fabric.links[8].from") == "node0/nic1"); // the second switch's first member: NPU 1
  CHECK(value_at(imported.tree, "fabric.links[9].from") == "node1/nic1"); // its second: NPU 5
  CHECK(value_at(imported.tree, "fabric.links[9].latency") == "500 ns");
}

TEST_CASE("NPUs forward where their own cables make the network")
{
  // 4 x 4 x 2 = 32 NPUs; outside: 8 rings of 4 with 4 cables each, 16 pairs through a switch with 2 cables each, 32 to the NPUs' own
  // switches.
  const Imported imported = import_text("astra-sim", astra("FullyConnected, Ring, Switch", "4, 4, 2", "100, 50, 25", "1, 2, 3"));
  CHECK(value_at(imported.tree, "node.scaleup.kind") == "full-mesh");
  CHECK(value_at(imported.tree, "node.chip.scaleup-links") == "3");
  CHECK(entries(imported, "links") == 8 * 4 + 16 * 2 + 32);
  CHECK(entries(imported, "switches") == 32 + 16);
  // Two cables of the ring and one to the switch.
  CHECK(parse_bandwidth(value_at(imported.tree, "node.adapters.bandwidth"))->base() == (2 * 50.0 + 25.0) * 1073741824.0);
  CHECK(value_at(imported.tree, "fabric.links[0].to") == "npu0");
  // A full mesh of one dimension needs no forwarding: 6 pairs of 4.
  const Imported mesh = import_text("astra-sim", astra("FullyConnected", "4", "100", "1"), "{inside: 0}");
  CHECK(value_at(mesh.tree, "node.accelerators") == "1");
  CHECK(entries(mesh, "switches") == 0);
  CHECK(entries(mesh, "links") == 6);
  // A ring of two is one cable.
  CHECK(entries(import_text("astra-sim", astra("Ring", "2", "100", "1"), "{inside: 0}"), "links") == 1 + 2);
}

TEST_CASE("one dimension is one node without a network")
{
  const Imported imported = import_text("astra-sim", astra("Switch", "8", "100", "1"));
  CHECK(value_at(imported.tree, "nodes") == "1");
  CHECK(value_at(imported.tree, "node.scaleup.kind") == "nvswitch");
  CHECK(value_at(imported.tree, "fabric") == "none");
  CHECK(value_at(imported.tree, "node.adapters.count") == "0");
}

TEST_CASE("bad ASTRA-sim files are refused where they are bad")
{
  CHECK(refusal("astra-sim", astra("Rign", "4", "1", "1")) == "file:1:12: topology[0]: unknown topology 'Rign' (did you mean 'Ring'?)");
  CHECK(refusal("astra-sim", astra("Ring, Ring", "4", "1, 1", "1, 1")) ==
        "file:2:13: npus_count: has 1 entries and topology has 2 (give one for every dimension)");
  CHECK(refusal("astra-sim", astra("Ring", "1", "1", "1")) == "file:2:14: npus_count[0]: a dimension needs at least 2 NPUs (leave it out)");
  CHECK(refusal("astra-sim", astra("Ring", "4", "0", "1")) == "file:3:13: bandwidth[0]: must be above zero");
  CHECK(refusal("astra-sim", astra("Ring, Ring, Ring", "4096, 4096, 4096", "1, 1, 1", "1, 1, 1")).find("more than 1048576 NPUs") !=
        std::string::npos);
  CHECK(refusal("astra-sim", astra("Ring, FullyConnected", "2, 4096", "1, 1", "1, 1")).find("more than") != std::string::npos);
  CHECK(refusal("astra-sim", astra("Ring", "4", "1", "1") + "links: 3\n").find("unknown key 'links'") != std::string::npos);
  CHECK(refusal("astra-sim", "{\"logical-dims\": [\"8\", \"2\"]}").find("a logical topology") != std::string::npos);
  CHECK(refusal("astra-sim", "{\"dimensions-count\": 2}").find("before 2.0") != std::string::npos);
}

TEST_CASE("a SimAI file gives nodes, their inside, their chips and the network")
{
  const Imported imported = import_text("simai", simai);
  CHECK(value_at(imported.tree, "nodes") == "2");
  CHECK(value_at(imported.tree, "node.accelerators") == "2");
  CHECK(value_at(imported.tree, "node.chip.base") == "h800-sxm5");
  CHECK(value_at(imported.tree, "node.chip.scaleup-links") == "1");
  CHECK(value_at(imported.tree, "node.scaleup-medium.bandwidth") == "360 GB/s"); // 2880 / 8
  CHECK(value_at(imported.tree, "node.scaleup-medium.latency") == "25 ns");
  CHECK(value_at(imported.tree, "fabric.switches") == "[{name: switch6, ports: 4}]");
  CHECK(value_at(imported.tree, "fabric.links[2]") == "{from: node1/nic0, to: switch6, bandwidth: 25 GB/s, latency: 500 ns}");
  CHECK(imported.notes.empty());
  const Imported unknown = import_text("simai", replaced(replaced(simai, "H800", "X9"), "0.0005ms 0\n", "0.0005ms 0.01\n"));
  CHECK(value_at(unknown.tree, "node.chip.base") == "(none)");
  REQUIRE(unknown.notes.size() == 2);
  CHECK(unknown.notes[0].text == "accelerator 'X9' is not known: the base's chip stays");
}

TEST_CASE("an accelerator on two ToRs has one adapter with two cables")
{
  std::string text = "6 2 1 3 6 H100\n2 3 4 5\n0 2 2880Gbps 25ns 0\n1 2 2880Gbps 25ns 0\n";
  for (const char* end : {"0", "1"})
    for (const char* tor : {"3", "4"}) text += std::string(end) + " " + tor + " 200Gbps 500ns 0\n";
  const Imported imported = import_text("simai", text);
  CHECK(value_at(imported.tree, "node.adapters.count") == "2");
  CHECK(value_at(imported.tree, "node.adapters.bandwidth") == "50 GB/s"); // 2 x 200 Gbps
  CHECK(entries(imported, "links") == 4);
}

TEST_CASE("bad topology texts are refused where they are bad")
{
  CHECK(refusal("simai", "8 1 8\n") == "file:1:1: the first line needs five counts and a word: nodes, accelerators per server, NVSwitches, "
                                       "switches, links, accelerator (three counts are format ns-3)");
  CHECK(refusal("simai", replaced(simai, "4 5 6", "4 4 6")) == "file:2:3: switch 4 stands here twice (keep one)");
  CHECK(refusal("simai", replaced(simai, "4 5 6", "4 5 7")) ==
        "file:2:5: the number of a switch is 7, but the file counts 7 nodes from 0 (correct one of them)");
  CHECK(refusal("simai", replaced(simai, "2 5 2880Gbps", "2 4 2880Gbps")) ==
        "file:5:1: scale-up switch 4 joins accelerators of two nodes (correct the link or the count per node)");
  CHECK(refusal("simai", replaced(simai, "1 4 2880Gbps", "1 4 100Gbps")) ==
        "file:4:1: scale-up links of different rates or delays (nodes are alike: give all the same)");
  CHECK(refusal("simai", replaced(simai, "0 6 200Gbps", "0 6 fast")) == "file:7:5: expected a link's rate, got 'fast' (write 400Gbps)");
  CHECK(refusal("simai", replaced(simai, "1 6 200Gbps", "0 6 200Gbps")).find("accelerator 1 has no network link") != std::string::npos);
  CHECK(refusal("simai", simai + "0 6 200Gbps 1ms 0\n").find("more links than the 8 of the first line") != std::string::npos);
  CHECK(refusal("simai", replaced(simai, "1 8 H800", "1 9 H800")).find("the file ends after 8 links") != std::string::npos);
  CHECK(refusal("simai", replaced(simai, "7 2", "8 2")).find("are no whole number of nodes") != std::string::npos);
  CHECK(refusal("simai", "99999999999 8 1 1 1 H100\n").find("at most 2097152 can be read") != std::string::npos);
  CHECK(refusal("simai", "9 1 1 1 1 H100 x\n") ==
        "file:1:16: expected counts and one word at most on the first line, got 'x' (correct it)");
  CHECK(refusal("ns-3", "2 0 1\n0 1 1Gbps 1us").find("the file ends where a link's error rate should stand") != std::string::npos);
  CHECK(refusal("ns-3", "2 0 1\n0 0 1Gbps 1us 0").find("linked to itself") != std::string::npos);
}

TEST_CASE("hosts of an ns-3 file are nodes, or several of them form one")
{
  const std::string text = "5 1 4\n4\n4 0 400Gbps 0.0005ms 0\n4 1 400Gbps 0.0005ms 0\n4 2 400Gbps 0.0005ms 0\n4 3 400Gbps 0.0005ms 0\n";
  const Imported alone = import_text("ns-3", text);
  CHECK(value_at(alone.tree, "nodes") == "4");
  CHECK(value_at(alone.tree, "node.scaleup") == "none");
  CHECK(value_at(alone.tree, "fabric.links[3].to") == "node3/nic0");
  const Imported paired = import_text("ns-3", text, "{accelerators: 2}");
  CHECK(value_at(paired.tree, "nodes") == "2");
  CHECK(value_at(paired.tree, "node.scaleup") == "(none)"); // the base's
  CHECK(value_at(paired.tree, "fabric.links[3].to") == "node1/nic1");
  // A ring of hosts: each forwards.
  const Imported ring = import_text("ns-3", "3 0 3\n\n0 1 25Gbps 5us 0\n1 2 25Gbps 5us 0\n2 0 25Gbps 5us 0\n");
  CHECK(entries(ring, "switches") == 3);
  CHECK(entries(ring, "links") == 3 + 3);
}

TEST_CASE("every format recognises its own texts and no other's")
{
  const std::vector<std::pair<std::string, std::string>> texts{{"astra-sim", astra("Ring", "4", "1", "1")},
                                                               {"dot", "/* x */ digraph a {}"},
                                                               {"graphml", "<?xml version=\"1.0\"?><graphml/>"},
                                                               {"ns-3", "9 1 8\n8\n"},
                                                               {"simai", simai},
                                                               {"megatron", "python x.py --tensor-model-parallel-size 2"},
                                                               {"nemo", "model:\n  tensor_model_parallel_size: 2\n"},
                                                               {"deepspeed", "{\"train_batch_size\": 2}"},
                                                               {"torchtitan", "[training]\nseq_len = 8\n"}};
  for (const auto& [name, text] : texts)
    for (const ImportFormat* format : import_formats()) {
      CAPTURE(name);
      CAPTURE(format->name);
      CHECK(format->recognises({"file", text}) == (name == format->name));
    }
}

TEST_CASE("random changes to good files are read or refused, never worse")
{
  const std::vector<std::pair<std::string, std::string>> texts{
      {"astra-sim", astra("Ring, Switch", "4, 8", "200.0, 50.0", "50.0, 500.0")},
      {"dot", "strict graph { h [role=server]; {a b} -- h:1 [bandwidth=\"4 GB/s\", count=2] }"},
      {"graphml", "<graphml><key id=\"r\" for=\"node\" attr.name=\"role\"/><graph edgedefault=\"directed\"><node id=\"a\"><data "
                  "key=\"r\">server</data></node><node id=\"b\"/><edge source=\"a\" target=\"b\"/></graph></graphml>"},
      {"simai", simai}};
  std::uint64_t state = 20251122;
  const auto next = [&] { return (state = state * 6364136223846793005ULL + 1442695040888963407ULL) >> 33U; }; // Knuth, MMIX
  const std::string letters = "{}[]<>\"/=;:,- \n0123456789abehrs.&!";
  for (const auto& [format, good] : texts)
    for (int round = 0; round < 400; ++round) {
      std::string text = good;
      for (int change = 0; change < 3; ++change) {
        const std::size_t at = next() % text.size();
        if (next() % 3 == 0)
          text.erase(at, 1 + next() % 4);
        else
          text[at] = letters[next() % letters.size()];
      }
      const std::string line = refusal(format, text);
      CHECK((line.empty() || line.find("file") == 0));
    }
}
