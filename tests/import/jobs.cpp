// Training configurations in the words of Megatron-LM, NeMo, DeepSpeed and torchtitan.
#include "import/read.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weft;
using test::import_text;
using test::refusal;
using test::value_at;

namespace {

const std::string gpt = "--num-layers 24 --hidden-size 1024 --num-attention-heads 16 --seq-length 1024 --max-position-embeddings 1024 "
                        "--micro-batch-size 4 --global-batch-size 64 --bf16 --vocab-size 50257 --nproc_per_node 8 --nnodes 2 ";

std::string of_gpt(const std::string& more, const char* path, const std::string& settings = "{}")
{
  return value_at(import_text("megatron", gpt + more, settings).tree, path);
}

const std::string titan = "[model]\nname = \"llama3\"\nflavor = \"8B\"\n[training]\nlocal_batch_size = 2\nseq_len = 8192\n"
                          "[activation_checkpoint]\nmode = \"full\"\n[parallelism]\n";

std::string of_titan(const std::string& more, const char* path, const std::string& settings = "{accelerators: 64}")
{
  return value_at(import_text("torchtitan", titan + more, settings).tree, path);
}

bool noted(const Imported& imported, const std::string& part)
{
  return std::any_of(imported.notes.begin(), imported.notes.end(),
                     [&](const ImportNote& note) { return note.text.find(part) != std::string::npos; });
}

} // namespace

TEST_CASE("Megatron-LM's options give model, batch, numbers and plan, and the launcher the replicas")
{
  const Imported imported = import_text("megatron", gpt + "--tensor-model-parallel-size 2 --pipeline-model-parallel-size 4");
  CHECK(value_at(imported.tree, "workload.model.layers") == "24");
  CHECK(value_at(imported.tree, "workload.model.vocabulary") == "50432"); // 50,257 up to a multiple of 128 x 2
  CHECK(value_at(imported.tree, "workload.model.tied-embeddings") == "true");
  CHECK(value_at(imported.tree, "workload.sequence") == "1024");
  CHECK(value_at(imported.tree, "workload.batch") == "64");
  CHECK(value_at(imported.tree, "workload.precision") == "bf16");
  CHECK(value_at(imported.tree, "workload.gradients") == "fp32"); // --bf16 implies it
  CHECK(value_at(imported.tree, "plan.tp") == "2");
  CHECK(value_at(imported.tree, "plan.pp") == "4");
  CHECK(value_at(imported.tree, "plan.dp") == "2"); // 16 / 8
  CHECK(value_at(imported.tree, "plan.microbatch") == "4");
  CHECK(value_at(imported.tree, "plan.fused-gradient-accumulation") == "true");
  CHECK(value_at(imported.tree, "plan.recompute") == "(none)");
  CHECK(of_gpt("", "plan.dp", "{accelerators: 32}") == "32"); // the user knows better than the launcher
}

TEST_CASE("variables of a script are followed, and what only running it would tell is asked for")
{
  const std::string script =
      "#!/bin/bash\nTP=4 # tensor\nexport PP=${PIPELINE:-2}\nGPUS=\"8\"\nARGS=\"\n  --num-layers 8 \\\n  --hidden-size 64\"\n"
      "MORE=(\n  --num-attention-heads 8 --seq-length=128 # a comment\n --micro-batch-size 1 --bf16\n)\n"
      "torchrun --nproc-per-node ${GPUS} train.py $ARGS \"${MORE[@]}\" --tensor-model-parallel-size $TP "
      "--pipeline_model_parallel_size $PP --vocab-size 1000 \\\n  --global-batch-size ";
  const Imported imported = import_text("megatron", script + "16");
  CHECK(value_at(imported.tree, "plan.tp") == "4");
  CHECK(value_at(imported.tree, "plan.pp") == "2");
  CHECK(value_at(imported.tree, "plan.dp") == "1");
  CHECK(value_at(imported.tree, "workload.model.heads") == "8");
  CHECK(value_at(imported.tree, "workload.sequence") == "128");
  CHECK(refusal("megatron", script + "$1") == "file:13:3: global-batch-size: expected a number, got '$1' (write the number itself)");
  // What a batch system reads counts, other comments do not.
  CHECK(value_at(import_text("megatron", "#!/bin/bash\n#SBATCH --nodes=4 --gpus-per-node=8\n# --nnodes 2\n--micro-batch-size 1\n").tree,
                 "plan.dp") == "32");
  // Variables that name one another without end stop.
  CHECK(refusal("megatron", "A=$B$B\nB=$A$A\n" + gpt + "--tensor-model-parallel-size $A")
            .find("tensor-model-parallel-size: expected a number") != std::string::npos);
}

