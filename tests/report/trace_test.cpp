#include "report/gzip.hpp"
#include "small_report.hpp"
#include "unzipped.hpp"

#include <doctest/doctest.h>

using namespace weft;
using weft::test::unzipped;

namespace {

std::string zipped(const std::vector<std::string>& pieces)
{
  std::ostringstream out;
  GzipWriter gzip(out);
  for (const std::string& piece : pieces) gzip.write(piece);
  gzip.finish();
  return out.str();
}

} // namespace

TEST_CASE("what is compressed comes back, whole")
{
  std::string noise;
  std::uint64_t state = 1;
  for (int i = 0; i < 300000; ++i) noise += static_cast<char>((state = state * 6364136223846793005ULL + 1442695040888963407ULL) >> 56U);
  CHECK(unzipped(zipped({"", "one ", noise, "", " two"})) == "one " + noise + " two");
  CHECK(unzipped(zipped({})).empty());
}

TEST_CASE("the gzip header holds no time and no operating system")
{
  const std::string bytes = zipped({"text"});
  CHECK(bytes.substr(4, 4) == std::string(4, '\0'));
  CHECK(static_cast<unsigned char>(bytes[9]) == 255);
}

TEST_CASE("the trace has a track per class and lane, slices in microseconds and counters per medium")
{
  const test::SmallReport small;
  const std::string text = unzipped(small.rendered("perfetto"));
  for (const char* part :
       {R"("name":"process_name","args":{"name":"stage 0: rank 0 and 2 like it"})",
        R"("name":"process_name","args":{"name":"stage 1: rank 3"})", R"("tid":2,"name":"thread_name","args":{"name":"tp"})",
        R"({"ph":"X","pid":1,"tid":2,"ts":3000000.000,"dur":3000000.000,"name":"tensor","cat":"tensor"})", // 3 s to 6 s
        R"({"ph":"X","pid":1,"tid":2,"ts":2000000.000,"dur":1000000.000,"name":"wait: tensor","cat":"tensor"})",
        R"({"ph":"C","pid":3,"ts":0.000,"name":"nvlink","args":{"mean":100.000,"busiest":100.000}})",
        R"({"ph":"C","pid":3,"ts":5000000.000,"name":"nic","args":{"mean":50.000,"busiest":50.000}})"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part);
}

TEST_CASE("equal reports give equal bytes")
{
  const test::SmallReport one, two;
  for (const ReportKind* kind : report_kinds()) CHECK(one.rendered(kind->name) == two.rendered(kind->name));
}
