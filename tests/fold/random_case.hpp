// Random small training steps put together by hand: stages, replicas and tensor ranks on nodes under leaves and spines, with whatever
// breaks symmetry. Programs are cut from one global sequence of operations, so they can never deadlock.
#pragma once
#include "fold/hand_made.hpp"

#include <algorithm>
#include <map>

namespace weft::hand_made {

/// Counter-based draws (splitmix64; Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
class Draws {
public:
  explicit Draws(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15U + 1) {}
  std::uint64_t bits()
  {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  /// A whole number below `end`.
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(bits() % end); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  template <class T> const T& of(const std::vector<T>& list) { return list[below(static_cast<std::uint32_t>(list.size()))]; }

private:
  std::uint64_t state_;
};

/// A grid of ranks on a two-level tree.
class RandomStep {
public:
  explicit RandomStep(std::uint64_t seed) : draw_(seed)
  {
    shape();
    machine();
    people();
    groups();
    programs();
  }
  Case built;
  Fidelity fidelity = Fidelity::coupled;

private:
  enum Slots : std::uint8_t { tensor, data, forward_send, forward_receive, backward_send, backward_receive };
  enum Lanes : std::uint8_t { compute, tensor_lane, data_lane, send_lane, receive_lane };

  void shape()
  {
    stages_ = 1 + draw_.below(3);
    replicas_ = 1 + draw_.below(4);
    tensor_ranks_ = draw_.of(std::vector<std::uint32_t>{1, 2, 2, 4});
    node_ = draw_.of(std::vector<std::uint32_t>{1, 2, 4, 8});
    nodes_per_leaf_ = 1 + draw_.below(4);
    spines_ = 1 + draw_.below(3);
    routing_ = draw_.below(3);
    data_fastest_ = draw_.one_in(3);
    shared_adapter_ = draw_.one_in(3);
    if (draw_.one_in(2)) fidelity = Fidelity::edges;
    if (draw_.one_in(2)) { // tensor groups of their own inside nodes
      node_ = tensor_ranks_;
      data_fastest_ = false;
    }
    // Some steps are orderly, some all over the place; some machines whole, some not.
    disorder_ = draw_.of(std::vector<std::uint32_t>{5, 20, 20, 1000, 1000, 1000});
    broken_ = draw_.one_in(2);
  }
  std::uint32_t ranks() const { return stages_ * replicas_ * tensor_ranks_; }
  std::uint32_t rank_at(std::uint32_t stage, std::uint32_t replica, std::uint32_t t) const
  {
    return data_fastest_ ? (stage * tensor_ranks_ + t) * replicas_ + replica : (stage * replicas_ + replica) * tensor_ranks_ + t;
  }
  std::uint32_t stage_of(std::uint32_t rank) const { return rank / (replicas_ * tensor_ranks_); }
  std::uint32_t node_of(std::uint32_t rank) const { return rank / node_; }
  std::uint32_t leaf_of(std::uint32_t rank) const { return node_of(rank) / nodes_per_leaf_; }

  void machine()
  {
    const double scaleup = draw_.one_in(2) ? 300e9 : 100e9, adapter = 25e9, trunk = draw_.one_in(2) ? 25e9 : 40e9;
    for (std::uint32_t r = 0; r < ranks(); ++r) {
      inside_up_.push_back(built.link(Bandwidth(scaleup), 0));
      inside_down_.push_back(built.link(Bandwidth(scaleup), 1));
      const bool own = !shared_adapter_ || r % node_ == 0;
      out_.push_back(own ? built.link(Bandwidth(adapter), 2) : out_.back());
      in_.push_back(own ? built.link(Bandwidth(adapter), 3) : in_.back());
    }
    for (std::uint32_t leaf = 0; leaf <= leaf_of(ranks() - 1); ++leaf) {
      for (std::uint32_t s = 0; s < spines_; ++s) {
        up_.push_back(built.link(Bandwidth(trunk), 4));
        down_.push_back(built.link(Bandwidth(trunk), 5));
      }
    }
    if (broken_ && draw_.one_in(2)) built.fabric.links[draw_.below(static_cast<std::uint32_t>(built.fabric.links.size()))].capacity *= 0.5;
  }