TEST_CASE("options of Megatron-LM become the keys they mean")
{
  struct Case {
    std::string options;
    const char *path, *value;
  };
  for (const Case& one :
       {Case{"--swiglu", "workload.model.ffn", "2688"}, // 1024 x 8 / 3 = 2730, down to a multiple of 64
        Case{"--swiglu --ffn-hidden-size 4096", "workload.model.ffn", "4096"},
        Case{"--group-query-attention --num-query-groups 4", "workload.model.kv-heads", "4"},
        Case{"--num-query-groups 4", "workload.model.kv-heads", "(none)"},
        Case{"--untie-embeddings-and-output-weights", "workload.model.tied-embeddings", "false"},
        Case{"--normalization RMSNorm", "workload.model.normalization", "rmsnorm"},
        Case{"--position-embedding-type rope", "workload.model.position", "rotary"},
        Case{"--attention-dropout 0 --hidden-dropout 0", "workload.model.dropout", "0"},
        Case{"--tensor-model-parallel-size 8 --sequence-parallel", "plan.sequence-parallel", "true"},
        Case{"--sequence-parallel", "plan.sequence-parallel", "(none)"}, // means nothing without tensor parallelism
        Case{"--recompute-activations", "plan.recompute", "selective"},
        Case{"--recompute-granularity full --recompute-method uniform --recompute-num-layers 1", "plan.recompute", "full"},
        Case{"--recompute-granularity full --recompute-method block --recompute-num-layers 24", "plan.recompute", "full"},
        Case{"--recompute-granularity selective --recompute-modules core_attn layernorm moe_act", "plan.recompute",
             "[selective, norms, activation-function]"},
        Case{"--disable-bias-linear --add-qkv-bias", "workload.model.qkv-biases", "true"},
        Case{"--add-qkv-bias", "workload.model.qkv-biases", "(none)"}, // all have biases
        Case{"--num-experts 8 --moe-expert-capacity-factor 1.25 --moe-pad-expert-input-to-capacity", "workload.pad-experts", "true"},
        Case{"--use-distributed-optimizer --overlap-grad-reduce --overlap-param-gather", "plan.zero", "optimizer"},
        Case{"--use-distributed-optimizer --overlap-grad-reduce --overlap-param-gather", "plan.overlap.parameters", "true"},
        Case{"--pipeline-model-parallel-size 2 --num-layers-per-virtual-pipeline-stage 3", "plan.virtual-stages", "4"}, // 24 / 2 / 3
        Case{"--pipeline-model-parallel-size 2 --num-layers-per-virtual-pipeline-stage 3", "plan.schedule", "interleaved-1f1b"},
        Case{"--pipeline-model-parallel-size 4 --decoder-first-pipeline-num-layers 5 --decoder-last-pipeline-num-layers 5",
             "plan.stage-layers", "[5, 7, 7, 5]"},
        Case{"--context-parallel-size 2 --cp-comm-type a2a", "plan.context", "all-to-all"},
        Case{"--use-tp-pp-dp-mapping", "plan.order", "tp-cp-ep-pp-dp"},
        Case{"--fp8-format hybrid", "workload.precision", "fp8"},
        Case{"--attention-backend unfused", "workload.attention", "unfused"},
        Case{"--train-iters 100", "workload.token-budget", "6553600"}, // x 64 x 1024
        Case{"--num-experts 8 --moe-router-topk 2 --expert-model-parallel-size 8", "workload.model.experts.count", "8"},
        Case{"--num-experts 8 --moe-router-topk 2 --expert-model-parallel-size 8", "plan.ep", "8"},
        Case{"--num-experts 8 --moe-layer-freq ([0]*3+[1]*21)", "workload.model.experts.dense-layers", "3"},
        Case{"--multi-latent-attention --kv-lora-rank 256", "workload.model.latent.kv-rank", "256"}}) {
    CAPTURE(one.options);
    CHECK(of_gpt(one.options, one.path) == one.value);
  }
  CHECK(value_at(import_text("megatron", "--fp16 --micro-batch-size 2 --seq-length 8 --world-size 4").tree, "workload.gradients") ==
        "fp16");
}

