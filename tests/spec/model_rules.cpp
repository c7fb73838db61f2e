// Rules of a model's shape, alone and under a plan, with their whole messages. The model has 8 layers, hidden 1024 and 16 heads, the job 64
// samples of 2048 tokens.
#include "spec/data.hpp"

using namespace weft;

namespace {

/// The refusal of the model with these changes, from the key on.
std::string with_model(const std::string& changes, const std::string& job = "", const std::string& plan = "{}")
{
  const TemporaryData data;
  const std::string said =
      data.refusal("platform: big\nworkload: {base: j, " + job + "model: {base: m, " + changes + "}}\nplan: " + plan + "\n");
  const std::size_t place = said.find(": ");
  return place == std::string::npos ? said : said.substr(place + 2);
}

const std::string convolutions = "convolutions: [{input-channels: 3, output-channels: 64, size: 8}]";

/// A convolutional network under a plan.
std::string convolutional(const std::string& changes, const std::string& plan, const std::string& sequence = "1")
{
  const TemporaryData data;
  const std::string said = data.refusal("platform: big\nworkload: {batch: 64, sequence: " + sequence + ", model: {vocabulary: 10, " +
                                        convolutions + changes + "}}\nplan: " + plan + "\n");
  const std::size_t place = said.find(": ");
  return place == std::string::npos ? said : said.substr(place + 2);
}

} // namespace

TEST_CASE("a transformer has layers, width and heads")
{
  const TemporaryData data;
  CHECK(data.refusal("platform: big\nworkload: {batch: 64, model: {hidden: 64, heads: 4, vocabulary: 10}}\n")
            .ends_with("workload.model: missing key 'layers' (a transformer needs it)"));
  CHECK(with_model("heads: 0") ==
        "workload.model.heads: a transformer has at least one (set it, or convolutions for a convolutional network)");
}

TEST_CASE("a token visits no more experts than there are, and some layer has them")
{
  CHECK(with_model("experts: {count: 8, active: 2}") == "not refused");
  CHECK(with_model("experts: {count: 8, active: 9}") ==
        "workload.model.experts.active: a token visits 9 of 8 experts (choose at most as many as there are)");
  CHECK(with_model("experts: {active: 2}") == "workload.model.experts: settings of experts without any (set experts.count)");
  CHECK(with_model("experts: {count: 8, dense-layers: 7}") == "not refused");
  CHECK(with_model("experts: {count: 8, dense-layers: 8}") ==
        "workload.model.experts.dense-layers: none of the 8 layers is left for experts (lower dense-layers or every)");
  CHECK(with_model("experts: {count: 8, every: 9}") ==
        "workload.model.experts.every: none of the 8 layers is left for experts (lower dense-layers or every)");
  CHECK(with_model("experts: {count: 8}, parallel-block: true") ==
        "workload.model.parallel-block: experts beside attention are not modelled (leave parallel-block out)");
}

TEST_CASE("latent attention says all its widths and no others")
{
  const std::string latent = "latent: {kv-rank: 96, query-rank: 48, rope-dim: 16, nope-dim: 32, value-dim: 32}";
  CHECK(with_model(latent) == "not refused");
  CHECK(with_model(latent + ", heads: 15") == "not refused"); // its heads have a width of their own
  CHECK(with_model("latent: {rope-dim: 64}") ==
        "workload.model.latent: latent attention without a latent of keys and values (set latent.kv-rank)");
  CHECK(with_model("latent: {kv-rank: 96, value-dim: 32}") ==
        "workload.model.latent: latent attention without a width of its key heads (set latent.nope-dim)");
  CHECK(with_model("latent: {kv-rank: 96, nope-dim: 32}") ==
        "workload.model.latent: latent attention without a width of its value heads (set latent.value-dim)");
  CHECK(with_model(latent + ", kv-heads: 8") ==
        "workload.model.kv-heads: latent attention widens its latent to all 16 heads (leave kv-heads out)");
  CHECK(with_model(latent + ", head-dim: 64") ==
        "workload.model.head-dim: the heads of latent attention are nope-dim + rope-dim wide (leave head-dim out)");
  CHECK(with_model(latent + ", parallel-block: true") ==
        "workload.model.parallel-block: latent attention beside the feed-forward block is not modelled (choose one of them)");
  CHECK(with_model(latent, "", "{tp: 16}") == "not refused");
  CHECK(with_model(latent + ", heads: 32", "", "{tp: 32}") == "plan.tp: tp 32 does not divide the latents of 48 and 96 (choose a divisor)");
}

