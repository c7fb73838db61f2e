#include "study/validate.hpp"

#include "metrics/intervals.hpp"
#include "spec/residuals.hpp"
#include "study/children.hpp"
#include "study/walk.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <sstream>

namespace weft {
namespace {

Check<std::optional<double>> share()
{
  return {"above 0, at most 1", [](const std::optional<double>& v) { return !v || (*v > 0 && *v <= 1); }};
}

Check<std::optional<Seconds>> some_time()
{
  return {"above zero", [](const std::optional<Seconds>& v) { return !v || *v > Seconds(0); }};
}

Check<std::optional<Bytes>> some_bytes()
{
  return {"above zero", [](const std::optional<Bytes>& v) { return !v || *v > Bytes(0); }};
}

} // namespace

template <> const Record<Tolerance>& record_of<Tolerance>()
{
  static const Record<Tolerance> record =
      Record<Tolerance>("tolerance", "largest errors a table may have, as fractions of the published value")
          .optional("mean-step", &Tolerance::mean_step, "mean absolute error of the step time", share())
          .optional("worst-step", &Tolerance::worst_step, "largest absolute error of a step time", share())
          .optional("mean-memory", &Tolerance::mean_memory, "mean absolute error of the peak memory", share())
          .optional("worst-memory", &Tolerance::worst_memory, "largest absolute error of a peak memory", share())
          .optional("mean-layer", &Tolerance::mean_layer, "mean absolute error of times of one layer", share())
          .optional("median-operation", &Tolerance::median_operation, "median absolute error of the times of single kernels", share())
          .optional("mean-small", &Tolerance::mean_small, "mean absolute error of bus bandwidths of series below 16 MiB", share())
          .optional("mean-large", &Tolerance::mean_large, "mean absolute error of bus bandwidths of series from 16 MiB on", share())
          .optional("worst-small", &Tolerance::worst_small, "largest absolute error of a bus bandwidth below 16 MiB", share())
          .optional("worst-large", &Tolerance::worst_large, "largest absolute error of a bus bandwidth from 16 MiB on", share());
  return record;
}

template <> const Record<PublishedRow>& record_of<PublishedRow>()
{
  static const Record<PublishedRow> record =
      Record<PublishedRow>("row", "one published run")
          .required("id", &PublishedRow::id, "how the source names it")
          .required("scenario", &PublishedRow::scenario, "file of the scenario, beside the table")
          .optional("set", &PublishedRow::set, "settings of the scenario by key path, such as {plan.tp: 8}")
          .optional("step", &PublishedRow::step, "published step time", some_time())
          .optional("memory", &PublishedRow::memory, "published peak memory per accelerator", some_bytes())
          .optional("forward", &PublishedRow::forward, "published forward time of one layer and microbatch", some_time())
          .optional("backward", &PublishedRow::backward, "the same, backward, recomputation included", some_time())
          .optional("source", &PublishedRow::source, "where exactly in the source")
          .rule([](const Node& node, const PublishedRow& row) {
            if (!row.step && !row.memory && !row.forward && !row.backward)
              refuse(node, "a row needs a published figure (write step, memory, forward or backward)");
          });
  return record;
}

template <> const Record<PublishedTable>& record_of<PublishedTable>()
{
  static const Record<PublishedTable> record =
      Record<PublishedTable>("table", "published runs to hold simulations to")
          .required("title", &PublishedTable::title, "name of the table")
          .required("source", &PublishedTable::source, "where the figures are published")
          .optional("family", &PublishedTable::family, "what the closing summary counts the table to; left out: a family of its own")
          .optional("confidence", &PublishedTable::confidence, "how far the figures are to be trusted")
          .optional("note", &PublishedTable::note, "what to know before comparing")
          .optional("memory-kind", &PublishedTable::memory_kind,
                    "what the rows' memory counts: live tensors (allocated), what the framework's allocator took for them (reserved, "
                    "torch.cuda.max_memory_reserved), or all of the device's (device, nvidia-smi)")
          .optional("tolerance", &PublishedTable::tolerance, "largest errors allowed")
          .optional("rows", &PublishedTable::rows, "the runs")
          .optional("series", &PublishedTable::series, "bare collectives by size")
          .optional("operations", &PublishedTable::operations, "single kernels")
          .rule([](const Node& node, const PublishedTable& table) {
            if (table.rows.empty() && table.series.empty() && table.operations.empty())
              refuse(node, "a table needs something published (write rows, series or operations)");
          });
  return record;
}

PublishedTable read_table(const std::string& file) { return record_of<PublishedTable>().read(read_yaml_file(file)); }

std::vector<std::string> table_files(const DataFolder& data, const std::string& name)
{
  namespace fs = std::filesystem;
  if (!name.empty() && fs::exists(name)) return {name};
  const fs::path folder = fs::path(data.path) / "scenarios" / "validation" / "tables";
  std::vector<std::string> files;
  std::string known;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  if (name.empty()) return files;
  std::vector<std::string> family;
  for (const std::string& file : files) {
    const std::string stem = fs::path(file).stem().string();
    if (stem == name) return {file};
    if (stem.starts_with(name + "-")) family.push_back(file);
    known += (known.empty() ? "" : ", ") + stem;
  }
  if (!family.empty()) return family;
  throw ConfigError({name}, "", "there is no such table (known: " + (known.empty() ? "none" : known) + ")");
}

namespace {

/// Time of one layer forward and backward, microbatch by microbatch: from the end of what stands before the layers to the beginning of what
/// stands behind them, on the first rank class. Nothing when the stage does not hold both ends of the model.
struct LayerTimes {
  Seconds forward, backward;
};
LayerTimes layer_times(const Walk& walk)
{
  const Program& program = program_of(walk.folding, 0);
  Seconds begin{-1}, head{-1}, turn{-1}, end{-1};
  for (const TaskInterval& interval : task_intervals(walk.folding, walk.trace, 0)) {
    const std::string& name = name_of(walk.job, program.tasks[interval.task]);
    if (begin < Seconds(0) && name.find("norm") != std::string::npos) begin = interval.begin;
    if (head < Seconds(0) && name == "final norm") head = interval.begin;
    if (turn < Seconds(0) && name == "final norm backward") turn = interval.end;
    if (end < Seconds(0) && name == "embedding backward") end = interval.begin;
  }
  if (begin < Seconds(0) || head < Seconds(0) || turn < Seconds(0) || end < Seconds(0)) return {};
  const double layers = walk.scenario.workload->model.layers;
  return {(head - begin) / layers, (end - turn) / layers};
}

/// Accelerators, line of chips and execution style.
std::string kind_of(const Scenario& scenario)
{
  const NodeModel& node = scenario.platform.node;
  return std::to_string(scenario.platform.nodes * node.accelerators) + " " + chip_line(node.chip.name) + " " +
         (scenario.workload ? name_of(scenario.workload->execution.kernels) : "none");
}

/// What a row's child process hands back: step, memory, forward and backward, in seconds and bytes, exactly.
std::string simulate_row(const RowScenario& row, MemoryKind kind, const DataFolder& data)
{
  const auto walk = prepare(read_scenario(row.file, row.overrides, data));
  finish(*walk, Where::this_process, TimeSeries::leave_out);
  const LayerTimes layer = walk->scenario.workload ? layer_times(*walk) : LayerTimes{};
  Bytes memory{};
  for (const MemoryNeed& need : walk->results.memory) memory = std::max(memory, need.of(kind));
  return exact_text(walk->results.step_time.base()) + " " + exact_text(memory.base()) + " " +
         exact_text(layer.forward.base()) + " " + exact_text(layer.backward.base()) + " " + kind_of(walk->scenario);
}

std::vector<double> errors_of(const std::vector<ValidatedRow>& rows, std::optional<double> ValidatedRow::*error)
{
  std::vector<double> errors;
  for (const ValidatedRow& row : rows)
    if (row.*error) errors.push_back(*(row.*error));
  return errors;
}

std::vector<double> joined(std::vector<double> first, const std::vector<double>& second)
{
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

std::vector<double> layer_errors(const std::vector<ValidatedRow>& rows)
{
  return joined(errors_of(rows, &ValidatedRow::forward_error), errors_of(rows, &ValidatedRow::backward_error));
}

std::vector<double> operation_errors(const std::vector<ValidatedOperation>& operations)
{
  std::vector<double> errors;
  for (const ValidatedOperation& op : operations)
    if (op.error) errors.push_back(*op.error);
  return errors;
}

std::string percent(double fraction)
{
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f %%", 100 * fraction);
  return text.data();
}

void hold(std::vector<std::string>& failures, const std::string& what, double error, const std::optional<double>& limit)
{
  if (limit && error > *limit) failures.push_back(what + " is " + percent(error) + ", above the " + percent(*limit) + " allowed");
}

} // namespace

ValidatedTable judge(PublishedTable published, std::vector<ValidatedRow> rows, std::vector<ValidatedSeries> series,
                     std::vector<ValidatedOperation> operations)
{
  ValidatedTable table;
  table.published = std::move(published);
  table.rows = std::move(rows);
  table.series = std::move(series);
  table.operations = std::move(operations);
  for (ValidatedRow& row : table.rows) {
    if (!row.problem.empty()) {
      table.failures.push_back("row " + row.published.id + " could not be simulated: " + row.problem);
      continue;
    }
    if (row.published.step) row.step_error = row.step / *row.published.step - 1;
    if (row.published.memory) row.memory_error = row.memory / *row.published.memory - 1;
    if (row.published.forward) row.forward_error = row.forward / *row.published.forward - 1;
    if (row.published.backward) row.backward_error = row.backward / *row.published.backward - 1;
  }
  table.step = summarise(errors_of(table.rows, &ValidatedRow::step_error));
  table.memory = summarise(errors_of(table.rows, &ValidatedRow::memory_error));
  table.layer = summarise(layer_errors(table.rows));
  table.operation = summarise(operation_errors(table.operations));
  const Tolerance& tolerance = table.published.tolerance;
  hold(table.failures, "the mean error of step times", table.step.mean, tolerance.mean_step);
  hold(table.failures, "the worst error of a step time", table.step.worst, tolerance.worst_step);
  hold(table.failures, "the mean error of memory", table.memory.mean, tolerance.mean_memory);
  hold(table.failures, "the worst error of memory", table.memory.worst, tolerance.worst_memory);
  hold(table.failures, "the mean error of layer times", table.layer.mean, tolerance.mean_layer);
  hold(table.failures, "the median error of single kernels", table.operation.median, tolerance.median_operation);
  for (const ValidatedOperation& op : table.operations)
    if (!op.problem.empty()) table.failures.push_back("operation " + op.published.id + " could not be timed: " + op.problem);
  for (const ValidatedSeries& one : table.series)
    for (const ValidatedPoint& point : one.points)
      if (!point.problem.empty())
        table.failures.push_back("series " + one.published.id + " could not be simulated at " + short_text(point.published.bytes) + ": " +
                                 point.problem);
  table.small = joined_errors(table.series, &ValidatedSeries::small);
  table.large = joined_errors(table.series, &ValidatedSeries::large);
  hold(table.failures, "the mean error of bus bandwidths below 16 MiB", table.small.mean, tolerance.mean_small);
  hold(table.failures, "the mean error of bus bandwidths from 16 MiB on", table.large.mean, tolerance.mean_large);
  hold(table.failures, "the worst error of a bus bandwidth below 16 MiB", table.small.worst, tolerance.worst_small);
  hold(table.failures, "the worst error of a bus bandwidth from 16 MiB on", table.large.worst, tolerance.worst_large);
  return table;
}

RowScenario scenario_of(const PublishedRow& row, const std::string& table_file, const std::vector<Override>& overrides)
{
  const std::filesystem::path folder = std::filesystem::path(table_file).parent_path();
  RowScenario scenario{(folder / row.scenario).lexically_normal().string(), {}};
  for (const auto& [path, value] : row.set) scenario.overrides.push_back({path, value});
  scenario.overrides.insert(scenario.overrides.end(), overrides.begin(), overrides.end());
  return scenario;
}

namespace {

ValidatedRow answer_of(const PublishedRow& published, const ChildAnswer& answer)
{
  ValidatedRow row;
  row.published = published;
  std::istringstream text(answer.text);
  std::vector<double> figures;
  std::string word;
  while (figures.size() < 5 && text >> word)
    if (const auto figure = parse_number(word)) figures.push_back(*figure);
  if (answer.failed || figures.size() != 5 || !(text >> row.chip_line >> row.kernels)) {
    row.problem = answer.text;
    return row;
  }
  row.step = Seconds(figures[0]);
  row.memory = Bytes(figures[1]);
  row.forward = Seconds(figures[2]);
  row.backward = Seconds(figures[3]);
  row.accelerators = static_cast<int>(figures[4]);
  return row;
}

} // namespace

void add(BandErrors& all, const ValidatedTable& table)
{
  all.small = joined(all.small, table.small);
  all.large = joined(all.large, table.large);
}

ValidatedTable validate(const std::string& file, const std::vector<Override>& overrides, const DataFolder& data)
{
  PublishedTable published = read_table(file);
  std::vector<std::function<std::string()>> simulations;
  for (const PublishedRow& row : published.rows)
    simulations.emplace_back([scenario = scenario_of(row, file, overrides), kind = published.memory_kind, &data] { return simulate_row(scenario, kind, data); });
  constexpr std::size_t at_a_time = 2;
  const std::vector<ChildAnswer> answers = run_in_children(simulations, at_a_time);

  std::vector<ValidatedRow> rows;
  for (std::size_t r = 0; r < answers.size(); ++r) rows.push_back(answer_of(published.rows[r], answers[r]));
  const std::string folder = std::filesystem::path(file).parent_path().string();
  std::vector<ValidatedSeries> series = simulate_series(published.series, folder, overrides, data);
  std::vector<ValidatedOperation> operations = time_operations(published.operations, data);
  return judge(std::move(published), std::move(rows), std::move(series), std::move(operations));
}

namespace {

FamilySummary summary_of(const std::string& name, const std::vector<const ValidatedTable*>& tables)
{
  std::vector<double> step, memory, layer, operation;
  for (const ValidatedTable* table : tables) {
    step = joined(step, errors_of(table->rows, &ValidatedRow::step_error));
    memory = joined(memory, errors_of(table->rows, &ValidatedRow::memory_error));
    layer = joined(layer, layer_errors(table->rows));
    operation = joined(operation, operation_errors(table->operations));
  }
  return {name, summarise(step), summarise(memory), summarise(layer), summarise(operation)};
}

const std::string& family_of(const ValidatedTable& table)
{
  return table.published.family.empty() ? table.published.title : table.published.family;
}

} // namespace

std::vector<FamilySummary> by_family(const std::vector<ValidatedTable>& tables)
{
  std::vector<FamilySummary> families;
  for (const ValidatedTable& first : tables) {
    if (first.rows.empty() && first.operations.empty()) continue;
    const std::string& name = family_of(first);
    if (std::any_of(families.begin(), families.end(), [&name](const FamilySummary& f) { return f.name == name; })) continue;
    std::vector<const ValidatedTable*> members;
    for (const ValidatedTable& table : tables)
      if (family_of(table) == name) members.push_back(&table);
    families.push_back(summary_of(name, members));
  }
  return families;
}

FamilySummary all_families(const std::vector<ValidatedTable>& tables)
{
  std::vector<const ValidatedTable*> all;
  for (const ValidatedTable& table : tables) all.push_back(&table);
  return summary_of("all", all);
}

} // namespace weft
