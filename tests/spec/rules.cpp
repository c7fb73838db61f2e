// Every rule across the parts of a scenario, with its whole message. The platform has 4 nodes of 8 accelerators, the model 8 layers,
// hidden 1024 and 16 heads, the job 64 samples of 2048 tokens.
#include "spec/data.hpp"

using namespace weft;

namespace {

std::string with_plan(const std::string& plan)
{
  const TemporaryData data;
  return data.refusal("platform: big\nworkload: j\nplan: " + plan + "\n");
}

std::string with_platform(const std::string& changes)
{
  const TemporaryData data;
  return data.refusal("platform: {base: big, " + changes + "}\nworkload: j\n");
}

std::string with_workload(const std::string& changes, const std::string& plan = "{}")
{
  const TemporaryData data;
  return data.refusal("platform: big\nworkload: {base: j, " + changes + "}\nplan: " + plan + "\n");
}

} // namespace

TEST_CASE("a scenario trains or calls a collective, not both and not neither")
{
  const TemporaryData data;
  CHECK(data.refusal("platform: big\n") == "s.yaml:1:1: neither a workload nor a collective (add one of them)");
  CHECK(data.refusal("platform: big\nworkload: j\ncollective: {operation: all-reduce, bytes: 1 GB}\n") ==
        "s.yaml:3:1: collective: a workload and a collective in one scenario (keep one of them)");
  CHECK(data.refusal("platform: big\ncollective: {operation: all-reduce, bytes: 1 GB}\n") == "not refused");
  CHECK(data.refusal("workload: j\n") == "s.yaml:1:1: missing key 'platform' (a scenario needs it)");
  CHECK(data.refusal("[1]") == "s.yaml:1:1: expected a mapping with the keys of a scenario");
}

TEST_CASE("the tensor-parallel degree divides heads, feed-forward width and sequence")
{
  CHECK(with_plan("{tp: 8}") == "not refused");
  CHECK(with_plan("{tp: 3}") == "s.yaml:3:12: plan.tp: tp 3 does not divide the model's 16 heads (choose a divisor)");
  CHECK(with_workload("model: {base: m, kv-heads: 8}", "{tp: 16}") == "not refused"); // heads are copied: 16 is a multiple of 8
  CHECK(with_workload("model: {base: m, heads: 48, kv-heads: 6, head-dim: 64}", "{tp: 4}") ==
        "s.yaml:3:12: plan.tp: tp 4 and the model's 6 key and value heads do not divide one another (choose a divisor or a multiple)");
  CHECK(with_workload("model: {base: m, ffn: 4092}", "{tp: 8}") ==
        "s.yaml:3:12: plan.tp: tp 8 does not divide the feed-forward width 4092 (choose a divisor)");
  CHECK(with_workload("sequence: 2047", "{tp: 2, sequence-parallel: true}") ==
        "s.yaml:3:12: plan.tp: tp 2 does not divide the sequence of 2047 tokens (choose a divisor or set plan.sequence-parallel: false)");
  CHECK(with_workload("sequence: 2047", "{tp: 2}") == "not refused");
  CHECK(with_plan("{tp: 1, sequence-parallel: true}") == "not refused"); // no effect
}

TEST_CASE("stages and model chunks divide the layers")
{
  CHECK(with_plan("{pp: 4, virtual-stages: 2, schedule: interleaved-1f1b}") == "not refused");
  CHECK(with_plan("{pp: 3, embedding-counts-as-layer: true}") == "not refused");                             // 9 = 3 x 3
  CHECK(with_plan("{pp: 5, embedding-counts-as-layer: true, head-counts-as-layer: true}") == "not refused"); // 10 = 5 x 2
  CHECK(with_plan("{pp: 3}") ==
        "s.yaml:3:12: plan.pp: pp 3 does not divide 8 layers (choose a divisor, let the embedding or the head count as a layer, or give stage-layers)");
  CHECK(with_plan("{pp: 4, virtual-stages: 4}") == "s.yaml:3:12: plan.pp: pp 4 x virtual-stages 4 does not divide 8 layers (choose a "
                                                   "divisor, let the embedding or the head count as a layer, or give stage-layers)");
}

TEST_CASE("a schedule that cannot run the plan is refused")
{
  CHECK(with_plan("{pp: 2, virtual-stages: 2}") ==
        "s.yaml:3:7: plan: 1f1b runs one chunk per stage (set virtual-stages: 1 or use interleaved-1f1b)");
  CHECK(with_plan("{pp: 2, schedule: 1b1f}") == "s.yaml:3:25: plan.schedule: unknown schedule '1b1f' (did you mean '1f1b'?)");
  CHECK(with_plan("{pp: 2, schedule: dualpipe, virtual-stages: 2, zero: gradients}").find("different microbatches at different times") != std::string::npos);
  CHECK(with_plan("{pp: 2, schedule: dualpipe, virtual-stages: 2, overlap: {gradients: true}}").find("in opposite order") !=
        std::string::npos);
  CHECK(with_plan("{pp: 8, schedule: dualpipe, virtual-stages: 2}") == "not refused"); // 8 parts, each on two stages
}

