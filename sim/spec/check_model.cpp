// Rules of a model's shape, alone and under a plan.
#include "spec/check.hpp"

#include <algorithm>
#include <initializer_list>

namespace weft {
namespace {

std::string text(std::int64_t number) { return std::to_string(number); }

/// Refuses a value that has no meaning in this model, at the place where it is written.
void refuse_if(bool wrong, const Node& node, std::initializer_list<const char*> keys, const std::string& problem)
{
  if (wrong) refuse(written(node, keys), problem);
}

void check_convolutional(const Node& node, const ModelShape& m)
{
  const auto transformer_only = [&](bool given, const char* key) {
    refuse_if(given, node, {key}, std::string("a convolutional network has no ") + key + " (leave it out)");
  };
  transformer_only(m.layers > 0, "layers");
  transformer_only(m.hidden > 0, "hidden");
  transformer_only(m.heads > 0, "heads");
  transformer_only(m.experts.count > 0, "experts");
  transformer_only(m.latent.kv_rank > 0, "latent");
  transformer_only(m.state_space.heads > 0, "state-space");
  transformer_only(!m.layer_pattern.empty(), "layer-pattern");
  transformer_only(m.window > 0, "window");
  transformer_only(m.prediction_layers > 0, "prediction-layers");
  transformer_only(m.token_types > 0, "token-types");
  transformer_only(m.patch_values > 0, "patch-values");
  transformer_only(m.parallel_block, "parallel-block");
  transformer_only(m.embedding_norm, "embedding-norm");
}

void check_heads(const Node& node, const ModelShape& m)
{
  const auto needed = [&](int value, const char* key) {
    if (value > 0) return;
    if (!node.find(key)) refuse_missing_key(node, key, "transformer");
    refuse(written(node, {key}), "a transformer has at least one (set it, or convolutions for a convolutional network)");
  };
  needed(m.layers, "layers");
  needed(m.hidden, "hidden");
  needed(m.heads, "heads");
  refuse_if(m.head_dim == 0 && m.latent.kv_rank == 0 && m.hidden % m.heads != 0, node, {"heads"},
            text(m.heads) + " heads do not divide hidden " + text(m.hidden) + " (choose a divisor or set head-dim)");
  refuse_if(m.kv_heads > 0 && m.heads % m.kv_heads != 0, node, {"kv-heads"},
            text(m.kv_heads) + " key and value heads do not divide " + text(m.heads) + " heads (choose a divisor)");
}

void check_latent(const Node& node, const ModelShape& m)
{
  const LatentAttention& l = m.latent;
  if (l.kv_rank == 0) {
    refuse_if(l.query_rank > 0 || l.rope_dim > 0 || l.nope_dim > 0 || l.value_dim > 0, node, {"latent"},
              "latent attention without a latent of keys and values (set latent.kv-rank)");
    return;
  }
  refuse_if(l.nope_dim == 0, node, {"latent", "nope-dim"}, "latent attention without a width of its key heads (set latent.nope-dim)");
  refuse_if(l.value_dim == 0, node, {"latent", "value-dim"}, "latent attention without a width of its value heads (set latent.value-dim)");
  refuse_if(m.kv_heads > 0 && m.kv_heads != m.heads, node, {"kv-heads"},
            "latent attention widens its latent to all " + text(m.heads) + " heads (leave kv-heads out)");
  refuse_if(m.head_dim > 0, node, {"head-dim"}, "the heads of latent attention are nope-dim + rope-dim wide (leave head-dim out)");
  refuse_if(m.qkv_biases, node, {"qkv-biases"}, "latent attention has no projections of queries, keys and values (leave it out)");
  refuse_if(m.parallel_block, node, {"parallel-block"},
            "latent attention beside the feed-forward block is not modelled (choose one of them)");
}

/// A hybrid's layers are one block each.
void check_pattern(const Node& node, const ModelShape& m)
{
  const bool recurrent = m.layer_pattern.find('M') != std::string::npos;
  refuse_if(m.state_space.heads > 0 && !recurrent, node, {"state-space"}, "no layer is of state-space heads (mark some with M in layer-pattern)");
  refuse_if(recurrent && m.state_space.heads == 0, node, {"layer-pattern"}, "layers marked M have state-space heads (set state-space.heads)");
  if (m.layer_pattern.empty()) return;
  refuse_if(m.layer_pattern.find_first_not_of("M*-") != std::string::npos, node, {"layer-pattern"},
            "only M (state space), * (attention) and - (feed-forward) stand for layers (correct it)");
  refuse_if(static_cast<int>(m.layer_pattern.size()) != m.layers, node, {"layer-pattern"},
            text(static_cast<std::int64_t>(m.layer_pattern.size())) + " letters for " + text(m.layers) + " layers (write one for each)");
  refuse_if(m.experts.count > 0, node, {"layer-pattern"}, "experts among layers of one block are not modelled (leave experts out)");
  refuse_if(m.parallel_block, node, {"parallel-block"}, "layers of one block have nothing beside it (leave parallel-block out)");
  if (!recurrent) return;
  refuse_if(m.state_space.heads % m.state_space.groups != 0, node, {"state-space", "groups"},
            text(m.state_space.groups) + " groups do not divide " + text(m.state_space.heads) + " heads (choose a divisor)");
  refuse_if(!m.causal, node, {"state-space"}, "a recurrence runs over earlier tokens only (set causal: true)");
}

void check_experts(const Node& node, const ModelShape& m)
{
  const Experts& e = m.experts;
  if (e.count == 0) {
    refuse_if(e.active > 1 || e.ffn > 0 || e.shared_ffn > 0 || e.dense_layers > 0 || e.every > 1, node, {"experts"},
              "settings of experts without any (set experts.count)");
    return;
  }
  refuse_if(e.active > e.count, node, {"experts", "active"},
            "a token visits " + text(e.active) + " of " + text(e.count) + " experts (choose at most as many as there are)");
  refuse_if(e.dense_layers + e.every > m.layers, node, {"experts", e.dense_layers > 0 ? "dense-layers" : "every"},
            "none of the " + text(m.layers) + " layers is left for experts (lower dense-layers or every)");
  refuse_if(m.parallel_block, node, {"parallel-block"}, "experts beside attention are not modelled (leave parallel-block out)");
}

void check_ends(const Node& node, const ModelShape& m)
{
  refuse_if(m.biases && m.qkv_biases, node, {"qkv-biases"}, "all linear layers have biases already (set biases: false or leave it out)");
  refuse_if(m.window == 0 && m.window_every > 1, node, {"window-every"}, "layers with a window, but no window (set window)");
  refuse_if(m.window > 0 && m.window_every > m.layers, node, {"window-every"},
            "none of the " + text(m.layers) + " layers has the window (choose at most as many)");
  refuse_if(m.patch_values > 0 && m.causal, node, {"patch-values"}, "patches attend to all others (set causal: false)");
  refuse_if(m.patch_values > 0 && m.token_types > 0, node, {"token-types"}, "patches have no segments (leave it out)");
  refuse_if(m.prediction_layers > 0 && !m.causal, node, {"prediction-layers"}, "only causal models predict further tokens (leave it out)");
}

void check_convolutional_cut(const Scenario& scenario, const Node& tree)
{
  const Plan& plan = scenario.plan;
  const auto only_one = [&](int degree, const char* key) {
    refuse_if(degree > 1, tree, {"plan", key},
              std::string("a convolutional network is cut over samples only, not by ") + key + " " + text(degree) + " (use dp)");
  };
  only_one(plan.tp, "tp");
  only_one(plan.pp, "pp");
  only_one(plan.cp, "cp");
  only_one(plan.ep, "ep");
  only_one(plan.virtual_stages, "virtual-stages");
  refuse_if(scenario.workload->sequence != 1, tree, {"workload", "sequence"},
            "a sample of a convolutional network is one image, not " + text(scenario.workload->sequence) + " tokens (set sequence: 1)");
}

/// Parts that run again must be there, and what products keep in fp8 they must read in fp8.
void check_kept(const Scenario& scenario, const Node& tree)
{
  const Workload& w = *scenario.workload;
  const Recomputation& again = scenario.plan.recompute;
  refuse_if(again.has(Recompute::latent_up_projections) && w.model.latent.kv_rank == 0, tree, {"plan", "recompute"},
            "the attention of " + w.model.name + " has no latents to project up (leave latent-up-projections out)");
  const bool parts = again.has(Recompute::norms) || again.has(Recompute::activation_function);
  refuse_if(parts && !w.model.convolutions.empty(), tree, {"plan", "recompute"},
            "a convolutional network runs whole layers again or nothing (choose full or none)");
  refuse_if(w.execution.saved_activations != SavedActivations::bf16 && w.precision != Precision::fp8, tree, {"workload", "saved-activations"},
            "activations are kept in fp8 for products in fp8 (set workload.precision: fp8 or leave it out)");
}

void check_latent_cut(const Scenario& scenario, const Node& tree)
{
  const LatentAttention& l = scenario.workload->model.latent;
  const int tp = scenario.plan.tp;
  refuse_if(l.kv_rank % tp != 0 || l.query_rank % tp != 0, tree, {"plan", "tp"},
            "tp " + text(tp) + " does not divide the latents of " + text(l.query_rank) + " and " + text(l.kv_rank) + " (choose a divisor)");
}

void check_recurrent_cut(const Scenario& scenario, const Node& tree)
{
  const StateSpace& s = scenario.workload->model.state_space;
  const Plan& plan = scenario.plan;
  refuse_if(s.heads % plan.tp != 0 || s.groups % plan.tp != 0, tree, {"plan", "tp"},
            "tp " + text(plan.tp) + " does not divide the " + text(s.heads) + " heads and " + text(s.groups) + " groups of the state-space layers (choose a divisor)");
  refuse_if(plan.cp > 1, tree, {"plan", "cp"}, "states that pass from rank to rank are not modelled (use dp or tp)");
  refuse_if(scenario.workload->sequence % std::min(s.chunk, scenario.workload->sequence) != 0, tree, {"workload", "sequence"},
            "chunks of " + text(s.chunk) + " tokens do not divide a sequence of " + text(scenario.workload->sequence) + " (choose a multiple)");
  refuse_if(plan.recompute.has(Recompute::alternate_products), tree, {"plan", "recompute"},
            "which products of a state-space layer alternate is not known (choose another recomputation)");
}

void check_patches_cut(const Scenario& scenario, const Node& tree)
{
  const Workload& w = *scenario.workload;
  refuse_if(w.sequence < 2, tree, {"workload", "sequence"},
            "a sequence of patches is a class token and at least one patch (set sequence to patches + 1)");
  refuse_if(scenario.plan.cp > 1, tree, {"plan", "cp"}, "patches are not cut over cp " + text(scenario.plan.cp) + " (use dp or tp)");
}

} // namespace

void check_model(const Node& node, const ModelShape& m)
{
  if (!m.convolutions.empty()) return check_convolutional(node, m);
  check_heads(node, m);
  check_latent(node, m);
  check_pattern(node, m);
  check_experts(node, m);
  check_ends(node, m);
}

void check_model_cut(const Scenario& scenario, const Node& tree)
{
  const Workload& w = *scenario.workload;
  check_kept(scenario, tree);
  if (!w.model.convolutions.empty()) return check_convolutional_cut(scenario, tree);
  if (w.model.latent.kv_rank > 0) check_latent_cut(scenario, tree);
  if (w.model.state_space.heads > 0) check_recurrent_cut(scenario, tree);
  if (w.model.patch_values > 0) check_patches_cut(scenario, tree);
  refuse_if(scenario.plan.cp > 1 && attends_in_pieces(scenario.plan.context) && w.attention == AttentionKernel::unfused, tree,
            {"plan", "cp"}, "a ring passes blocks of keys through a fused kernel (set attention: flash or plan.context: all-gather)");
}

} // namespace weft
