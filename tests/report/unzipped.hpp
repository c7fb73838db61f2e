// What a gzip stream holds.
#pragma once
#include <doctest/doctest.h>

#include <array>
#include <string>

#include <zlib.h>

namespace weft::test {

inline std::string unzipped(const std::string& zipped)
{
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zipped.data()));
  stream.avail_in = static_cast<uInt>(zipped.size());
  std::string text;
  std::array<char, 4096> buffer{};
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    state = inflate(&stream, Z_NO_FLUSH);
    text.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  CHECK(state == Z_STREAM_END);
  return text;
}

} // namespace weft::test