TEST_CASE("replicas and microbatches divide the batch")
{
  CHECK(with_plan("{dp: 8, microbatch: 8}") == "not refused");
  CHECK(with_plan("{dp: 8, microbatch: 3}") ==
        "s.yaml:3:12: plan.dp: dp 8 x microbatch 3 does not divide a batch of 64 (choose a divisor)");
}

TEST_CASE("a plan may use fewer accelerators than there are but not more")
{
  CHECK(with_plan("{tp: 2}") == "not refused");
  CHECK(with_plan("{tp: 8, dp: 4}") == "not refused"); // all 32
  CHECK(
      with_plan("{tp: 8, dp: 8}") ==
      "s.yaml:3:7: plan: the plan needs 64 accelerators (tp 8 x pp 1 x dp 8), the platform has 32 (choose smaller degrees or more nodes)");
  CHECK(with_plan("{tp: 1000000, pp: 1000000, dp: 1000000}") ==
        "s.yaml:3:7: plan: tp x cp x pp x dp is more than 1000000 ranks (choose smaller degrees)");
}

TEST_CASE("a plan's own settings go together")
{
  CHECK(with_plan("{overlap: {parameters: true}}") ==
        "s.yaml:3:30: plan.overlap.parameters: parameters are gathered only when the optimizer is distributed (set plan.zero: optimizer)");
  CHECK(with_plan("{zero: optimizer, overlap: {parameters: true}}") == "not refused");
  CHECK(with_plan("{order: tp-pp}") == "s.yaml:3:15: plan.order: must be an order of tp, dp and pp, with cp and ep where wanted, got 'tp-pp' (write tp-cp-ep-dp-pp)");
  CHECK(with_plan("{order: tp-tp-dp}") == "s.yaml:3:15: plan.order: must be an order of tp, dp and pp, with cp and ep where wanted, got 'tp-tp-dp' (write tp-cp-ep-dp-pp)");
  CHECK(with_plan("{order: pp-dp-tp}") == "not refused");
  CHECK(with_plan("{tp: 0}") == "s.yaml:3:12: plan.tp: must be between 1 and 1000000, got '0'");
  CHECK(with_plan("{recompute: [norms, selective, activation-function]}") == "not refused");
  CHECK(with_plan("{recompute: []}") == "not refused"); // nothing
  CHECK(with_plan("{recompute: [norms, full]}") ==
        "s.yaml:3:27: plan.recompute[1]: 'full' stands alone, not in a list (write recompute: full)");
  CHECK(with_plan("{recompute: [norms, norms]}") == "s.yaml:3:27: plan.recompute[1]: 'norms' is in the list already (leave it out)");
  CHECK(with_plan("{recompute: latent-up-projections}")
            .ends_with("plan.recompute: the attention of m has no latents to project up (leave latent-up-projections out)"));
  CHECK(with_workload("saved-activations: fp8")
            .ends_with("activations are kept in fp8 for products in fp8 (set workload.precision: fp8 or leave it out)"));
  CHECK(with_plan("{recompute: ful}") == "s.yaml:3:19: plan.recompute: unknown word 'ful' (did you mean 'full'?)");
}

TEST_CASE("the chip computes in the job's precision")
{
  CHECK(with_workload("precision: fp8") == "s.yaml:2:32: workload.precision: the chip c1 has no peak in fp8 (choose one of fp32, bf16)");
  CHECK(with_platform("node: {chip: {peak: {bf16: null}}}").ends_with("the chip c1 has no peak in bf16 (choose one of fp32)"));
  CHECK(with_platform("node: {chip: {peak: {bf16: 0 TFLOP/s}}}") ==
        "s.yaml:1:50: platform.node.chip.peak.bf16: must be above zero (leave out a precision the chip cannot compute in)");
}

TEST_CASE("a model's shape is consistent")
{
  CHECK(with_workload("model: {base: m, heads: 15}") ==
        "s.yaml:2:45: workload.model.heads: 15 heads do not divide hidden 1024 (choose a divisor or set head-dim)");
  CHECK(with_workload("model: {base: m, kv-heads: 5}") ==
        "s.yaml:2:48: workload.model.kv-heads: 5 key and value heads do not divide 16 heads (choose a divisor)");
  CHECK(with_workload("model: {base: m, max-positions: 1024}")
            .find("a sequence of 2048 is longer than the model's table of 1024 positions (shorten it or raise max-positions)") !=
        std::string::npos);
  CHECK(with_workload("model: {base: m, max-positions: 1024, position: rotary}") == "not refused");
  CHECK(with_workload("model: {base: m, vocabulary: 0}") ==
        "s.yaml:2:50: workload.model.vocabulary: must be between 1 and 10000000, got '0'");
  CHECK(with_workload("model: {base: m, layers: 10001}") == "s.yaml:2:46: workload.model.layers: must be between 0 and 10000, got '10001'");
  CHECK(with_workload("batch: 10000001") == "s.yaml:2:28: workload.batch: must be between 1 and 10000000, got '10000001'");
}

