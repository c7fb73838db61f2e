// Every model of workloads/models has as many parameters as its source prints.
#include "approx.hpp"
#include "model/decoder.hpp"
#include "spec/reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace weft;

namespace {

/// What rounding may have taken from a printed figure: half a unit of its last digit other than zero, 0.5e9 for 175e9. A round figure
/// may be exact, so never more than 3 %.
double rounding(double printed)
{
  double unit = 1;
  while (std::fmod(printed, unit * 10) == 0) unit *= 10;
  return std::min(unit / 2, 0.03 * printed);
}

/// The model as sources count it: learned position tables without a length of their own are those of 2,048 tokens, and prediction modules,
/// which serve training only, are left out.
Workload as_published(const ModelShape& model)
{
  Workload workload;
  workload.model = model;
  workload.model.prediction_layers = 0;
  workload.sequence = 2048;
  return workload;
}
double counted(const ModelShape& model) { return total_parameters(as_published(model)); }

} // namespace

TEST_CASE("rounding is read off the last digit printed")
{
  CHECK(rounding(175e9) == 0.5e9);
  CHECK(rounding(130e9) == weft::near(3.9e9, 1e-9));
  CHECK(rounding(7.24e9) == 5e6);
  CHECK(rounding(6658859008.0) == 0.5);
}

// 1 % for what sources count otherwise (padding of the vocabulary, biases, final norms), and the rounding of the printed figure.
TEST_CASE("every model has the parameters its source prints")
{
  const DataFolder data{WEFT_SOURCE_DIR};
  int compared = 0;
  for (const std::string& name : preset_names("workloads/models", data)) {
    if (name == "gpt-tiny") continue; // nobody published it
    const ModelShape model = read_model(name, data);
    const double printed = model.published_parameters;
    INFO(name << " counts " << counted(model) << ", its source prints " << printed);
    if (printed == 0) { // shapes of which no count is published, and which therefore nobody may take for checked
      CHECK(model.provenance.confidence >= Confidence::medium);
      continue;
    }
    CHECK(std::abs(counted(model) - printed) <= 0.01 * printed + rounding(printed));
    ++compared;
  }
  CHECK(compared >= 100);
}

// Sources differ in whether a token's row of the embedding makes the whole table active, so both counts are allowed, and 2 %.
TEST_CASE("a model of experts has the active parameters its source prints, with or without the embedding")
{
  const DataFolder data{WEFT_SOURCE_DIR};
  int compared = 0;
  for (const std::string& name : preset_names("workloads/models", data)) {
    const ModelShape model = read_model(name, data);
    const double printed = model.published_active_parameters;
    if (printed == 0) continue;
    const Workload workload = as_published(model);
    const double with = active_parameters(workload), without = with - embedding_parameters(workload);
    INFO(name << " counts " << with << " or " << without << ", its source prints " << printed);
    CHECK(model.experts.count > 0);
    CHECK(std::min(std::abs(with - printed), std::abs(without - printed)) <= 0.02 * printed + rounding(printed));
    ++compared;
  }
  CHECK(compared >= 14);
}

// The benchmark tables of llm-foundry print every parameter, so the count of an MPT is exact.
TEST_CASE("an MPT has exactly the parameters its benchmark prints")
{
  const DataFolder data{WEFT_SOURCE_DIR};
  for (const std::string name : {"mpt-125m", "mpt-350m", "mpt-760m", "mpt-1b", "mpt-3b", "mpt-7b", "mpt-13b", "mpt-30b", "mpt-70b"}) {
    const ModelShape model = read_model(name, data);
    INFO(name);
    CHECK(counted(model) == model.published_parameters);
  }
}