  void people()
  {
    for (const char* name : {"compute", "tp", "dp", "send", "receive"}) built.lane(name);
    for (const char* name : {"tp", "dp", "forward send", "forward receive", "backward send", "backward receive"}) built.slot(name);
    for (std::uint32_t s = 0; s < stages_; ++s) built.role();
    const std::uint32_t slow = broken_ && draw_.one_in(2) ? draw_.below(ranks()) : ranks();
    for (std::uint32_t r = 0; r < ranks(); ++r) built.rank(stage_of(r), r == slow ? 1.37 : 1.0);
    for (std::uint32_t i = 0; i < 3; ++i) works_.push_back(built.work(Seconds(1e-4 * (1 + draw_.below(9)))));
    tensor_payloads_ = {built.payload(Bytes(8e6)), built.payload(Bytes(3e6))};
    data_payloads_ = {built.payload(Bytes(4e7)), built.payload(Bytes(1e7))};
    message_ = built.payload(Bytes(5e6));
  }

  /// Adds the links between two ranks, each weighing `weight` times the share that crosses it.
  void charge(std::map<std::uint32_t, double>& on, std::uint32_t from, std::uint32_t to, double weight)
  {
    if (node_of(from) == node_of(to)) {
      on[inside_up_[from]] += weight;
      on[inside_down_[to]] += weight;
      return;
    }
    on[out_[from]] += weight;
    on[in_[to]] += weight;
    if (leaf_of(from) == leaf_of(to)) return;
    const std::uint32_t a = leaf_of(from) * spines_, b = leaf_of(to) * spines_;
    if (routing_ == 0) { // sprayed
      for (std::uint32_t s = 0; s < spines_; ++s) {
        on[up_[a + s]] += weight / spines_;
        on[down_[b + s]] += weight / spines_;
      }
      return;
    }
    const std::uint32_t spine = routing_ == 1 ? to % spines_ : Draws(from * 1000 + to).below(spines_);
    on[up_[a + spine]] += weight;
    on[down_[b + spine]] += weight;
  }

  static std::vector<Charge> charges(const std::map<std::uint32_t, double>& on)
  {
    std::vector<Charge> list;
    for (const auto& [link, weight] : on) list.push_back({link, weight});
    return list;
  }

  /// The ring's flows: one, or one per edge.
  std::vector<std::uint32_t> ring(std::uint32_t group)
  {
    const std::vector<RankId> members = built.job.groups[group].members;
    const double weight = 2.0 * static_cast<double>(members.size() - 1) / static_cast<double>(members.size());
    std::vector<std::uint32_t> flows;
    std::map<std::uint32_t, double> on;
    for (std::size_t i = 0; i < members.size(); ++i) {
      charge(on, members[i].value, members[(i + 1) % members.size()].value, weight);
      if (fidelity != Fidelity::edges) continue;
      flows.push_back(built.flow(group, charges(on)));
      on.clear();
    }
    if (!on.empty()) flows.push_back(built.flow(group, charges(on)));
    return flows;
  }

  void collective(std::uint8_t kind, const std::vector<std::pair<std::uint32_t, std::uint8_t>>& members)
  {
    const std::uint32_t group = built.group(kind, members);
    const std::vector<std::uint32_t> flows = ring(group);
    bool crosses = false;
    for (const auto& [member, slot] : members) crosses = crosses || node_of(member) != node_of(members.front().first);
    for (const std::uint32_t payload : built.traffic.payloads_of[kind]) {
      std::vector<FlowUse> uses;
      for (const std::uint32_t flow : flows) uses.push_back({flow, built.job.payloads[payload].bytes});
      const Seconds latency(crosses ? 2e-5 : 6e-6);
      if (two_phases_)
        built.transfer(group, {{latency, uses}, {latency * 0.5, uses}});
      else
        built.transfer(group, {{latency, uses}});
    }
  }

  void pair(std::uint8_t kind, std::uint32_t from, std::uint8_t send, std::uint32_t to, std::uint8_t receive)
  {
    const std::uint32_t group = built.group(kind, {{from, send}, {to, receive}});
    std::map<std::uint32_t, double> on;
    charge(on, from, to, 1);
    const std::uint32_t flow = built.flow(group, charges(on));
    built.transfer(group, {{Seconds(1e-5), {{flow, built.job.payloads[message_].bytes}}}});
  }

