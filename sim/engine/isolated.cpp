#include "engine/isolated.hpp"

#include "config/error.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>

#include <sys/wait.h>
#include <unistd.h>

namespace weft {
namespace {

enum class Outcome : char { trace, cannot_finish, broken };

/// Flat bytes of the plain data a trace is made of. Read by the same program that wrote them, so layout is no concern.
class Parcel {
  std::vector<char> bytes_;
  std::size_t read_ = 0;

  void append(const void* from, std::size_t size)
  {
    const auto* begin = static_cast<const char*>(from);
    if (size > 0) bytes_.insert(bytes_.end(), begin, begin + size);
  }
  void copy(void* into, std::size_t size)
  {
    if (size > bytes_.size() - read_) throw LogicError("the simulation process sent half a result");
    if (size > 0) std::memcpy(into, bytes_.data() + read_, size);
    read_ += size;
  }

public:
  Parcel() = default;
  explicit Parcel(std::vector<char> bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::span<const char> bytes() const { return bytes_; }
  /// What has not been taken, as text.
  [[nodiscard]] std::string text() const { return {bytes_.begin() + static_cast<std::ptrdiff_t>(read_), bytes_.end()}; }
  void put_text(const std::string& text) { append(text.data(), text.size()); }

  template <class T> void put(const T& value) requires std::is_trivially_copyable_v<T> { append(&value, sizeof value); }
  template <class T> void put(const std::vector<T>& values)
  {
    put(values.size());
    if constexpr (std::is_trivially_copyable_v<T>)
      append(values.data(), values.size() * sizeof(T));
    else
      for (const T& value : values) put(value);
  }
  template <class T> void take(T& value) requires std::is_trivially_copyable_v<T> { copy(&value, sizeof value); }
  template <class T> void take(std::vector<T>& values)
  {
    std::size_t count = 0;
    take(count);
    values.resize(count);
    if constexpr (std::is_trivially_copyable_v<T>)
      copy(values.data(), count * sizeof(T));
    else
      for (T& value : values) take(value);
  }
};

void put_trace(Parcel& parcel, const Trace& trace)
{
  parcel.put(trace.end);
  parcel.put(trace.spans);
  parcel.put(trace.links);
  parcel.put(trace.utilisation);
  parcel.put(trace.events);
  parcel.put(trace.flows);
}
Trace take_trace(Parcel& parcel)
{
  Trace trace;
  parcel.take(trace.end);
  parcel.take(trace.spans);
  parcel.take(trace.links);
  parcel.take(trace.utilisation);
  parcel.take(trace.events);
  parcel.take(trace.flows);
  return trace;
}

void send_all(int pipe_end, std::span<const char> bytes)
{
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = write(pipe_end, bytes.data() + sent, bytes.size() - sent);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return; // nobody reads any more: the parent notices the missing half
    sent += static_cast<std::size_t>(count);
  }
}
std::vector<char> receive_all(int pipe_end)
{
  std::vector<char> bytes;
  std::array<char, 1 << 16> buffer{};
  while (true) {
    const ssize_t count = read(pipe_end, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return bytes;
    bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + count);
  }
}

[[noreturn]] void child(int pipe_end, const Folding& folding, const EngineSettings& settings)
{
  signal(SIGPIPE, SIG_IGN);
  Parcel parcel;
  try {
    const Trace trace = simulate(folding, settings);
    parcel.put(Outcome::trace);
    put_trace(parcel, trace);
  } catch (const CannotFinish& error) {
    parcel.put(Outcome::cannot_finish);
    parcel.put_text(error.what());
  } catch (const std::exception& error) {
    parcel.put(Outcome::broken);
    parcel.put_text(error.what());
  }
  send_all(pipe_end, parcel.bytes());
  _exit(0); // SimGrid's engine cannot be taken down, and buffers inherited from the parent are the parent's to write
}

int wait_for(pid_t process)
{
  int status = 0;
  while (waitpid(process, &status, 0) < 0)
    if (errno != EINTR) throw LogicError("cannot wait for the simulation process: " + std::string(std::strerror(errno)));
  return status;
}

} // namespace

Trace simulate_isolated(const Folding& folding, const EngineSettings& settings)
{
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw LogicError("cannot open a pipe: " + std::string(std::strerror(errno)));
  std::fflush(nullptr); // else what is buffered could be written twice
  const pid_t process = fork();
  if (process < 0) {
    close(ends[0]);
    close(ends[1]);
    throw LogicError("cannot start a process: " + std::string(std::strerror(errno)));
  }
  if (process == 0) {
    close(ends[0]);
    child(ends[1], folding, settings);
  }
  close(ends[1]);
  Parcel parcel(receive_all(ends[0]));
  close(ends[0]);
  const int status = wait_for(process);
  if (WIFSIGNALED(status)) throw LogicError("the simulation process ended by signal " + std::to_string(WTERMSIG(status)));
  if (parcel.bytes().empty()) throw LogicError("the simulation process ended without a result");
  Outcome outcome{};
  parcel.take(outcome);
  if (outcome == Outcome::cannot_finish) throw CannotFinish(parcel.text());
  if (outcome == Outcome::broken) throw LogicError(parcel.text());
  return take_trace(parcel);
}

} // namespace weft