TEST_CASE("what Weft does not simulate is refused with its place, what changes no time is noted, what is unknown is refused unless told")
{
  CHECK(refusal("megatron", gpt + "--cpu-offloading") ==
        "file:1:" + std::to_string(gpt.size() + 1) +
            ": cpu-offloading: state or activations in host memory are not simulated (leave it out)");
  CHECK(refusal("megatron", gpt + "--recompute-granularity full --recompute-method uniform --recompute-num-layers 4")
            .find("keeping one input for 4 layers") != std::string::npos);
  CHECK(refusal("megatron", gpt + "--tensor-model-parallel-size 3")
            .find("16 accelerators are no multiple of tensor x context x pipeline, 3") != std::string::npos);
  CHECK(refusal("megatron", "--num-layers 2 --micro-batch-size 1")
            .find("the file does not say on how many accelerators the job runs (set import.accelerators)") != std::string::npos);
  CHECK(refusal("megatron", gpt + "--bf16 --num-layers 25").find("num-layers: is '25' here and '24' on line 1 (keep one)") !=
        std::string::npos);
  CHECK(refusal("megatron", gpt + "--position-embedding-type ropee").find("did you mean 'rope'?") != std::string::npos);
  const std::string unknown = gpt + "--lr 1e-4 --save x --seqence-parallel";
  CHECK(refusal("megatron", unknown).find("seqence-parallel: is not known here (did you mean 'sequence-parallel'?") != std::string::npos);
  const Imported imported = import_text("megatron", unknown, "{unknown: ignore}");
  CHECK(noted(imported, "not known and left out: seqence-parallel"));
  CHECK(noted(imported, "without effect here (training mathematics): lr"));
  CHECK(noted(imported, "fused ones, as in Megatron-LM since 2023"));
}

TEST_CASE("a configuration without a model leaves it to the scenario")
{
  const Imported imported = import_text("megatron", "--tensor-model-parallel-size 2 --micro-batch-size 2 --seq-length 8 --world-size 4");
  CHECK(value_at(imported.tree, "workload.model") == "(none)");
  CHECK(value_at(imported.tree, "workload.batch") == "4"); // one microbatch of 2 for each of 2 replicas
  CHECK(noted(imported, "the file does not give the model's shape"));
}

