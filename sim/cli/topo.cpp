#include "cli/commands.hpp"
#include "cli/write_file.hpp"
#include "fabric/drawing.hpp"
#include "fabric/summary.hpp"

#include <ostream>

namespace weft {
namespace {

int run(const Context& context)
{
  const Arguments& arguments = context.arguments;
  const Platform platform = read_platform(arguments.operands[0], arguments.overrides, context.data);
  const Fabric fabric = build_fabric(platform);
  const FabricSummary summary = summarize(fabric, platform);
  const std::string title = platform.title.empty() ? platform.name : platform.title;
  if (arguments.has("--dot")) {
    *context.out << to_dot(fabric, summary);
    return exit_done;
  }
  if (arguments.has("--svg")) {
    write_file(arguments.value("--svg", ""), to_svg(fabric, summary, title));
    return exit_done;
  }
  *context.out << title << "\n" << to_text(summary);
  return exit_done;
}

} // namespace

Command topo_command()
{
  return {.name = "topo",
          .operands = "PLATFORM",
          .least_operands = 1,
          .most_operands = 1,
          .summary = "describe a machine's network: counts, ports, bisection, diameter; or draw it",
          .details = "PLATFORM is a name from `weft list clusters` or a file.\n\n"
                     "  weft topo dgx-a100-fat-tree\n"
                     "  weft topo dgx-a100-fat-tree --set nodes=32 --svg fabric.svg\n"
                     "  weft topo dgx-a100-1 --dot | dot -Tpdf > node.pdf\n",
          .options = {set_option(), {"--dot", "", "print the graph in Graphviz form", {}}, {"--svg", "FILE", "write a drawing", {}}},
          .run = run};
}

} // namespace weft
