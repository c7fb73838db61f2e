// A convolution with its batch normalisation and activation, as an implicit matrix product (Chetlur et al. 2014, arXiv:1410.0759,
// section 3): a row per output pixel, a column per output channel, in channels x kernel^2 deep. Left out: pooling, and the shortcuts that
// Winograd and Fourier kernels take.
#include "model/parts.hpp"

#include <algorithm>
#include <cmath>

namespace weft {
namespace {

struct ConvolutionValues {
  MatrixShape product;
  double input, weights, output; ///< values of one convolution
};
ConvolutionValues values_of(const Convolution& c, int samples)
{
  const double pixels = static_cast<double>(samples) * c.size * c.size, depth = static_cast<double>(c.input_channels) * c.kernel * c.kernel;
  return {.product = {1, pixels, static_cast<double>(c.output_channels), depth},
          .input = pixels * c.stride * c.stride * c.input_channels,
          .weights = depth * c.output_channels,
          .output = pixels * c.output_channels};
}

/// The product reads the image itself, not one copy per kernel position.
Operator implicit_product(const char* name, const MatrixShape& shape, const ConvolutionValues& v, Precision precision)
{
  Operator op = matmul(name, shape, precision, Precision::bf16);
  op.bytes = Bytes(2) * (v.input + v.weights + v.output);
  return op;
}

/// Weights have few values and every pixel adds to them, so libraries split the sum to fill the machine: here into pieces 1,024 pixels deep
/// (estimate), which costs no traffic of its own.
MatrixShape split_weight_gradient(const MatrixShape& forward)
{
  MatrixShape shape = weight_gradient(forward);
  const double pieces = std::max(1.0, std::floor(shape.k / 1024));
  shape.batch *= pieces;
  shape.k /= pieces;
  return shape;
}

/// `times` equal kernels in a row; the shape stays that of one.
void repeat(std::vector<Operator>& ops, int times)
{
  for (Operator& op : ops) {
    op.flops *= times;
    op.counted *= times;
    op.bytes *= times;
    op.kernels *= times;
  }
}

} // namespace

Block convolution_block(const Shard& shard, int entry)
{
  const Workload& w = *shard.workload;
  const Convolution& c = w.model.convolutions[static_cast<std::size_t>(entry)];
  const ConvolutionValues v = values_of(c, shard.microbatch);
  Block b;
  // Normalisation over the batch reads its input twice, for the statistics and to scale it, and writes it.
  b.main = {implicit_product("convolution", v.product, v, w.precision), streaming("batch norm", Bytes(6) * v.output, 2),
            streaming("activation", Bytes(4) * v.output)};
  if (c.residual) b.main.push_back(streaming("residual add", Bytes(6) * v.output));
  // Backward: activation reads dy and y; the norm reads x and dy twice; each writes dx.
  if (c.residual) b.core_backward.push_back(streaming("residual join", Bytes(6) * v.output));
  b.core_backward.push_back(streaming("activation backward", Bytes(6) * v.output));
  b.core_backward.push_back(streaming("batch norm backward", Bytes(10) * v.output, 2));
  b.column_data = {implicit_product("convolution dgrad", data_gradient(v.product), v, w.precision)};
  b.column_weights = {implicit_product("convolution wgrad", split_weight_gradient(v.product), v, w.precision)};
  if (!shard.fused_gradient_accumulation)
    b.column_weights.push_back(streaming("accumulate gradient", (Bytes(2) + 2 * bytes_of(w.gradients)) * v.weights));
  for (auto* part : {&b.main, &b.core_backward, &b.column_weights}) repeat(*part, c.repeat);
  const int gradients = entry == 0 ? c.repeat - 1 : c.repeat; // nobody needs the image's
  repeat(b.column_data, gradients);
  if (gradients == 0) b.column_data.clear();
  return b;
}

} // namespace weft