TEST_CASE("NeMo's YAML says the same in its own words")
{
  const std::string yaml =
      "trainer: {devices: 8, num_nodes: 4, precision: bf16-mixed}\nexp_manager: {name: x}\nmodel:\n  micro_batch_size: 2\n"
      "  global_batch_size: 64\n  tensor_model_parallel_size: 4\n  pipeline_model_parallel_size: 2\n"
      "  virtual_pipeline_model_parallel_size: null\n  encoder_seq_length: 2048\n  num_layers: 16\n  hidden_size: 512\n"
      "  num_attention_heads: 8\n  activation: fast-swiglu\n  bias: false\n  activations_checkpoint_granularity: selective\n"
      "  optim: {name: distributed_fused_adam, lr: 1e-4, overlap_grad_sync: true}\n  vocab_size: 32000\n";
  const Imported imported = import_text("nemo", yaml);
  CHECK(value_at(imported.tree, "plan.dp") == "4"); // 32 / 8
  CHECK(value_at(imported.tree, "plan.zero") == "optimizer");
  CHECK(value_at(imported.tree, "plan.overlap.gradients") == "true");
  CHECK(value_at(imported.tree, "plan.recompute") == "selective");
  CHECK(value_at(imported.tree, "plan.virtual-stages") == "(none)");
  CHECK(value_at(imported.tree, "workload.precision") == "bf16");
  CHECK(value_at(imported.tree, "workload.model.activation") == "swiglu");
  CHECK(value_at(imported.tree, "workload.model.biases") == "false");
  CHECK(value_at(imported.tree, "workload.model.vocabulary") == "32256"); // up to a multiple of 128 x 4
  CHECK(refusal("nemo", yaml + "  hidden_sise: 3\n").find("file:18:16: hidden-sise: is not known here (did you mean 'hidden-size'?") == 0);
  CHECK(refusal("nemo", "- tensor_model_parallel_size: 1\n").find("expected a mapping of settings") != std::string::npos);
  // Flat files in Megatron-LM's words are read alike.
  CHECK(value_at(import_text("nemo", "tensor_model_parallel_size: 2\nmicro_batch_size: 1\nseq_length: 8\n", "{accelerators: 8}").tree,
                 "plan.dp") == "4");
}

TEST_CASE("DeepSpeed's batch is microbatch x accumulation x replicas, two of which give the third")
{
  const auto json = [](const std::string& batch, const std::string& more = "") {
    return "{" + batch + ", \"bf16\": {\"enabled\": true}" + more + "}";
  };
  const Imported all =
      import_text("deepspeed", json("\"train_batch_size\": 64,\t\"train_micro_batch_size_per_gpu\":2, \"gradient_accumulation_steps\": 4"));
  CHECK(value_at(all.tree, "plan.dp") == "8");
  const Imported two = import_text("deepspeed", json("\"train_batch_size\": 64, \"gradient_accumulation_steps\": 4"), "{accelerators: 8}");
  CHECK(value_at(two.tree, "plan.microbatch") == "2");
  const Imported no_total = import_text(
      "deepspeed", json("\"train_micro_batch_size_per_gpu\": 2, \"gradient_accumulation_steps\": 4, \"train_batch_size\": \"auto\""),
      "{accelerators: 8}");
  CHECK(value_at(no_total.tree, "workload.batch") == "64");
  CHECK(refusal("deepspeed", json("\"train_batch_size\": 64, \"train_micro_batch_size_per_gpu\": 3, \"gradient_accumulation_steps\": 4"),
                "{accelerators: 8}")
            .find("is not microbatch x accumulation steps x replicas, 3 x 4 x 8") != std::string::npos);
  CHECK(refusal(
            "deepspeed",
            json("\"train_batch_size\": 10000000, \"train_micro_batch_size_per_gpu\": 10000000, \"gradient_accumulation_steps\": 10000000"))
            .find("more than 1000000 together") != std::string::npos);
  CHECK(refusal("deepspeed", json("\"train_batch_size\": 1, \"train_micro_batch_size_per_gpu\": 2, \"gradient_accumulation_steps\": 2"))
            .find("is not microbatch x accumulation steps x replicas") != std::string::npos);
  CHECK(refusal("deepspeed", json("\"train_batch_size\": 64")).find("set import.accelerators") != std::string::npos);
  CHECK(refusal("deepspeed", json("\"train_batch_size\": \"auto\""), "{accelerators: 8}").find("neither train_batch_size nor") !=
        std::string::npos);
}

