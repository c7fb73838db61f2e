// Picks representatives and adds up weights. An identity colouring goes through the same lines and copies the traffic.
#include "fold/quotient.hpp"

#include "config/error.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace weft {
namespace {

constexpr std::uint32_t none = Folding::no_class;

/// Lowest member of each class.
std::vector<std::uint32_t> representatives(const std::vector<std::uint32_t>& class_of, std::size_t classes)
{
  std::vector<std::uint32_t> lowest(classes, none);
  for (std::uint32_t i = 0; i < class_of.size(); ++i) {
    if (class_of[i] != none && lowest[class_of[i]] == none) lowest[class_of[i]] = i;
  }
  return lowest;
}

std::vector<std::uint32_t> sizes(const std::vector<std::uint32_t>& class_of, std::size_t classes)
{
  std::vector<std::uint32_t> size(classes, 0);
  for (const std::uint32_t c : class_of) {
    if (c != none) ++size[c];
  }
  return size;
}

std::vector<RankClass> rank_classes(const Job& job, const Colouring& colouring)
{
  const auto lowest = representatives(colouring.rank_class, colouring.ranks);
  const auto size = sizes(colouring.rank_class, colouring.ranks);
  std::vector<RankClass> classes(colouring.ranks);
  for (std::size_t c = 0; c < classes.size(); ++c) {
    classes[c].ranks = size[c];
    classes[c].representative = RankId{lowest[c]};
    classes[c].group_of_slot.assign(job.slots.size(), Job::no_group);
    for (std::size_t slot = 0; slot < job.slots.size(); ++slot) {
      const std::uint32_t group = job.group_of(classes[c].representative, slot);
      if (group != Job::no_group) classes[c].group_of_slot[slot] = colouring.group_class[group];
    }
  }
  return classes;
}

/// Distinct (rank class, slot) pairs by which members take part in a group.
std::uint32_t count_arrivals(const Job& job, const Colouring& colouring, std::uint32_t group)
{
  std::vector<std::pair<std::uint32_t, std::size_t>> arrivals;
  for (const RankId member : job.groups[group].members) {
    for (std::size_t slot = 0; slot < job.slots.size(); ++slot) {
      if (job.group_of(member, slot) == group) arrivals.emplace_back(colouring.rank_class[member.index()], slot);
    }
  }
  std::sort(arrivals.begin(), arrivals.end());
  return static_cast<std::uint32_t>(std::unique(arrivals.begin(), arrivals.end()) - arrivals.begin());
}

std::vector<GroupClass> group_classes(const Job& job, const Colouring& colouring)
{
  const auto lowest = representatives(colouring.group_class, colouring.groups);
  const auto size = sizes(colouring.group_class, colouring.groups);
  std::vector<GroupClass> classes(colouring.groups);
  for (std::size_t c = 0; c < classes.size(); ++c) classes[c] = {size[c], GroupId{lowest[c]}, count_arrivals(job, colouring, lowest[c])};
  return classes;
}

std::vector<LinkClass> link_classes(const Fabric& fabric, const Colouring& colouring)
{
  const auto lowest = representatives(colouring.link_class, colouring.links);
  const auto size = sizes(colouring.link_class, colouring.links);
  std::vector<LinkClass> classes(colouring.links);
  for (std::size_t c = 0; c < classes.size(); ++c) classes[c] = {size[c], LinkId{lowest[c]}, fabric.links[lowest[c]].capacity};
  return classes;
}

/// Flows of the quotient: what all flows of a class put on the representative of each link class.
void fold_flows(const Traffic& traffic, const Colouring& colouring, const std::vector<LinkClass>& links, Traffic& into)
{
  std::vector<std::uint8_t> represents(colouring.link_class.size(), 0);
  for (const LinkClass& link : links) represents[link.representative.index()] = 1;
  struct Share {
    std::uint32_t flow, link;
    double weight;
  };
  std::vector<Share> shares;
  for (std::uint32_t flow = 0; flow < traffic.flows.size(); ++flow) {
    for (const Charge& charge : traffic.charges_of(flow)) {
      if (represents[charge.link]) shares.push_back({colouring.flow_class[flow], colouring.link_class[charge.link], charge.weight});
    }
  }
  const auto before = [](const Share& a, const Share& b) { return a.flow != b.flow ? a.flow < b.flow : a.link < b.link; };
  std::stable_sort(shares.begin(), shares.end(), before);
  into.flows.resize(colouring.flows);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    Flow& flow = into.flows[shares[i].flow];
    if (flow.charges > 0 && shares[i].link == shares[i - 1].link) {
      into.charges.back().weight += shares[i].weight;
      continue;
    }
    if (flow.charges++ == 0) flow.first_charge = static_cast<std::uint32_t>(into.charges.size());
    into.charges.push_back({shares[i].link, shares[i].weight});
  }
  const auto lowest = representatives(colouring.flow_class, colouring.flows);
  for (const std::uint32_t flow : lowest) into.flow_group.push_back(colouring.group_class[traffic.flow_group[flow]]);
}

