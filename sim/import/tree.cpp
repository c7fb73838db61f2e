#include "import/tree.hpp"

namespace weft {
namespace {

Node at(Node::Kind kind, const Place& place)
{
  Node node;
  node.kind = kind;
  node.place = place;
  return node;
}

} // namespace

Node scalar_at(std::string text, const Place& place)
{
  Node node = at(Node::Kind::scalar, place);
  node.text = std::move(text);
  return node;
}

Node mapping_at(const Place& place) { return at(Node::Kind::mapping, place); }
Node list_at(const Place& place) { return at(Node::Kind::list, place); }
void put(Node& mapping, const std::string& key, Node value) { mapping.entries.emplace_back(key, std::move(value)); }

} // namespace weft