TEST_CASE("DeepSpeed's ZeRO stages, buckets and precisions")
{
  const auto of = [](const std::string& more, const char* path) {
    return value_at(import_text("deepspeed", "{\"train_micro_batch_size_per_gpu\": 1, " + more + "}", "{accelerators: 8}").tree, path);
  };
  const std::string half = "\"fp16\": {\"enabled\": true}, ";
  CHECK(of("\"zero_optimization\": {\"stage\": 0}", "plan.zero") == "off");
  CHECK(of("\"zero_optimization\": {\"stage\": 1}", "plan.zero") == "optimizer");
  CHECK(of("\"zero_optimization\": {\"stage\": 2}", "plan.zero") == "gradients");
  CHECK(of("\"zero_optimization\": {\"stage\": 3}", "plan.zero") == "parameters");
  CHECK(of("\"zero_optimization\": {\"stage\": 3}", "plan.overlap.parameters") == "true"); // on by default there
  CHECK(of("\"zero_optimization\": {\"stage\": 2}", "plan.overlap.gradients") == "(none)");
  CHECK(of(half + "\"zero_optimization\": {\"stage\": 2, \"overlap_comm\": true, \"reduce_bucket_size\": 5e8}", "plan.bucket-megabytes") ==
        "1000");
  CHECK(of("\"zero_optimization\": {\"stage\": 3, \"mics_shard_size\": 4}", "plan.zero-group") == "4");
  CHECK(of(half + "\"gradient_clipping\": 1", "workload.gradients") == "fp16");
  CHECK(of(half + "\"communication_data_type\": \"fp32\"", "workload.gradients") == "fp32");
  CHECK(of("\"steps_per_print\": 1", "workload.precision") == "fp32");
  const auto bad = [](const std::string& more) {
    return refusal("deepspeed", "{\"train_micro_batch_size_per_gpu\": 1, " + more + "}", "{accelerators: 8}");
  };
  CHECK(bad("\"zero_optimization\": {\"stage\": 4}") ==
        "file:1:70: zero_optimization.stage: expected a whole number from 0 to 3, got '4' (correct it)");
  CHECK(bad("\"zero_optimization\": {\"stage\": 3, \"offload_param\": {\"device\": \"nvme\"}}")
            .find("in host memory or on disks is not simulated") != std::string::npos);
  CHECK(bad("\"optimizer\": {\"type\": \"OneBitAdam\"}").find("'OneBitAdam' is not simulated") != std::string::npos);
  CHECK(bad("\"zero_optimisation\": {\"stage\": 3}").find("is not known here (did you mean 'zero_optimization.stage'?") !=
        std::string::npos);
}

TEST_CASE("torchtitan's degrees, sharding and schedules")
{
  CHECK(of_titan("", "workload.model") == "llama3-8b");
  CHECK(of_titan("", "plan.dp") == "64");
  CHECK(of_titan("", "plan.zero") == "parameters");
  CHECK(of_titan("", "workload.batch") == "128"); // 2 x 64
  CHECK(of_titan("", "plan.microbatch") == "2");
  CHECK(of_titan("", "plan.recompute") == "full");
  CHECK(of_titan("", "workload.kernels") == "eager");
  CHECK(of_titan("[compile]\nenable = true", "workload.kernels") == "compiled");
  CHECK(of_titan("[compile]\nenable = true", "workload.loss") == "compiled");
  CHECK(import_text("torchtitan", titan + "[compile]\nenable = true\ncomponents = [\"model\"]", "{accelerators: 64}").tree.find("workload")->find("loss") ==
        nullptr);
  CHECK(value_at(import_text("torchtitan", "[model]\nname = \"llama3\"\nflavor = \"8B\"\n[training]\nseq_len = 8192\n[activation_checkpoint]\nmode = "
                                           "\"selective\"\nselective_ac_option = \"op\"\n",
                             "{accelerators: 8}").tree,
                 "plan.recompute") == "alternate-products");
  CHECK(of_titan("tensor_parallel_degree = 8", "plan.dp") == "8");
  CHECK(of_titan("tensor_parallel_degree = 8", "plan.sequence-parallel") == "true");
  CHECK(of_titan("data_parallel_replicate_degree = 4\ndata_parallel_shard_degree = 16", "plan.dp", "{}") == "64");
  CHECK(of_titan("data_parallel_replicate_degree = 4", "plan.zero-group") == "16");
  CHECK(of_titan("context_parallel_degree = 2", "plan.context") == "all-gather");
  CHECK(of_titan("pipeline_parallel_degree = 4\npipeline_parallel_schedule = \"Interleaved1F1B\"", "plan.schedule") == "interleaved-1f1b");
  CHECK(of_titan("pipeline_parallel_degree = 4", "plan.microbatch") == "1");
  CHECK(of_titan("pipeline_parallel_degree = 4", "plan.zero") == "parameters");
  CHECK(of_titan("pipeline_parallel_degree = 4", "plan.reshard") == "step"); // parameters stay gathered between microbatches
  CHECK(of_titan("pipeline_parallel_degree = 4", "plan.keep-stage-outputs") == "true");
  CHECK(of_titan("fsdp_reshard_after_forward = \"never\"", "plan.zero") == "gradients");
}

