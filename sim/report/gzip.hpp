// Compresses a stream as gzip (RFC 1952) with a fixed header, so that equal input gives equal bytes at any time on any machine.
#pragma once
#include <iosfwd>
#include <memory>
#include <string_view>

namespace weft {

/// Text written to it comes out of `out` compressed. Call finish() once at the end.
class GzipWriter {
  struct State;
  std::unique_ptr<State> state_;

public:
  explicit GzipWriter(std::ostream& out);
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;
  void write(std::string_view text);
  void finish();
};

} // namespace weft
