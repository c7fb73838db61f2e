// DOT: the language of Graphviz, read after its published grammar: graphs and digraphs, strict or not, subgraphs, attribute defaults,
// ports, quoted and HTML texts. What attributes mean is drawn_graph.hpp's.
#include "import/dot_words.hpp"
#include "import/drawn_graph.hpp"

#include "config/value.hpp"

#include <optional>

namespace weft {
namespace {

constexpr int deepest = 64;

/// One end of an edge statement: a vertex with its port, or all vertices of a subgraph.
struct DotEnd {
  std::size_t vertex = 0;
  DrawnValue port;
};

class DotReader {
  DotWords words_;
  DrawnGraph& graph_;
  bool strict_ = false;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> only_edge_; ///< of a strict graph
  std::map<std::string, std::vector<std::size_t>> subgraphs_;            ///< vertices by name
  std::size_t remembered_ = 0;                                           ///< vertices kept in subgraphs_ and sets, against bombs
  int depth_ = 0;

  /// What statements of a scope take from it.
  struct Scope {
    Figures vertices, edges;
  };

public:
  DotReader(const ForeignText& text, DrawnGraph& graph) : words_(text), graph_(graph) {}

  void read()
  {
    if (words_.take_keyword("strict")) strict_ = true;
    if (words_.take_keyword("digraph"))
      graph_.kind = DrawnEdges::directed;
    else if (!words_.take_keyword("graph"))
      words_.refuse("expected 'graph' or 'digraph'");
    if (words_.at_text()) words_.take();
    words_.expect('{');
    Scope scope;
    std::vector<std::size_t> members;
    statements(scope, members);
    words_.expect('}');
    if (!words_.at_end()) words_.refuse("a second graph, or text after the graph (keep one graph per file)");
  }

private:
  void statements(Scope& scope, std::vector<std::size_t>& members)
  {
    while (!words_.at('}') && !words_.at_end()) {
      statement(scope, members);
      while (words_.at(';') || words_.at(',')) words_.take();
    }
  }

  void statement(Scope& scope, std::vector<std::size_t>& members)
  {
    if (words_.take_keyword("graph")) {
      Figures unused;
      attributes(unused);
    } else if (words_.take_keyword("node")) {
      attributes(scope.vertices);
    } else if (words_.take_keyword("edge")) {
      attributes(scope.edges);
    } else if (words_.at_text() && !words_.at_keyword("subgraph") && words_.next_is('=')) {
      words_.take(), words_.take();
      words_.expect_text();
    } else {
      chain(scope, members);
    }
  }

  /// `[a=b, c=d] [...]`
  void attributes(Figures& into)
  {
    while (words_.at('[')) {
      words_.take();
      while (!words_.at(']')) {
        const DotWord name = words_.expect_text();
        DotWord value{DotWord::Kind::text, "true", name.place};
        if (words_.at('=')) {
          words_.take();
          value = words_.expect_text();
        }
        graph_.set(into, name.text, value.text, value.place);
        while (words_.at(';') || words_.at(',')) words_.take();
      }
      words_.expect(']');
    }
  }

  /// A vertex, or vertices and subgraphs joined by edges.
  void chain(const Scope& scope, std::vector<std::size_t>& members)
  {
    bool is_vertex = false;
    std::vector<DotEnd> before = end(scope, members, is_vertex);
    if (!words_.at_edge()) {
      Figures own;
      if (is_vertex) {
        attributes(own);
        lay_figures(graph_.vertices[before.front().vertex].figures, own);
      }
      return;
    }
    struct Pending {
      DotEnd from, to;
      Place place;
    };
    std::vector<Pending> pending;
    while (words_.at_edge()) {
      const DotWord edge = words_.take();
      if ((edge.text == "->") != (graph_.kind == DrawnEdges::directed))
        throw ConfigError(edge.place, "",
                          graph_.kind == DrawnEdges::directed ? "'--' in a digraph (write ->)" : "'->' in a graph (write --)");
      std::vector<DotEnd> after = end(scope, members, is_vertex);
      require_import_size(0, static_cast<std::int64_t>(graph_.edges.size() + pending.size() + before.size() * after.size()), edge.place);
      for (const DotEnd& a : before)
        for (const DotEnd& b : after) pending.push_back({a, b, edge.place});
      before = std::move(after);
    }
    Figures figures = scope.edges, own;
    attributes(own);
    lay_figures(figures, own);
    for (Pending& one : pending) add_edge(one.from, one.to, one.place, figures, own);
  }

