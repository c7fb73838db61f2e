// GraphML: an XML file of nodes and edges with attributes, as NetworkX, yEd, Gephi and igraph write it.
//
// Expat reads the XML: it keeps no tree, does not recurse, and knows line and column. A document type (and with it every entity) is
// refused, so nothing can be expanded or fetched.
#include "import/drawn_graph.hpp"

#include "config/value.hpp"

#include <expat.h>

#include <exception>
#include <memory>
#include <optional>

namespace weft {
namespace {

constexpr std::size_t deepest = 64;
constexpr std::size_t longest_text = 201; // of an attribute's value: one more than may be used, so that more is noticed
constexpr char separator = '|';           // between namespace and name

/// What a <key> declares.
struct GraphmlKey {
  std::string name;
  bool of_vertices = false, of_edges = false;
  DrawnValue otherwise; ///< its <default>
};

/// Receives the events of one document. The parser is C, so nothing may be thrown through it: the first problem stops it and waits.
class GraphmlReader {
  enum class Element { document, graphml, key, standard, graph, vertex, edge, data, unread };
  XML_Parser parser_;
  DrawnGraph& graph_;
  std::exception_ptr problem_;
  std::vector<Element> open_{Element::document};
  std::map<std::string, GraphmlKey, std::less<>> keys_;
  std::vector<bool> declared_; ///< per vertex: has a <node> of its own
  bool has_graph_ = false;
  GraphmlKey* key_ = nullptr;   ///< the <key> that is open
  std::string data_key_, text_; ///< of the <data> or <default> that is open
  Place text_place_;
  std::optional<std::size_t> vertex_, edge_; ///< what is open
  bool default_directed_ = false;

public:
  GraphmlReader(XML_Parser parser, DrawnGraph& graph) : parser_(parser), graph_(graph) {}

  void finish()
  {
    if (problem_) std::rethrow_exception(problem_);
    if (!has_graph_) throw ConfigError(Place{graph_.file()}, "", "no <graph> in the file (is it GraphML?)");
    for (const DrawnEdge& edge : graph_.edges)
      for (const std::size_t end : {edge.from, edge.to})
        if (!declared_[end])
          throw ConfigError(edge.place, "",
                            "the edge names '" + shown(graph_.vertices[end].name) + "', which is no <node> of the graph (add it)");
    apply_defaults();
  }

  /// Runs an event; a problem stops the parser.
  template <class Event> void guarded(Event event)
  {
    if (problem_) return;
    try {
      event();
    } catch (...) {
      problem_ = std::current_exception();
      XML_StopParser(parser_, XML_FALSE);
    }
  }

  [[nodiscard]] Place here() const
  {
    return {graph_.file(), static_cast<int>(XML_GetCurrentLineNumber(parser_)), static_cast<int>(XML_GetCurrentColumnNumber(parser_)) + 1};
  }

  void start(const char* full_name, const char** attributes)
  {
    if (open_.size() > deepest)
      throw ConfigError(here(), "", "nested more than " + std::to_string(deepest) + " levels deep (flatten the file)");
    const std::string whole = full_name;
    const std::size_t cut = whole.rfind(separator);
    const std::string name = cut == std::string::npos ? whole : whole.substr(cut + 1);
    const bool foreign = cut != std::string::npos && whole.rfind("http://graphml.graphdrawing.org/", 0) != 0;
    open_.push_back(open_.back() == Element::unread || open_.back() == Element::data || foreign ? Element::unread
                                                                                                : opened(name, attributes));
  }

  void end()
  {
    const Element closed = open_.back();
    open_.pop_back();
    if (closed == Element::standard) key_->otherwise = {trimmed(text_), text_place_};
    if (closed == Element::data) take_data();
    if (closed == Element::vertex) vertex_.reset();
    if (closed == Element::edge) edge_.reset();
    if (closed == Element::key) key_ = nullptr;
  }