TEST_CASE("nodes can reach one another")
{
  CHECK(with_platform("nodes: 1, fabric: none") == "not refused");
  CHECK(with_platform("fabric: none") == "s.yaml:1:31: platform.fabric: 4 nodes without a network (name a fabric or set nodes: 1)");
  CHECK(with_platform("node: {adapters: {count: 0}}") ==
        "s.yaml:1:48: platform.node.adapters.count: 4 nodes without network adapters (set adapters or nodes: 1)");
  CHECK(with_platform("nodes: 1, node: {adapters: {count: 0}}") == "not refused");
  CHECK(with_platform("node: {chip: alone}").ends_with("the chip alone has no scale-up link (set chip.scaleup-link or scaleup: none)"));
  CHECK(with_platform("node: {chip: alone, scaleup: none}") == "not refused");
  CHECK(with_platform("node: {chip: {scaleup-links: 0}}") ==
        "platforms/chips/c1.yaml:1:154: scaleup-link: a link without a number of them (set scaleup-links)");
}

TEST_CASE("a fabric names its switch and its links")
{
  const TemporaryData data;
  const auto refused = [&](const std::string& fabric) {
    return data.refusal("platform: {node: n8, library: lib, fabric: " + fabric + "}\nworkload: j\n");
  };
  CHECK(refused("{kind: tree, switch: s40, access: copper}") == "not refused");
  CHECK(refused("{kind: tree, access: copper}") == "s.yaml:1:44: platform.fabric: missing key 'switch' (a fabric needs it)");
  CHECK(refused("{kind: tree, switch: s40}") == "s.yaml:1:44: platform.fabric: missing key 'access' (a fabric needs it)");
  CHECK(refused("{switch: s40}") == "s.yaml:1:44: platform.fabric: missing key 'kind' (a fabric needs it)");
  CHECK(refused("none") == "not refused");
}

TEST_CASE("a machine is held to a million accelerators")
{
  CHECK(with_platform("nodes: 125000") == "not refused");
  CHECK(with_platform("nodes: 125001") == "s.yaml:1:30: platform.nodes: 1000008 accelerators are more than 1000000 (choose fewer nodes)");
  CHECK(with_platform("nodes: 1000001") == "s.yaml:1:30: platform.nodes: must be between 1 and 1000000, got '1000001'");
  CHECK(with_platform("nodes: 0") == "s.yaml:1:30: platform.nodes: must be between 1 and 1000000, got '0'");
}

TEST_CASE("faults name accelerators that exist and slow them down")
{
  const TemporaryData data;
  const auto refused = [&](const std::string& faults) { return data.refusal("platform: big\nworkload: j\nfaults: " + faults + "\n"); };
  CHECK(refused("{stragglers: [{accelerator: 31, slowdown: 2}]}") == "not refused");
  CHECK(refused("{stragglers: [{accelerator: 32, slowdown: 2}]}") ==
        "s.yaml:3:37: faults.stragglers[0].accelerator: there is no accelerator 32 (they are numbered 0 to 31)");
  CHECK(refused("{stragglers: [{accelerator: 3, slowdown: 0.5}]}") ==
        "s.yaml:3:50: faults.stragglers[0].slowdown: must be between 1 and 1e+06, got '0.5'");
  CHECK(refused("{stragglers: [{accelerator: 3, slowdown: .inf}]}").find("expected a plain number, got '.inf'") != std::string::npos);
  CHECK(refused("{stragglers: [{accelerator: 3, slowdown: 2}, {accelerator: 3, slowdown: 3}]}") ==
        "s.yaml:3:54: faults.stragglers[1]: accelerator 3 is listed twice (keep one)");
  CHECK(refused("{links: [{from: a, to: b, share: 0}]}") == "s.yaml:3:42: faults.links[0].share: must be above 0 and at most 1, got '0'");
  CHECK(refused("{links: [{from: a, to: b}]}") == "s.yaml:3:18: faults.links[0]: missing key 'share' (a degraded link needs it)");
}

TEST_CASE("engine settings stay within bounds")
{
  const TemporaryData data;
  const auto refused = [&](const std::string& engine) { return data.refusal("platform: big\nworkload: j\nengine: " + engine + "\n"); };
  CHECK(refused("{utilisation-bins: 10000}") == "not refused");
  CHECK(refused("{utilisation-bins: 10001}") == "s.yaml:3:28: engine.utilisation-bins: must be between 0 and 10000, got '10001'");
  CHECK(refused("{fold: on}") == "s.yaml:3:16: engine.fold: unknown word 'on' (one of: auto, off)");
  CHECK(refused("{collectives: {all-reduce: [ring]}}") == "s.yaml:3:36: engine.collectives.all-reduce: expected text, got a list");
}

TEST_CASE("a library has protocols of different names")
{
  CHECK(with_platform("library: {protocols: []}") ==
        "s.yaml:1:44: platform.library.protocols: between 1 and 100 protocols are needed (list them as '- name: simple')");
  CHECK(with_platform("library: {protocols: [{name: a}, {name: a}]}") ==
        "s.yaml:1:56: platform.library.protocols[1]: a second protocol called 'a' (rename it)");
}
