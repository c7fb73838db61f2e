#include "cli/progress.hpp"

#include "report/numbers.hpp"

#include <ostream>

namespace weft {

ProgressLine::~ProgressLine()
{
  if (shown_) *out_ << "\r\033[K" << std::flush;
}

void ProgressLine::show(double share)
{
  if (out_ == nullptr) return;
  using namespace std::chrono_literals;
  const auto now = Clock::now();
  if (now - start_ < 2s || now - last_ < 200ms) return;
  last_ = now;
  shown_ = true;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - start_).count();
  *out_ << "\r\033[Ksimulating: " << percent(share, 0) << " after " << seconds << " s" << std::flush;
}

Progress ProgressLine::callback()
{
  if (out_ == nullptr) return {};
  return [this](double share) { show(share); };
}

} // namespace weft
