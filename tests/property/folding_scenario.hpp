// Random small training scenarios over every kind of fabric, plan, routing and fault. Built through the same rooms as a user's scenario.
#pragma once
#include "fabric/fabric.hpp"
#include "fold/random_case.hpp"
#include "job/build.hpp"
#include "spec/scenario.hpp"

#include <string>

namespace weft::folding_test {

inline int ranks_of(const Plan& plan) { return plan.tp * plan.cp * plan.pp * plan.dp; }

class RandomScenario {
public:
  explicit RandomScenario(std::uint64_t seed) : draw_(seed)
  {
    node();
    network();
    library();
    workload();
    plan();
    if (draw_.one_in(4)) context();
    if (draw_.one_in(3)) experts();
    if (scenario.plan.zero != Zero::off && draw_.one_in(2)) zero_group();
    // The machine has room for the plan and, now and then, a node too many, so that leaves are filled unevenly.
    const int ranks = ranks_of(scenario.plan), per_node = scenario.platform.node.accelerators;
    scenario.platform.nodes = std::max(2, (ranks + per_node - 1) / per_node + (draw_.one_in(3) ? 1 : 0));
    fabric_settings();
    faults();
    engine();
  }
  Scenario scenario;

private:
  int pick(const std::vector<int>& list) { return draw_.of(list); }
  Node yaml(const std::string& text) { return read_yaml_text(text, "folding"); }
  static LinkMedium medium(const char* name, double bandwidth)
  {
    LinkMedium m;
    m.name = name;
    m.bandwidth = Bandwidth(bandwidth);
    m.latency = Seconds(2e-7);
    return m;
  }

