#include "report/gzip.hpp"

#include "config/error.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <ostream>

#include <zlib.h>

namespace weft {

struct GzipWriter::State {
  std::ostream& out;
  z_stream stream{};
  gz_header header{};
  std::array<unsigned char, 65536> buffer{};

  explicit State(std::ostream& to) : out(to) {}

  /// Feeds what is in stream.next_in to zlib and passes on what comes out.
  void pump(int flush)
  {
    do {
      stream.next_out = buffer.data();
      stream.avail_out = static_cast<uInt>(buffer.size());
      if (deflate(&stream, flush) == Z_STREAM_ERROR) throw LogicError("zlib refused to compress");
      out.write(reinterpret_cast<const char*>(buffer.data()), static_cast<std::streamsize>(buffer.size() - stream.avail_out));
    } while (stream.avail_out == 0);
  }
};

GzipWriter::GzipWriter(std::ostream& out) : state_(std::make_unique<State>(out))
{
  constexpr int gzip_window = 15 + 16; // 32 KiB window, gzip rather than zlib framing (zlib.h, deflateInit2)
  constexpr int memory_level = 8;
  if (deflateInit2(&state_->stream, 6, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
    throw LogicError("zlib cannot start");
  state_->header.time = 0;
  state_->header.os = 255; // unknown
  deflateSetHeader(&state_->stream, &state_->header);
}

GzipWriter::~GzipWriter() { deflateEnd(&state_->stream); }

void GzipWriter::write(std::string_view text)
{
  while (!text.empty()) {
    const std::size_t size = std::min<std::size_t>(text.size(), std::numeric_limits<uInt>::max());
    state_->stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); // zlib does not write to its input
    state_->stream.avail_in = static_cast<uInt>(size);
    state_->pump(Z_NO_FLUSH);
    text.remove_prefix(size);
  }
}

void GzipWriter::finish()
{
  state_->stream.next_in = nullptr;
  state_->stream.avail_in = 0;
  state_->pump(Z_FINISH);
}

} // namespace weft
