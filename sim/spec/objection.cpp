#include "spec/objection.hpp"

#include "config/error.hpp"
#include "spec/check.hpp"

namespace weft {

std::string plan_objection(const Scenario& scenario)
{
  try {
    Node tree;
    tree.kind = Node::Kind::mapping;
    tree.entries.emplace_back("plan", write_value(scenario.plan));
    (void)record_of<Plan>().read(tree.entries.front().second);
    check_scenario(scenario, tree);
  } catch (const ConfigError& error) { // the rules speak to the writer of a file; here their answer is a value
    return error.what();
  }
  return "";
}

} // namespace weft