  void characters(const char* text, int length)
  {
    if (open_.back() != Element::data && open_.back() != Element::standard) return;
    for (int i = 0; i < length && text_.size() < longest_text; ++i) {
      const bool blank = text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r';
      if (!blank || !text_.empty()) text_ += text[i];
    }
  }

private:
  static std::string attribute(const char** attributes, const std::string& name)
  {
    for (; *attributes; attributes += 2)
      if (name == attributes[0]) return attributes[1];
    return "";
  }

  /// Blanks before a text are not kept in the first place.
  static std::string trimmed(std::string text)
  {
    text.erase(text.find_last_not_of(" \n\t\r") + 1);
    return text;
  }

  std::string required(const char** attributes, const char* element, const char* name) const
  {
    const std::string value = attribute(attributes, name);
    if (value.empty()) throw ConfigError(here(), "", std::string("<") + element + "> needs the attribute '" + name + "'");
    return value;
  }

  [[noreturn]] void misplaced(const std::string& name) const
  {
    throw ConfigError(here(), "", "<" + shown(name) + "> cannot stand here (see the GraphML primer)");
  }

  Element opened(const std::string& name, const char** attributes)
  {
    const Element parent = open_.back();
    if (parent == Element::document) {
      if (name != "graphml") throw ConfigError(here(), "", "the file starts with <" + shown(name) + "> (GraphML starts with <graphml>)");
      return Element::graphml;
    }
    if (name == "desc" || name == "port") return Element::unread;
    if (name == "hyperedge") throw ConfigError(here(), "", "a hyperedge (a cable has two ends: write edges)");
    if (name == "key" && parent == Element::graphml) return open_key(attributes);
    if (name == "default" && parent == Element::key) return open_text("");
    if (name == "graph") return open_graph(parent, attributes);
    if (name == "node" && parent == Element::graph) return open_vertex(attributes);
    if (name == "edge" && parent == Element::graph) return open_edge(attributes);
    if (name == "data" && parent != Element::key) return open_text(required(attributes, "data", "key"));
    misplaced(name);
  }

  Element open_key(const char** attributes)
  {
    const std::string id = required(attributes, "key", "id"), domain = attribute(attributes, "for");
    if (id.size() >= longest_text) throw ConfigError(here(), "", "a key of more than 200 characters (shorten it)");
    const auto [entry, is_new] = keys_.try_emplace(id);
    if (!is_new) throw ConfigError(here(), "", "the key '" + shown(id) + "' stands here twice (keep one)");
    key_ = &entry->second;
    key_->name = attribute(attributes, "attr.name");
    if (key_->name.empty()) key_->name = id;
    const bool of_all = domain.empty() || domain == "all";
    key_->of_vertices = of_all || domain == "node";
    key_->of_edges = of_all || domain == "edge";
    return Element::key;
  }

  Element open_text(std::string key)
  {
    data_key_ = std::move(key);
    text_.clear();
    text_place_ = here();
    return data_key_.empty() ? Element::standard : Element::data;
  }

  Element open_graph(Element parent, const char** attributes)
  {
    if (parent == Element::vertex || parent == Element::edge)
      throw ConfigError(here(), "", "a graph within a node or edge (write one flat graph)");
    if (parent != Element::graphml) misplaced("graph");
    if (has_graph_) throw ConfigError(here(), "", "a second <graph> (keep one graph per file)");
    has_graph_ = true;
    const std::string direction = attribute(attributes, "edgedefault");
    if (direction != "directed" && direction != "undirected")
      throw ConfigError(here(), "", "<graph> needs edgedefault=\"directed\" or \"undirected\"");
    default_directed_ = direction == "directed";
    graph_.kind = default_directed_ ? DrawnEdges::directed : DrawnEdges::undirected;
    return Element::graph;
  }

  std::size_t vertex_named(const std::string& name)
  {
    const std::size_t vertex = graph_.vertex(name, here());
    declared_.resize(graph_.vertices.size(), false);
    return vertex;
  }

  Element open_vertex(const char** attributes)
  {
    const std::size_t vertex = vertex_named(required(attributes, "node", "id"));
    if (declared_[vertex])
      throw ConfigError(here(), "", "a second node '" + shown(graph_.vertices[vertex].name) + "' (give each its own id)");
    declared_[vertex] = true;
    graph_.vertices[vertex].place = here();
    vertex_ = vertex;
    return Element::vertex;
  }

