#include "study/children.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <system_error>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weft {
namespace {

/// A child at work and the pipe its answer comes through: one status character, then the text.
struct Child {
  std::size_t index = 0;
  pid_t process = -1;
  int pipe = -1;
  std::string received;
};

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

[[noreturn]] void be_the_child(const std::function<std::string()>& function, int pipe)
{
  std::string answer;
  try {
    answer = "+" + function();
  } catch (const std::exception& error) { // this process ends here; the parent turns the text into its own error
    answer = "-" + std::string(error.what());
  }
  for (std::size_t sent = 0; sent < answer.size();) {
    const ssize_t count = write(pipe, answer.data() + sent, answer.size() - sent);
    if (count < 0 && errno != EINTR) break;
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
  std::_Exit(0);
}

Child start(std::size_t index, const std::function<std::string()>& function)
{
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) fail("cannot make a pipe");
  const pid_t process = fork();
  if (process < 0) fail("cannot start a process");
  if (process == 0) {
    close(ends[0]);
    be_the_child(function, ends[1]);
  }
  close(ends[1]);
  return {index, process, ends[0], {}};
}

ChildAnswer conclude(Child& child)
{
  close(child.pipe);
  int status = 0;
  while (waitpid(child.process, &status, 0) < 0 && errno == EINTR) {}
  if (WIFSIGNALED(status)) return {true, "the simulation was stopped by signal " + std::to_string(WTERMSIG(status))};
  if (child.received.empty()) return {true, "the simulation ended without a result"};
  return {child.received.front() != '+', child.received.substr(1)};
}

/// Waits until some child has sent something; returns those that are done.
std::vector<std::size_t> listen(std::vector<Child>& children)
{
  std::vector<pollfd> polled;
  for (const Child& child : children) polled.push_back({child.pipe, POLLIN, 0});
  if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) fail("cannot wait for a process");
  std::vector<std::size_t> done;
  std::array<char, 65536> buffer{};
  for (std::size_t c = 0; c < children.size(); ++c) {
    if ((polled[c].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    const ssize_t count = read(children[c].pipe, buffer.data(), buffer.size());
    if (count > 0)
      children[c].received.append(buffer.data(), static_cast<std::size_t>(count));
    else if (count == 0)
      done.push_back(c);
    else if (errno != EINTR)
      fail("cannot read from a process");
  }
  return done;
}

} // namespace

std::vector<ChildAnswer> run_in_children(const std::vector<std::function<std::string()>>& functions, std::size_t at_a_time)
{
  std::vector<ChildAnswer> answers(functions.size());
  std::vector<Child> running;
  std::size_t next = 0;
  while (next < functions.size() || !running.empty()) {
    while (next < functions.size() && running.size() < std::max<std::size_t>(1, at_a_time)) {
      running.push_back(start(next, functions[next]));
      ++next;
    }
    const auto done = listen(running);
    for (std::size_t d = done.size(); d-- > 0;) {
      Child& child = running[done[d]];
      answers[child.index] = conclude(child);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(done[d]));
    }
  }
  return answers;
}

} // namespace weft