TEST_CASE("bad torchtitan files are refused where they are bad")
{
  const auto bad = [](const std::string& text) { return refusal("torchtitan", text, "{accelerators: 64}"); };
  CHECK(bad("[training\nseq_len = 1") == "file:1:10: not valid TOML: expected ']' (check quotes and brackets)");
  CHECK(bad("a = \"b\n\"") == "file:1:5: not valid TOML: a quote that is not closed on its line (close it)");
  CHECK(bad("a = [1, 2") == "file:1:5: not valid TOML: a list that is never closed (close it)");
  CHECK(bad("a = 1\na = 1") == "file:2:1: a: stands here twice (keep one)");
  CHECK(bad("a = 2024-01-01").find("is no text, number, true or false") != std::string::npos);
  CHECK(bad("[[a]]").find("a list of tables") != std::string::npos);
  CHECK(bad(titan + "tensor_parallel_degree = \"eight\"") ==
        "file:10:1: parallelism.tensor_parallel_degree: expected a number, got 'eight' (write the number itself)");
  CHECK(bad(titan + "tensor_parallel_degre = 8").find("is not known here (did you mean 'parallelism.tensor_parallel_degree'?") !=
        std::string::npos);
  CHECK(bad(titan + "data_parallel_shard_degree = 1000000\ntensor_parallel_degree = 1000000").find("more than 1000000 together") !=
        std::string::npos);
  CHECK(bad(titan + "data_parallel_shard_degree = 3").find("replicas and shards do not make 64") != std::string::npos);
  CHECK(bad(titan + "[optimizer]\nname = \"Muon\"").find("'Muon' is not simulated") != std::string::npos);
  CHECK(bad("[training]\nseq_len = 8\n").find("recomputing every 2. layer is not simulated") != std::string::npos);
  std::string deep = "a = ";
  for (int i = 0; i < 100'000; ++i) deep += "[";
  CHECK(bad(deep).find("file:1:") == 0);
}

TEST_CASE("random changes to good configurations are read or refused, never worse")
{
  const std::vector<std::pair<std::string, std::string>> texts{
      {"megatron", "TP=2\n" + gpt + "--tensor-model-parallel-size ${TP:-1} --lr 1"},
      {"torchtitan", titan + "tensor_parallel_degree = 8"},
      {"deepspeed", "{\"train_batch_size\": 64, \"bf16\": {\"enabled\": true}, \"zero_optimization\": {\"stage\": 2}}"},
      {"nemo", "trainer: {devices: 8}\nmodel:\n  tensor_model_parallel_size: 4\n  micro_batch_size: 1\n"}};
  std::uint64_t state = 20251123;
  const auto next = [&] { return (state = state * 6364136223846793005ULL + 1442695040888963407ULL) >> 33U; }; // Knuth, MMIX
  const std::string letters = "{}[]<>\"/=;:,- \n0123456789abehrs.&!$";
  for (const auto& [format, good] : texts)
    for (int round = 0; round < 400; ++round) {
      std::string text = good;
      for (int change = 0; change < 3; ++change) {
        const std::size_t at = next() % text.size();
        if (next() % 3 == 0)
          text.erase(at, 1 + next() % 4);
        else
          text[at] = letters[next() % letters.size()];
      }
      const std::string line = refusal(format, text, "{accelerators: 64}");
      CHECK((line.empty() || line.find("file") == 0));
    }
}
