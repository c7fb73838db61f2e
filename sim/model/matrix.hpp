// Short constructors of operators, so that a layer reads like its table in the paper.
#pragma once
#include "model/operator.hpp"

#include <string>
#include <utility>

namespace weft {

/// `batch` products (m x k)(k x n) at `precision`; operands and result move through memory once, stored in `storage`.
inline Operator matmul(std::string name, const MatrixShape& shape, Precision precision, Precision storage)
{
  const double values = shape.batch * (shape.m * shape.k + shape.k * shape.n + shape.m * shape.n);
  return {.name = std::move(name),
          .kind = OperatorKind::matmul,
          .shape = shape,
          .precision = precision,
          .flops = shape.flops(),
          .counted = shape.flops(),
          .bytes = bytes_of(storage) * values};
}

/// A memory-bound kernel that moves `bytes`.
inline Operator streaming(std::string name, Bytes bytes, int kernels = 1)
{
  return {.name = std::move(name), .kind = OperatorKind::streaming, .bytes = bytes, .kernels = kernels};
}

/// Transposed uses of a forward product: the gradient of its input and of its weights.
inline MatrixShape data_gradient(const MatrixShape& f) { return {f.batch, f.m, f.k, f.n}; }
inline MatrixShape weight_gradient(const MatrixShape& f) { return {f.batch, f.k, f.n, f.m}; }

} // namespace weft
