// Networks drawn in GraphML and DOT.
#include "import/read.hpp"

#include <doctest/doctest.h>

using namespace weft;
using test::import_text;
using test::refusal;
using test::value_at;

namespace {

std::string graphml(const std::string& inside, const std::string& keys = "", const std::string& direction = "undirected")
{
  return "<?xml version=\"1.0\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">" + keys + "<graph edgedefault=\"" + direction +
         "\">" + inside + "</graph></graphml>";
}

const std::string role_key = "<key id=\"r\" for=\"node\" attr.name=\"role\"/><key id=\"b\" for=\"edge\" attr.name=\"bandwidth\"/>";
const std::string two_servers =
    "<node id=\"h0\"><data key=\"r\">server</data></node><node id=\"h1\"><data key=\"r\">host</data></node><node id=\"s\"/>";

std::string repeated(const std::string& text, int times)
{
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

} // namespace

TEST_CASE("servers of a drawing become nodes in the order of the file, their links adapters in the order of the edges")
{
  for (const std::string format : {"graphml", "dot"}) {
    CAPTURE(format);
    const std::string text =
        format == "dot"
            ? "graph { s; h0 [role=server]; h1 [type=host]; h0 -- s [bandwidth=\"400 Gbps\"]; s -- h1; h1 -- s [latency=\"2 us\"] }"
            : graphml("<node id=\"s\"/>" + two_servers.substr(0, two_servers.rfind("<node")) +
                          "<edge source=\"h0\" target=\"s\"><data key=\"b\">400 Gbps</data></edge><edge source=\"s\" target=\"h1\"/>"
                          "<edge source=\"h1\" target=\"s\"><data key=\"l\">2 us</data></edge>",
                      role_key + "<key id=\"l\" for=\"edge\" attr.name=\"delay\"/>");
    const Imported imported = import_text(format, text);
    CHECK(value_at(imported.tree, "nodes") == "2");
    CHECK(value_at(imported.tree, "node.adapters.count") == "2"); // h1 has two links
    CHECK(value_at(imported.tree, "fabric.kind") == "graph");
    CHECK(value_at(imported.tree, "fabric.switches") == "[{name: s, ports: 3}]");                         // three cables
    CHECK(value_at(imported.tree, "fabric.links[0]") == "{from: node0/nic0, to: s, bandwidth: 50 GB/s}"); // 400 / 8
    CHECK(value_at(imported.tree, "fabric.links[1]") == "{from: s, to: node1/nic0}");
    CHECK(value_at(imported.tree, "fabric.links[2]") == "{from: node1/nic1, to: s, latency: 2 us}");
  }
}

TEST_CASE("a pattern names the servers and a unit reads bare numbers")
{
  const std::string text = "graph { tor [type=ToR, ports=32]; h1 -- tor [capacity=100]; h2 -- tor [capacity=100, delay=5]; }";
  CHECK(refusal("dot", text) == "file:1:19: role: 'ToR' is neither a switch nor a server (write switch or server, or name the servers with "
                                "import.servers)");
  CHECK(refusal("dot", text, "{servers: 'h*'}") ==
        "file:1:55: bandwidth: '100' has no unit (write 400 Gbps, or give import.bandwidth-unit)");
  const Imported imported = import_text("dot", text, "{servers: 'h?', bandwidth-unit: Gbps, latency-unit: us}");
  CHECK(value_at(imported.tree, "nodes") == "2");
  CHECK(value_at(imported.tree, "fabric.switches[0].ports") == "32");
  CHECK(value_at(imported.tree, "fabric.links[1]") == "{from: node1/nic0, to: tor, bandwidth: 12.5 GB/s, latency: 5 us}");
  CHECK(refusal("dot", text, "{servers: 'h?', bandwidth-unit: apples}") ==
        "settings:1:33: bandwidth-unit: not a unit (write Gbps or GB/s)");
}

TEST_CASE("equal parallel cables become one entry with a count")
{
  const Imported imported =
      import_text("dot", "graph { h [role=server]; a; h -- a; a -- b [count=2]; a -- b; a -- b [bandwidth=\"1 GB/s\"] }");
  CHECK(value_at(imported.tree, "fabric.links[1]") == "{from: a, to: b, count: 3}");
  CHECK(value_at(imported.tree, "fabric.links[2]") == "{from: a, to: b, bandwidth: 1 GB/s}");
  CHECK(value_at(imported.tree, "fabric.switches[0].ports") == "5"); // one down, four up
}

TEST_CASE("a port names the adapter an edge ends at")
{
  const Imported imported = import_text("dot", "graph { h [role=server]; h:nic1 -- a; h:1 -- b; h:nic0:sw -- a:n }");
  CHECK(value_at(imported.tree, "node.adapters.count") == "2");
  CHECK(value_at(imported.tree, "fabric.links[0].from") == "node0/nic1");
  CHECK(value_at(imported.tree, "fabric.links[1].from") == "node0/nic1");
  CHECK(value_at(imported.tree, "fabric.links[2].from") == "node0/nic0");
}

TEST_CASE("adapters may be named, and the inside of nodes is left to the platform")
{
  const Imported imported = import_text("dot", "graph { \"node0/gpu0\" -- \"node0/nic0\"; \"node0/nic0\" -- s; \"node1/nic3\" -- s }");
  CHECK(value_at(imported.tree, "nodes") == "2");
  CHECK(value_at(imported.tree, "node.adapters.count") == "4");
  CHECK(value_at(imported.tree, "fabric.links") == "[{from: node0/nic0, to: s}, {from: node1/nic3, to: s}]");
}

TEST_CASE("in a directed graph every cable is drawn once, or both ways alike")
{
  const std::string head = "digraph { h [role=server]; ";
  CHECK(value_at(import_text("dot", head + "h -> s; s -> t }").tree, "fabric.links") == "[{from: node0/nic0, to: s}, {from: s, to: t}]");
  CHECK(value_at(import_text("dot", head + "h -> s; s -> h; t -> s; s -> t }").tree, "fabric.links[1]") == "{from: s, to: t}");
  CHECK(refusal("dot", head + "h -> s; s -> h; s -> t }") ==
        "file:1:46: the edge from 's' to 't' has no opposite, others have one (draw every cable once, or both ways)");
  CHECK(refusal("dot", head + "h -> s [bandwidth=\"1 GB/s\"]; s -> h }").find("the two directions of a cable differ") != std::string::npos);
}

TEST_CASE("DOT's subgraphs, defaults, chains, comments, quotes and strictness mean what Graphviz documents")
{
  const Imported imported = import_text("dot", "# a line\nstrict graph \"a\\\"b\" { /* x */ rankdir=LR; graph [label=<a <b>c</b>>];\n"
                                               "node [role=server, color=\"r\"+\"ed\"] h0 h1 // servers\n"
                                               "node [role=switch] subgraph cluster_a { edge [bandwidth=\"8 Gbps\"]; {h0 h1} -- s }\n"
                                               "h0 -- s [latency=\"1 us\"]; s -- t -- u }");
  CHECK(value_at(imported.tree, "nodes") == "2");
  CHECK(value_at(imported.tree, "fabric.links") ==
        "[{from: node0/nic0, to: s, bandwidth: 1 GB/s, latency: 1 us}, {from: node1/nic0, to: s, bandwidth: 1 GB/s}, {from: s, to: t}, "
        "{from: t, to: u}]");
  REQUIRE(imported.notes.size() == 2);
  CHECK(imported.notes[0].text == "servers, from node0 on: h0, h1");
  CHECK(imported.notes[1].text == "attributes without a meaning here: color, label");
}

TEST_CASE("a slip in the name of an attribute is refused, a drawing's own attribute is not")
{
  CHECK(refusal("dot", "graph { a -- b [bandwith=\"1 GB/s\"] }") ==
        "file:1:26: bandwith: unknown attribute (did you mean 'bandwidth'? rename it if not)");
  for (const std::string own :
       {"label", "color", "style", "shape", "pos", "weight", "len", "x", "fontsize", "penwidth", "layer", "style"}) {
    CAPTURE(own);
    CHECK(refusal("dot", "graph { h [role=server]; h -- b [" + own + "=1] }").empty());
  }
}

TEST_CASE("defaults of GraphML keys hold where nothing else is written, and foreign elements are passed over")
{
  const std::string keys =
      "<key id=\"r\" for=\"node\" attr.name=\"role\"><default>server</default></key>"
      "<key id=\"b\" for=\"edge\" attr.name=\"bandwidth\"><default>\n 8 Gbps </default></key><key id=\"g\" for=\"node\"/>";
  const Imported imported = import_text(
      "graphml",
      graphml("<node id=\"h\"><data key=\"g\"><y:Shape xmlns:y=\"http://www.yworks.com/xml/graphml\"><y:Label>x</y:Label></y:Shape></data>"
              "<port name=\"p\"/></node><node id=\"s\"><desc>d</desc><data key=\"r\">switch</data></node>"
              "<edge source=\"h\" target=\"s\"/>",
              keys));
  CHECK(value_at(imported.tree, "fabric.links") == "[{from: node0/nic0, to: s, bandwidth: 1 GB/s}]");
}

TEST_CASE("what is no GraphML is refused where it stands")
{
  CHECK(refusal("graphml", "<graphml>\n  <graph edgedefault=\"undirected\">\n  <nod id=\"a\"/>") ==
        "file:3:3: <nod> cannot stand here (see the GraphML primer)");
  CHECK(refusal("graphml", "<graphml>\n<graph>") == "file:2:1: <graph> needs edgedefault=\"directed\" or \"undirected\"");
  CHECK(refusal("graphml", "<html/>") == "file:1:1: the file starts with <html> (GraphML starts with <graphml>)");
  CHECK(refusal("graphml", "<graphml/>") == "file: no <graph> in the file (is it GraphML?)");
  CHECK(refusal("graphml", "<graphml><a></graphml>").find("file:1:") == 0);
  CHECK(refusal("graphml", "") == "file:1:1: not valid XML: no element found (check tags and quotes)");
  CHECK(refusal("graphml", graphml("<edge source=\"a\" target=\"b\"/>")) ==
        "file:2:88: the edge names 'a', which is no <node> of the graph (add it)");
  CHECK(refusal("graphml", graphml("<node id=\"a\"/><node id=\"a\"/>")).find("a second node 'a'") != std::string::npos);
  CHECK(refusal("graphml", graphml("<node id=\"a\"/>")).find("the graph has no servers") != std::string::npos);
  CHECK(refusal("graphml", graphml("<node id=\"a\"/><edge source=\"a\" target=\"a\"/>")).find("linked to itself") != std::string::npos);
  CHECK(refusal("graphml", graphml("<hyperedge/>")).find("a hyperedge") != std::string::npos);
  CHECK(refusal("graphml", graphml("<node id=\"a\"><graph edgedefault=\"directed\"/></node>")).find("a graph within a node") !=
        std::string::npos);
  CHECK(refusal("graphml", graphml("<node id=\"a\"><data key=\"zz\">1</data></node>")).find("there is no <key id=\"zz\">") !=
        std::string::npos);
  CHECK(refusal("graphml", graphml(two_servers + "<edge source=\"h0\" target=\"s\"><data key=\"b\">fast</data></edge>", role_key))
            .find("bandwidth: expected a bandwidth, got 'fast' (write 400 Gbps)") != std::string::npos);
}

TEST_CASE("entities and endless nesting are refused before they cost anything")
{
  CHECK(refusal("graphml", "<?xml version=\"1.0\"?>\n<!DOCTYPE g [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><graphml>&b;</graphml>")
            .find("file:2:") == 0);
  CHECK(refusal("graphml", "<!DOCTYPE g SYSTEM \"/etc/passwd\"><graphml/>").find("a document type") != std::string::npos);
  CHECK(refusal("graphml", graphml(repeated("<data key=\"a\">", 100'000))).find("levels deep") != std::string::npos);
  CHECK(refusal("dot", "graph " + repeated("{", 100'000)).find("levels deep") != std::string::npos);
  // 800 names in one set squared are 640,000 edges, more than may be imported.
  std::string set = "{";
  for (int i = 0; i < 800; ++i) set += " a" + std::to_string(i);
  CHECK(refusal("dot", "graph { " + set + "} -- " + set + "} }").find("more than") != std::string::npos);
}

TEST_CASE("what is no DOT is refused where it stands")
{
  CHECK(refusal("dot", "") == "file:1:1: expected 'graph' or 'digraph', the file ends (close what is open)");
  CHECK(refusal("dot", "graph {\n a -- }") == "file:2:7: expected a name, got '}' (see the DOT language)");
  CHECK(refusal("dot", "graph { a -> b }") == "file:1:11: '->' in a graph (write --)");
  CHECK(refusal("dot", "digraph { a -- b }") == "file:1:13: '--' in a digraph (write ->)");
  CHECK(refusal("dot", "graph { \"a }") == "file:1:9: a quote that is never closed (close it)");
  CHECK(refusal("dot", "graph { /* a }") == "file:1:9: a comment that is never closed (close it with */)");
  CHECK(refusal("dot", "graph { <a }") == "file:1:9: a '<' that is never closed (close it)");
  CHECK(refusal("dot", "graph { a } graph { b }").find("a second graph") != std::string::npos);
  CHECK(refusal("dot", "graph { a\n!").find("file:2:1: unexpected '!'") == 0);
  CHECK(refusal("dot", "graph { 1a -- b }") == "file:1:9: a name that starts like a number (put it in quotes)");
  CHECK(refusal("dot", "graph { h [role=server]; \"node0/nic0\" -- h }").find("stands beside adapters") != std::string::npos);
  CHECK(refusal("dot", "graph { \"node99999999/nic0\" -- s }").find("is too large") != std::string::npos);
}