  void groups()
  {
    two_phases_ = draw_.one_in(3);
    const std::uint8_t tp = built.group_kind("tp", tensor_payloads_), dp = built.group_kind("dp", data_payloads_);
    const std::uint8_t forward = built.group_kind("forward", {message_}), backward = built.group_kind("backward", {message_});
    for (std::uint32_t s = 0; s < stages_; ++s) {
      for (std::uint32_t d = 0; d < replicas_ && tensor_ranks_ > 1; ++d) {
        std::vector<std::pair<std::uint32_t, std::uint8_t>> members;
        for (std::uint32_t t = 0; t < tensor_ranks_; ++t) members.emplace_back(rank_at(s, d, t), tensor);
        collective(tp, members);
      }
      for (std::uint32_t t = 0; t < tensor_ranks_ && replicas_ > 1; ++t) {
        std::vector<std::pair<std::uint32_t, std::uint8_t>> members;
        for (std::uint32_t d = 0; d < replicas_; ++d) members.emplace_back(rank_at(s, d, t), data);
        collective(dp, members);
      }
      for (std::uint32_t d = 0; d < replicas_ && s + 1 < stages_; ++d) {
        for (std::uint32_t t = 0; t < tensor_ranks_; ++t) {
          pair(forward, rank_at(s, d, t), forward_send, rank_at(s + 1, d, t), forward_receive);
          pair(backward, rank_at(s + 1, d, t), backward_send, rank_at(s, d, t), backward_receive);
        }
      }
    }
  }

  /// Waits for the last task of that role on another lane, or, now and then, for any task.
  std::vector<std::uint32_t> waits(std::uint32_t role, std::uint8_t lane)
  {
    const Program& program = built.job.programs[role];
    const auto tasks = static_cast<std::uint32_t>(program.tasks.size());
    std::vector<std::uint32_t> list;
    if (tasks == 0) return list;
    if (!draw_.one_in(disorder_)) list.push_back(tasks - 1);
    if (lane == compute && draw_.one_in(disorder_)) list.push_back(draw_.below(tasks));
    return list;
  }
  void work(std::uint32_t role)
  {
    // Mostly on the compute lane; now and then on another stream.
    const std::uint8_t lane = draw_.one_in(2 * disorder_) ? tensor_lane : compute;
    built.compute(role, lane, draw_.of(works_), waits(role, lane));
  }
  void layers(std::uint32_t role)
  {
    for (std::uint32_t n = 1 + draw_.below(4); n > 0; --n) {
      work(role);
      if (draw_.one_in(4)) work(role);
      if (tensor_ranks_ > 1) built.communicate(role, tensor_lane, tensor, draw_.of(tensor_payloads_), waits(role, tensor_lane));
      if (replicas_ > 1 && draw_.one_in(6)) built.communicate(role, data_lane, data, draw_.of(data_payloads_), waits(role, data_lane));
    }
  }
  void programs()
  {
    for (std::uint32_t microbatch = 1 + draw_.below(3); microbatch > 0; --microbatch) {
      for (std::uint32_t s = 0; s < stages_; ++s) {
        layers(s);
        if (s + 1 == stages_) continue;
        built.communicate(s, send_lane, forward_send, message_, waits(s, send_lane));
        built.communicate(s + 1, receive_lane, forward_receive, message_, {});
      }
      for (std::uint32_t s = stages_; s-- > 0;) {
        layers(s);
        if (s == 0) continue;
        built.communicate(s, send_lane, backward_send, message_, waits(s, send_lane));
        built.communicate(s - 1, receive_lane, backward_receive, message_, {});
      }
    }
    for (std::uint32_t s = 0; s < stages_; ++s) {
      if (replicas_ > 1) built.communicate(s, data_lane, data, data_payloads_[0], waits(s, data_lane));
      work(s);
    }
  }

  Draws draw_;
  std::uint32_t stages_ = 1, replicas_ = 1, tensor_ranks_ = 1, node_ = 1, nodes_per_leaf_ = 1, spines_ = 1, routing_ = 0;
  std::uint32_t disorder_ = 1000;
  bool broken_ = false, data_fastest_ = false, shared_adapter_ = false, two_phases_ = false;
  std::vector<std::uint32_t> inside_up_, inside_down_, out_, in_, up_, down_, works_, tensor_payloads_, data_payloads_;
  std::uint32_t message_ = 0;
};

} // namespace weft::hand_made