TEST_CASE("windows, patches, segments and predicted tokens go with models that have them")
{
  CHECK(with_model("window: 128, window-every: 8") == "not refused");
  CHECK(with_model("window-every: 2") == "workload.model.window-every: layers with a window, but no window (set window)");
  CHECK(with_model("window: 128, window-every: 9") ==
        "workload.model.window-every: none of the 8 layers has the window (choose at most as many)");
  CHECK(with_model("patch-values: 768") == "workload.model.patch-values: patches attend to all others (set causal: false)");
  CHECK(with_model("patch-values: 768, causal: false") == "not refused");
  CHECK(with_model("patch-values: 768, causal: false, token-types: 2") ==
        "workload.model.token-types: patches have no segments (leave it out)");
  CHECK(with_model("patch-values: 768, causal: false", "sequence: 1, ") ==
        "workload.sequence: a sequence of patches is a class token and at least one patch (set sequence to patches + 1)");
  CHECK(with_model("patch-values: 768, causal: false", "", "{cp: 2}") == "plan.cp: patches are not cut over cp 2 (use dp or tp)");
  CHECK(with_model("prediction-layers: 1") == "not refused");
  CHECK(with_model("prediction-layers: 1, causal: false") ==
        "workload.model.prediction-layers: only causal models predict further tokens (leave it out)");
}

TEST_CASE("a ring passes keys through a fused kernel")
{
  CHECK(with_model("dropout: 0", "attention: flash, ", "{cp: 2}") == "not refused");
  CHECK(with_model("dropout: 0", "attention: unfused, ", "{cp: 2, context: all-gather}") == "not refused");
  CHECK(with_model("dropout: 0", "attention: unfused, ", "{cp: 2}") ==
        "plan.cp: a ring passes blocks of keys through a fused kernel (set attention: flash or plan.context: all-gather)");
}

TEST_CASE("a convolutional network is its convolutions, cut over samples only")
{
  CHECK(convolutional("", "{dp: 8}") == "not refused");
  CHECK(convolutional(", layers: 3", "{}") == "workload.model.layers: a convolutional network has no layers (leave it out)");
  CHECK(convolutional(", heads: 3", "{}") == "workload.model.heads: a convolutional network has no heads (leave it out)");
  CHECK(convolutional(", experts: {count: 4}", "{}") == "workload.model.experts: a convolutional network has no experts (leave it out)");
  CHECK(convolutional("", "{tp: 2}") == "plan.tp: a convolutional network is cut over samples only, not by tp 2 (use dp)");
  CHECK(convolutional("", "{pp: 2}") == "plan.pp: a convolutional network is cut over samples only, not by pp 2 (use dp)");
  CHECK(convolutional("", "{cp: 2}") == "plan.cp: a convolutional network is cut over samples only, not by cp 2 (use dp)");
  CHECK(convolutional("", "{}", "2048") ==
        "workload.sequence: a sample of a convolutional network is one image, not 2048 tokens (set sequence: 1)");
}

TEST_CASE("a hybrid has a letter for each layer, and state-space heads where it says so")
{
  const std::string ssm = "state-space: {heads: 16, groups: 8}, ";
  CHECK(with_model(ssm + "layer-pattern: M-M-*-M-") == "not refused");
  CHECK(with_model(ssm + "layer-pattern: M-M-*-M") == "workload.model.layer-pattern: 7 letters for 8 layers (write one for each)");
  CHECK(with_model(ssm + "layer-pattern: M-M-*-ME").find("only M (state space), * (attention) and - (feed-forward)") != std::string::npos);
  CHECK(with_model("layer-pattern: M-M-*-M-") == "workload.model.layer-pattern: layers marked M have state-space heads (set state-space.heads)");
  CHECK(with_model(ssm + "layers: 8").find("no layer is of state-space heads") != std::string::npos);
  CHECK(with_model("state-space: {heads: 16, groups: 5}, layer-pattern: M-M-*-M-").find("5 groups do not divide 16 heads") != std::string::npos);
  CHECK(with_model(ssm + "layer-pattern: M-M-*-M-", "", "{tp: 16}").find("does not divide the 16 heads and 8 groups") != std::string::npos);
  CHECK(with_model(ssm + "layer-pattern: M-M-*-M-", "", "{cp: 2}").find("states that pass from rank to rank are not modelled") != std::string::npos);
  CHECK(with_model("state-space: {heads: 16, groups: 8, chunk: 200}, layer-pattern: M-M-*-M-").find("chunks of 200 tokens do not divide") !=
        std::string::npos);
}
