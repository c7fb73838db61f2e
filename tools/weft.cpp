// The program `weft`. All of it is in sim/cli.
#include "cli/entry.hpp"

#include <cstdlib>

int main(int argc, char** argv)
{
  std::_Exit(weft::weft_main(argc, argv)); // SimGrid's shutdown is not safe after a simulation; output is flushed by then
}
