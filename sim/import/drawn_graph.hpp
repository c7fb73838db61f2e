// A graph as GraphML and Graphviz files draw it: vertices and edges with attributes, of which a few say something about a network.
// The two readers share what those attributes are called and what becomes of them. Internal to the room.
#pragma once
#include "import/network.hpp"

#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weft {

/// The attributes that mean something here.
enum class NetworkFigure { role, ports, bandwidth, latency, count };
constexpr std::size_t figures = 5;

/// An attribute as written.
struct DrawnValue {
  std::string text;
  Place place; ///< line 0: not given
  [[nodiscard]] bool given() const { return place.line > 0; }
};
using Figures = std::array<DrawnValue, figures>;
/// Values that are given in `over` win.
void lay_figures(Figures& under, const Figures& over);

struct DrawnVertex {
  std::string name;
  Place place;
  Figures figures;
};

struct DrawnEdge {
  std::size_t from = 0, to = 0;  ///< indices of vertices
  DrawnValue from_port, to_port; ///< which adapter of a server, when the file says
  Place place;
  Figures figures;
};

enum class DrawnEdges { undirected, directed };

/// The graph while it is read; holds the limits.
class DrawnGraph {
public:
  explicit DrawnGraph(std::string file) : file_(std::move(file)) {}

  /// The vertex of that name, made when there is none. `made` tells which.
  std::size_t vertex(const std::string& name, const Place& place, bool* made = nullptr);
  /// Throws ConfigError for an edge from a vertex to itself and beyond the limit.
  std::size_t add_edge(DrawnEdge edge);
  /// Stores an attribute that means something; remembers the name of any other. Throws ConfigError for a name that is nearly one of ours,
  /// and a text of more than 200 characters.
  void set(Figures& into, const std::string& attribute, const std::string& text, const Place& place);

  std::vector<DrawnVertex> vertices;
  std::vector<DrawnEdge> edges;
  DrawnEdges kind = DrawnEdges::undirected;
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::set<std::string>& ignored() const { return ignored_; }

private:
  std::string file_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::set<std::string> ignored_;
};

/// How to read a drawn graph as a network.
struct GraphReading {
  std::string servers;        ///< pattern of the names that are servers; empty: told by attributes and names
  std::string bandwidth_unit; ///< of bare numbers; empty: none are allowed
  std::string latency_unit;
};
template <> const Record<GraphReading>& record_of<GraphReading>();

/// The keys of a platform: its nodes, their adapters and the fabric.
Imported network_of(const DrawnGraph& graph, const Node& settings);

} // namespace weft
