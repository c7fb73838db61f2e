#include "study/children.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

using namespace weft;

TEST_CASE("answers come in the order of the questions, however many run at once")
{
  std::vector<std::function<std::string()>> functions;
  for (int i = 0; i < 7; ++i) functions.emplace_back([i] { return std::to_string(i * i); });
  for (const std::size_t at_a_time : {0, 1, 2, 10}) {
    const auto answers = run_in_children(functions, at_a_time);
    REQUIRE(answers.size() == 7);
    for (int i = 0; i < 7; ++i) {
      CHECK_FALSE(answers[static_cast<std::size_t>(i)].failed);
      CHECK(answers[static_cast<std::size_t>(i)].text == std::to_string(i * i));
    }
  }
}

TEST_CASE("an answer may be larger than a pipe holds")
{
  const auto answers = run_in_children({[] { return std::string(1'000'000, 'x'); }, [] { return std::string(1'000'000, 'y'); }}, 2);
  CHECK(answers[0].text == std::string(1'000'000, 'x'));
  CHECK(answers[1].text == std::string(1'000'000, 'y'));
}

TEST_CASE("an exception in a child is its answer and does not disturb the others")
{
  const auto answers =
      run_in_children({[]() -> std::string { throw std::runtime_error("no such model"); }, [] { return std::string("fine"); }}, 2);
  CHECK(answers[0].failed);
  CHECK(answers[0].text == "no such model");
  CHECK_FALSE(answers[1].failed);
}

TEST_CASE("a child that dies is reported with its signal, one that leaves without a word too")
{
  const auto answers = run_in_children({[]() -> std::string {
                                          std::raise(SIGKILL);
                                          return "";
                                        },
                                        []() -> std::string { std::_Exit(0); }},
                                       1);
  CHECK(answers[0].failed);
  CHECK(answers[0].text == "the simulation was stopped by signal 9");
  CHECK(answers[1].failed);
  CHECK(answers[1].text == "the simulation ended without a result");
}

TEST_CASE("nothing asked, nothing answered") { CHECK(run_in_children({}, 2).empty()); }