  void node()
  {
    NodeModel& n = scenario.platform.node;
    n.name = "node";
    n.scaleup = draw_.of(std::vector<std::string>{"nvswitch", "nvswitch", "nvswitch", "hybrid-cube-mesh", "none"});
    n.accelerators = n.scaleup == "hybrid-cube-mesh" ? 8 : pick({1, 2, 4, 4});
    n.scaleup_settings = n.scaleup == "nvswitch" && draw_.one_in(2) ? yaml("{reduces: true}") : yaml("{}");
    n.chip.name = "chip";
    n.chip.scaleup_link = n.scaleup == "none" ? "" : "scaleup";
    n.chip.scaleup_links = n.scaleup == "none" ? 0 : 6;
    n.chip.peak[Precision::bf16] = FlopRate(100e12);
    n.chip.memory = Bytes(80e9);
    n.chip.memory_bandwidth = Bandwidth(1e12);
    n.scaleup_medium = medium("scaleup", 25e9);
    n.adapters.name = "adapter";
    n.adapters.count = draw_.one_in(3) ? std::max(1, n.accelerators / 2) : n.accelerators;
    n.adapters.bandwidth = Bandwidth(12.5e9);
    n.adapters.latency = Seconds(3e-7);
    n.adapters.host_link = "host";
    n.host_medium = medium("host", 16e9);
  }
  void network()
  {
    FabricModel& f = scenario.platform.fabric;
    f.kind = draw_.of(std::vector<std::string>{"fat-tree", "fat-tree", "rail-optimized", "rail-optimized", "leaf-spine", "graph"});
    f.switch_model.name = "switch";
    f.switch_model.latency = Seconds(2e-7);
    f.switch_model.port_bandwidth = Bandwidth(12.5e9);
    f.access = medium("access", 12.5e9);
    f.trunk = medium("trunk", 12.5e9);
    scenario.platform.routing = draw_.of(std::vector<std::string>{"deterministic", "ecmp", "spray"});
  }
  /// Small switches, so that small machines need several; an oversubscribed leaf now and then.
  void fabric_settings()
  {
    FabricModel& f = scenario.platform.fabric;
    const Platform& p = scenario.platform;
    const int ends = p.nodes * p.node.adapters.count;
    f.switch_model.ports = std::max({4 * p.node.adapters.count, pick({8, 16}), p.nodes > 32 ? 16 : 0}); // 8 ports join few units
    const std::string oversubscription = draw_.one_in(3) ? "2" : "1";
    if (f.kind == "fat-tree") f.settings = yaml("{oversubscription: " + oversubscription + "}");
    if (f.kind == "rail-optimized") f.settings = yaml("{unit-nodes: " + std::to_string(std::min(p.nodes, pick({2, 4}))) + "}");
    if (f.kind == "leaf-spine") {
      const int leaves = std::min(p.nodes, pick({2, 3}));
      f.switch_model.ports = std::max(64, 2 * ends);
      f.settings = yaml("{leaves: " + std::to_string(leaves) + ", spines: " + std::to_string(pick({1, 2, 3})) + "}");
    }
    if (f.kind == "graph") {
      f.switch_model.ports = 1000;
      f.settings = yaml(graph());
    }
  }
  /// A ring of three switches with one chord's weight doubled; nodes hang on them unevenly.
  std::string graph()
  {
    const Platform& p = scenario.platform;
    std::string links;
    for (int n = 0; n < p.nodes; ++n) {
      for (int k = 0; k < p.node.adapters.count; ++k) {
        links += "{from: node" + std::to_string(n) + "/nic" + std::to_string(k) + ", to: s" + std::to_string(n / 2 % 3) + "}, ";
      }
    }
    return "{switches: [{name: s0}, {name: s1}, {name: s2}], links: [" + links + "{from: s0, to: s1}, {from: s1, to: s2, count: 2}, {from: s2, to: s0}]}";
  }
  void library()
  {
    CollectiveLibrary& l = scenario.platform.library;
    l.name = "library";
    for (const double scale : {0.25, 1.0}) {
      CollectiveLibrary::Protocol p;
      p.name = scale < 1 ? "LL" : "Simple";
      p.bandwidth_share = scale < 1 ? 0.5 : 1;
      p.base_ring = p.base_tree = Seconds(8e-6 * scale);
      p.step_scaleup_ring = p.step_scaleup_tree = Seconds(3e-6 * scale);
      p.step_host_ring = p.step_host_tree = Seconds(5e-6 * scale);
      p.step_network_ring = p.step_network_tree = Seconds(1e-5 * scale);
      l.protocols.push_back(p);
    }
    l.step_in_switch = Seconds(2e-5);
    l.step_in_switch_network = Seconds(1e-5);
    l.in_switch = draw_.one_in(2);
    l.point_to_point = Seconds(4e-6);
  }
  void workload()
  {
    Workload w;
    w.model.name = "model";
    w.model.layers = 4;
    w.model.hidden = 512;
    w.model.heads = 8;
    w.model.vocabulary = 1024;
    w.model.tied_embeddings = draw_.one_in(2);
    w.sequence = pick({256, 1024});
    scenario.workload = w;
  }
  void plan()
  {
    Plan& p = scenario.plan;
    p.tp = pick({1, 2, 2, 4});
    p.pp = pick({1, 2, 4});
    p.dp = pick({1, 2, 3, 4});
    p.microbatch = 1;
    const int microbatches = pick({1, 2}) * p.pp;
    scenario.workload->batch = microbatches * p.dp;
    p.schedule = p.pp > 1 && p.pp < 4 && draw_.one_in(4) ? "interleaved-1f1b" : draw_.one_in(3) ? "gpipe" : "1f1b";
    if (p.schedule == "interleaved-1f1b") p.virtual_stages = 2;
    p.sequence_parallel = p.tp > 1 && draw_.one_in(2);
    p.recompute = static_cast<Recompute>(draw_.below(3));
    p.zero = draw_.of(std::vector<Zero>{Zero::off, Zero::off, Zero::optimizer, Zero::optimizer, Zero::gradients, Zero::parameters});
    p.scatter_gather = draw_.one_in(2) ? ScatterGather::all : draw_.one_in(2) ? ScatterGather::activations : ScatterGather::off;
    p.overlap.gradients = draw_.one_in(2);
    p.overlap.parameters = p.zero != Zero::off && p.overlap.gradients && draw_.one_in(2);
    p.overlap.pipeline = draw_.one_in(2);
    p.order = draw_.of(std::vector<std::string>{"tp-dp-pp", "tp-dp-pp", "tp-pp-dp", "dp-tp-pp", "pp-dp-tp", "dp-pp-tp"});
  }
  void context()
  {
    Plan& p = scenario.plan;
    p.cp = pick({2, 2, 4});
    if (ranks_of(p) > 64) { // more than small switches join
      p.cp = 1;
      return;
    }
    p.context = static_cast<ContextExchange>(draw_.below(3));
    if (p.context == ContextExchange::all_to_all && 8 / p.tp % p.cp != 0) p.context = ContextExchange::ring;
    if (p.context == ContextExchange::ring && p.order == "dp-tp-pp") p.order = "cp-tp-dp-pp";
  }
  /// Experts spread in any way that divides the ranks of a stage; pp last, so that both layouts have the same stages.
  void experts()
  {
    Plan& p = scenario.plan;
    scenario.workload->model.experts = {.count = 8, .active = 2, .ffn = 256, .shared_ffn = draw_.one_in(2) ? 128 : 0, .dense_layers = 1};
    if (draw_.one_in(3)) scenario.workload->execution.expert_imbalance = 0.5;
    p.sequence_parallel = p.tp > 1;
    p.order = draw_.of(std::vector<std::string>{"tp-cp-ep-dp-pp", "tp-ep-cp-dp-pp", "cp-ep-tp-dp-pp"});
    p.overlap.experts = draw_.one_in(2);
    p.etp = pick({0, 1, 2});
    const int stage = p.tp * p.cp * p.dp, etp = expert_tensor(p);
    if (stage % etp != 0) p.etp = 1;
    std::vector<int> degrees;
    for (const int ep : {1, 2, 4, 8})
      if (stage % (ep * expert_tensor(p)) == 0) degrees.push_back(ep);
    p.ep = degrees.back() > 1 && !draw_.one_in(3) ? degrees.back() : draw_.of(degrees);
    if (scenario.platform.node.accelerators % (expert_tensor(p) * p.ep) == 0 || expert_tensor(p) * p.ep % scenario.platform.node.accelerators == 0)
      p.dispatch = expert_tensor(p) == 1 && draw_.one_in(2) ? Dispatch::node_limited : Dispatch::direct;
  }
  void zero_group()
  {
    Plan& p = scenario.plan;
    const int replicas = p.cp * p.dp, experts = replicas * p.tp / (expert_tensor(p) * p.ep);
    const int group = pick({1, 2, 4});
    if (replicas % group == 0 && (experts <= group || experts % group == 0)) p.zero_group = group;
  }
  void faults()
  {
    const int ranks = ranks_of(scenario.plan);
    if (draw_.one_in(3)) scenario.faults.stragglers.push_back({static_cast<int>(draw_.below(static_cast<std::uint32_t>(ranks))), 1.25});
    if (!draw_.one_in(3)) return;
    const Fabric whole = build_fabric(scenario.platform);
    const Link& link = whole.links[draw_.below(static_cast<std::uint32_t>(whole.links.size()))];
    scenario.faults.links.push_back({whole.vertices[link.from.index()].name, whole.vertices[link.to.index()].name, 0.5});
  }
  void engine()
  {
    scenario.engine.fidelity = draw_.one_in(3) ? Fidelity::edges : Fidelity::coupled;
    scenario.engine.utilisation_bins = 1;
    scenario.engine.seed = static_cast<int>(draw_.below(1000));
  }

  hand_made::Draws draw_;
};

/// What was drawn, for the message of a failure.
inline std::string words(const Scenario& s)
{
  return s.platform.node.scaleup + " x" + std::to_string(s.platform.node.accelerators) + ", " + s.platform.fabric.kind + " of " + std::to_string(s.platform.nodes) +
         " nodes, " + s.platform.routing + ", tp" + std::to_string(s.plan.tp) + " pp" + std::to_string(s.plan.pp) + " dp" + std::to_string(s.plan.dp) + " cp" + std::to_string(s.plan.cp) + " ep" + std::to_string(s.plan.ep) + " etp" + std::to_string(s.plan.etp) + " " + s.plan.order +
         ", " + s.plan.schedule + ", " + name_of(s.engine.fidelity) + (s.faults.stragglers.empty() ? "" : ", straggler") + (s.faults.links.empty() ? "" : ", degraded link");
}

} // namespace weft::folding_test
