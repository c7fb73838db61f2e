// What the all-to-alls around routed experts carry, by way of dispatch.
#pragma once
#include "spec/scenario.hpp"

namespace weft {

/// Tokens spread over experts.
struct TokenRouting {
  int experts = 1, active = 1; ///< a token visits `active` different ones, all equally likely
  int nodes = 1, ranks = 1;    ///< the experts are spread over evenly; both divide `experts`, nodes divide ranks
  int node_limit = 0;          ///< nodes a token's experts are chosen from, themselves chosen at random; 0: all
};

/// Expected number of nodes that hold an expert of a token, as a draw without replacement: of the e experts of m eligible nodes a node
/// holds g = e / m; it is missed with probability C(e - g, k) / C(e, k), so that m (1 - C(e - g, k) / C(e, k)) nodes are hit.
double expected_nodes(const TokenRouting& routing);
/// Expected number of ranks that hold an expert of a token, likewise.
double expected_ranks(const TokenRouting& routing);

/// What a rank hands to each all-to-all of a dispatch, in units of one token's bytes times its tokens.
struct DispatchCopies {
  double across = 0; ///< among the ranks with its place in other nodes; 0: there is no such all-to-all
  double within = 0; ///< among the ranks of its node, or of the whole group when dispatch is direct
};
/// Direct: a token is copied for every expert it visits, also for two on one rank, as the permutation before Megatron-LM's all-to-all does
/// (megatron/core/transformer/moe/token_dispatcher.py, MoEAlltoAllTokenDispatcher). Node-limited (DeepSeek-V3, arXiv:2412.19437, section
/// 3.2.2): a token goes once to every node it visits, to the rank with the sender's place, and from there once to each rank it visits;
/// the two ways run at the same time.
DispatchCopies dispatch_copies(const Scenario& scenario);

} // namespace weft
