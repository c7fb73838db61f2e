// A small training job and what the tests count in it.
#pragma once
#include "job/build.hpp"

#include "model/decoder.hpp"

#include <map>
#include <string>

namespace weft::job_test {

/// Eight layers on a pretend chip; 64 samples.
inline Scenario small(int tp, int pp, int dp)
{
  Scenario s;
  s.file = "test";
  Chip& chip = s.platform.node.chip;
  chip.name = "test";
  chip.peak[Precision::bf16] = FlopRate(100e12);
  chip.memory = Bytes(80e9);
  chip.memory_bandwidth = Bandwidth(1e12);
  s.platform.nodes = tp * pp * dp;
  s.workload.emplace();
  ModelShape& m = s.workload->model;
  m.name = "small";
  m.layers = 8;
  m.hidden = 512;
  m.heads = 8;
  m.vocabulary = 1024;
  s.workload->sequence = 256;
  s.workload->batch = 64;
  s.plan.tp = tp;
  s.plan.pp = pp;
  s.plan.dp = dp;
  s.plan.microbatch = 2;
  return s;
}

/// How many tasks of a program use a payload of that name.
inline std::map<std::string, int> communications(const Job& job, std::size_t role)
{
  std::map<std::string, int> count;
  for (const Task& t : job.programs[role].tasks)
    if (t.kind == TaskKind::communicate) count[job.payloads[t.what].name]++;
  return count;
}

/// Model flops of all ranks together.
inline double all_flops(const Job& job)
{
  double total = 0;
  for (const Rank& r : job.ranks)
    for (const Task& t : job.programs[r.role.index()].tasks)
      if (t.kind == TaskKind::compute) total += job.works[t.what].model_flops.base();
  return total;
}

/// Bytes of all payloads of a program whose names begin so, each as often as a task uses it.
inline double communicated(const Job& job, std::size_t role, const std::string& name)
{
  double bytes = 0;
  for (const Task& t : job.programs[role].tasks)
    if (t.kind == TaskKind::communicate && job.payloads[t.what].name.starts_with(name)) bytes += job.payloads[t.what].bytes.base();
  return bytes;
}

/// Members of the rank's group in a slot, empty where it has none.
inline std::vector<std::uint32_t> group(const Job& job, std::uint32_t rank, std::size_t slot)
{
  std::vector<std::uint32_t> members;
  const std::uint32_t number = job.group_of(RankId{rank}, slot);
  if (number != Job::no_group)
    for (const RankId member : job.groups[number].members) members.push_back(member.value);
  return members;
}

/// The small job with 8 routed experts of which a token visits 2, one shared one, behind two dense layers.
inline Scenario small_experts(int tp, int pp, int dp)
{
  Scenario s = small(tp, pp, dp);
  ModelShape& m = s.workload->model;
  m.activation = Activation::swiglu;
  m.biases = false;
  m.dropout = 0;
  m.experts = {.count = 8, .active = 2, .ffn = 256, .shared_ffn = 128, .dense_layers = 2};
  s.plan.sequence_parallel = tp > 1;
  return s;
}

} // namespace weft::job_test