  Element open_edge(const char** attributes)
  {
    const std::string directed = attribute(attributes, "directed");
    if (!directed.empty() && (directed == "true") != default_directed_)
      throw ConfigError(here(), "", "directed and undirected edges in one graph (use one of them)");
    DrawnEdge edge;
    edge.place = here();
    edge.from = vertex_named(required(attributes, "edge", "source"));
    edge.to = vertex_named(required(attributes, "edge", "target"));
    if (const std::string port = attribute(attributes, "sourceport"); !port.empty()) edge.from_port = {port, here()};
    if (const std::string port = attribute(attributes, "targetport"); !port.empty()) edge.to_port = {port, here()};
    edge_ = graph_.add_edge(std::move(edge));
    return Element::edge;
  }

  void take_data()
  {
    if (!vertex_ && !edge_) return; // of the graph or the file
    const auto key = keys_.find(data_key_);
    if (key == keys_.end()) throw ConfigError(text_place_, "", "there is no <key id=\"" + shown(data_key_) + "\"> (declare it)");
    graph_.set(vertex_ ? graph_.vertices[*vertex_].figures : graph_.edges[*edge_].figures, key->second.name, trimmed(text_), text_place_);
  }

  void apply_defaults()
  {
    Figures vertices, edges;
    for (const auto& [id, key] : keys_) {
      if (!key.otherwise.given()) continue;
      if (key.of_vertices) graph_.set(vertices, key.name, key.otherwise.text, key.otherwise.place);
      if (key.of_edges) graph_.set(edges, key.name, key.otherwise.text, key.otherwise.place);
    }
    const auto complete = [](Figures& own, Figures common) {
      lay_figures(common, own);
      own = std::move(common);
    };
    for (DrawnVertex& vertex : graph_.vertices) complete(vertex.figures, vertices);
    for (DrawnEdge& edge : graph_.edges) complete(edge.figures, edges);
  }
};

GraphmlReader& reader_of(void* user) { return *static_cast<GraphmlReader*>(user); }

void on_start(void* user, const char* name, const char** attributes)
{
  reader_of(user).guarded([&] { reader_of(user).start(name, attributes); });
}
void on_end(void* user, const char*)
{
  reader_of(user).guarded([&] { reader_of(user).end(); });
}
void on_text(void* user, const char* text, int length)
{
  reader_of(user).guarded([&] { reader_of(user).characters(text, length); });
}
void on_doctype(void* user, const char*, const char*, const char*, int)
{
  reader_of(user).guarded(
      [&] { throw ConfigError(reader_of(user).here(), "", "a document type (remove <!DOCTYPE ...>; entities are not read)"); });
}

Imported read(const ForeignText& text, const Node& settings)
{
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreateNS("UTF-8", separator), XML_ParserFree);
  if (!parser) throw std::bad_alloc();
  DrawnGraph graph(text.file);
  GraphmlReader reader(parser.get(), graph);
  XML_SetUserData(parser.get(), &reader);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  const XML_Status status = XML_Parse(parser.get(), text.text.data(), static_cast<int>(text.text.size()), 1);
  if (status != XML_STATUS_OK && XML_GetErrorCode(parser.get()) != XML_ERROR_ABORTED)
    throw ConfigError(reader.here(), "",
                      std::string("not valid XML: ") + XML_ErrorString(XML_GetErrorCode(parser.get())) + " (check tags and quotes)");
  reader.finish();
  return network_of(graph, settings);
}

std::vector<FieldDoc> settings() { return record_of<GraphReading>().docs(); }
bool recognises(const ForeignText& text) { return text.text.find("<graphml") != std::string::npos; }

} // namespace

extern const ImportFormat kind_graphml_import_formats;
const ImportFormat kind_graphml_import_formats{"graphml",
                                               "a network drawn in GraphML (NetworkX, yEd, Gephi, igraph)",
                                               "Brandes, Eiglsperger, Lerner: GraphML primer, graphml.graphdrawing.org",
                                               ImportSubject::network,
                                               recognises,
                                               settings,
                                               read};

} // namespace weft