/// Copies one phase; flows of one class are one flow of the quotient, used once.
TransferPhase fold_phase(const Traffic& traffic, const TransferPhase& phase, const Colouring& colouring, Traffic& into)
{
  TransferPhase folded{phase.latency, static_cast<std::uint32_t>(into.uses.size()), 0};
  const auto first = traffic.uses.begin() + phase.first_use;
  std::vector<FlowUse> uses(first, first + phase.uses);
  std::stable_sort(uses.begin(), uses.end(), [&](const FlowUse& a, const FlowUse& b) {
    const std::uint32_t ca = colouring.flow_class[a.flow], cb = colouring.flow_class[b.flow];
    return ca != cb ? ca < cb : a.flow < b.flow;
  });
  std::uint32_t kept = none; // the flow that stands for its class in this phase
  for (const FlowUse& use : uses) {
    const std::uint32_t c = colouring.flow_class[use.flow];
    if (kept == none || colouring.flow_class[kept] != c) kept = use.flow;
    if (use.flow == kept) into.uses.push_back({c, use.bytes});
  }
  folded.uses = static_cast<std::uint32_t>(into.uses.size()) - folded.first_use;
  return folded;
}

Transfer fold_transfer(const Traffic& traffic, const Transfer& transfer, const Colouring& colouring, Traffic& into)
{
  Transfer folded = transfer;
  folded.first_phase = static_cast<std::uint32_t>(into.phases.size());
  for (std::uint32_t p = 0; p < transfer.phases; ++p) {
    into.phases.push_back(fold_phase(traffic, traffic.phases[transfer.first_phase + p], colouring, into));
  }
  for (auto& step : folded.steps) {
    for (StepMessage& message : step) message.flow = colouring.flow_class[message.flow];
  }
  return folded;
}

void fold_transfers(const Traffic& traffic, const Colouring& colouring, const std::vector<GroupClass>& groups, Traffic& into)
{
  into.payloads_of = traffic.payloads_of;
  into.transfer_of.resize(groups.size());
  for (std::size_t c = 0; c < groups.size(); ++c) {
    std::map<std::uint32_t, std::uint32_t> folded; // of this group: transfer -> its image; payloads may share one
    for (const std::uint32_t transfer : traffic.transfer_of[groups[c].representative.index()]) {
      const auto [at, added] = folded.try_emplace(transfer, static_cast<std::uint32_t>(into.transfers.size()));
      if (added) into.transfers.push_back(fold_transfer(traffic, traffic.transfers[transfer], colouring, into));
      into.transfer_of[c].push_back(at->second);
    }
  }
}

} // namespace

Folding quotient(const Job& job, const Traffic& traffic, const Fabric& fabric, Colouring colouring)
{
  if (traffic.transfer_of.size() != job.groups.size() || traffic.flow_group.size() != traffic.flows.size()) {
    throw LogicError("the traffic does not belong to the job: " + std::to_string(traffic.transfer_of.size()) + " groups of " +
                     std::to_string(job.groups.size()));
  }
  Folding folding;
  folding.job = &job;
  folding.ranks = rank_classes(job, colouring);
  folding.groups = group_classes(job, colouring);
  folding.links = link_classes(fabric, colouring);
  fold_flows(traffic, colouring, folding.links, folding.traffic);
  fold_transfers(traffic, colouring, folding.groups, folding.traffic);
  folding.total_flows = traffic.flows.size();
  const auto size = sizes(colouring.link_class, colouring.links);
  folding.total_links = std::accumulate(size.begin(), size.end(), std::size_t{0});
  folding.rank_class = std::move(colouring.rank_class);
  folding.group_class = std::move(colouring.group_class);
  folding.link_class = std::move(colouring.link_class);
  folding.flow_class = std::move(colouring.flow_class);
  return folding;
}

} // namespace weft