  void add_edge(DotEnd& from, DotEnd& to, const Place& place, const Figures& figures, const Figures& own)
  {
    if (strict_) {
      std::pair<std::size_t, std::size_t> ends{from.vertex, to.vertex};
      if (graph_.kind == DrawnEdges::undirected && ends.second < ends.first) std::swap(ends.first, ends.second);
      const auto [known, is_new] = only_edge_.try_emplace(ends, graph_.edges.size());
      if (!is_new) return lay_figures(graph_.edges[known->second].figures, own);
    }
    graph_.add_edge({from.vertex, to.vertex, std::move(from.port), std::move(to.port), place, figures});
  }

  std::vector<DotEnd> end(const Scope& scope, std::vector<std::size_t>& members, bool& is_vertex)
  {
    is_vertex = !words_.at('{') && !words_.at_keyword("subgraph");
    if (is_vertex) return {vertex(scope, members)};
    std::vector<DotEnd> ends;
    for (const std::size_t v : subgraph(scope)) {
      ends.push_back({v, {}});
      members.push_back(v);
    }
    charge(ends.size());
    return ends;
  }

  DotEnd vertex(const Scope& scope, std::vector<std::size_t>& members)
  {
    const DotWord name = words_.expect_text();
    bool made = false;
    DotEnd end;
    end.vertex = graph_.vertex(name.text, name.place, &made);
    if (made) graph_.vertices[end.vertex].figures = scope.vertices;
    members.push_back(end.vertex);
    charge(1);
    if (!words_.at(':')) return end;
    words_.take();
    const DotWord port = words_.expect_text();
    if (!is_compass(port.text)) end.port = {port.text, port.place};
    if (words_.at(':')) {
      words_.take();
      words_.expect_text(); // a point of the compass: where the line touches the box
    }
    return end;
  }

  static bool is_compass(const std::string& word)
  {
    for (const char* point : {"n", "ne", "e", "se", "s", "sw", "w", "nw", "c", "_"})
      if (word == point) return true;
    return false;
  }

  std::vector<std::size_t> subgraph(const Scope& outer)
  {
    std::string name;
    if (words_.take_keyword("subgraph") && words_.at_text()) name = words_.take().text;
    if (!words_.at('{')) {
      const auto known = subgraphs_.find(name);
      return known == subgraphs_.end() ? std::vector<std::size_t>{} : known->second;
    }
    if (++depth_ > deepest) words_.refuse("nested more than " + std::to_string(deepest) + " levels deep (flatten the file)");
    words_.expect('{');
    Scope scope = outer;
    std::vector<std::size_t> members;
    statements(scope, members);
    words_.expect('}');
    --depth_;
    std::sort(members.begin(), members.end());
    members.erase(std::unique(members.begin(), members.end()), members.end());
    charge(members.size());
    if (!name.empty()) subgraphs_[name] = members;
    return members;
  }

  /// Vertices named again and again through subgraphs cost memory without making the graph larger.
  void charge(std::size_t vertices)
  {
    constexpr std::size_t most_remembered = 4'000'000;
    remembered_ += vertices;
    if (remembered_ > most_remembered)
      words_.refuse("subgraphs name more than 4 million vertices, repetitions counted (write edges one by one)");
  }
};

Imported read(const ForeignText& text, const Node& settings)
{
  DrawnGraph graph(text.file);
  DotReader(text, graph).read();
  return network_of(graph, settings);
}

std::vector<FieldDoc> settings() { return record_of<GraphReading>().docs(); }

/// Whether the first word that is no comment opens a graph.
bool recognises(const ForeignText& text)
{
  try {
    DotWords words(text);
    return words.at_keyword("strict") || words.at_keyword("graph") || words.at_keyword("digraph");
  } catch (const ConfigError&) {
    return false;
  }
}

} // namespace

extern const ImportFormat kind_dot_import_formats;
const ImportFormat kind_dot_import_formats{"dot",
                                           "a network drawn in Graphviz' DOT language, as weft topo --dot prints it",
                                           "Graphviz documentation, The DOT Language, graphviz.org/doc/info/lang.html",
                                           ImportSubject::network,
                                           recognises,
                                           settings,
                                           read};

} // namespace weft
