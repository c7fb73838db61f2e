// Operators of the optimizer's step.
#include "model/decoder.hpp"
#include "model/matrix.hpp"

namespace weft {

std::vector<Operator> optimizer_operators(const Workload& workload, double parameters)
{
  const Bytes gradient = bytes_of(workload.gradients);
  // Adam reads gradient, master weight and two moments in fp32, writes the latter three and the 2-byte weight (Kingma & Ba 2015; 30 bytes).
  return {streaming("gradient copy", (gradient + Bytes(4)) * parameters), streaming("gradient norm", Bytes(4) * parameters, 2),
          streaming("gradient clip", Bytes(8) * parameters), streaming("adam", Bytes(4 + 12 + 12 + 2) * parameters),
          streaming("zero gradients", gradient * parameters)};
}

} // namespace weft
