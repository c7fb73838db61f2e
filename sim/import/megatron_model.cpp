// The model's shape in Megatron-LM's options.
#include "import/megatron.hpp"

#include "config/value.hpp"
#include "import/network.hpp"
#include "units/text.hpp"

#include <algorithm>
#include <charconv>

namespace weft {
namespace {

/// Sets a path to a setting's whole number, when it is there.
void copy(JobSettings& settings, const char* name, JobTree& tree, const char* path, std::int64_t low = 1)
{
  if (const auto number = settings.whole(name, low, 1'000'000'000)) tree.set(path, *number, settings.place_of(name));
}

/// One of several words, each with the word it becomes. Throws ConfigError for another.
struct Translation {
  const char *word, *becomes;
};
void translate(JobSettings& settings, const char* name, std::initializer_list<Translation> words, JobTree& tree, const char* path)
{
  const JobSetting* setting = settings.take(name);
  if (!setting) return;
  std::vector<std::string> known;
  for (const Translation& one : words) {
    if (setting->text == one.word) return tree.set(path, one.becomes, setting->place);
    known.emplace_back(one.word);
  }
  throw ConfigError(setting->place, name, "'" + shown(setting->text) + "' is not known here" + suggestion(setting->text, known, "one of"));
}

/// Rows of the embedding: Megatron-LM pads the vocabulary so that every tensor-parallel rank has a multiple of a number of rows.
void put_vocabulary(JobSettings& settings, JobTree& tree, std::vector<ImportNote>& notes)
{
  copy(settings, "padded-vocab-size", tree, "workload.model.vocabulary");
  const auto words = settings.whole("vocab-size", 1, 10'000'000);
  const std::int64_t divisible = settings.whole("make-vocab-size-divisible-by", 1, 1'000'000).value_or(128);
  const std::int64_t tp = settings.whole("tensor-model-parallel-size", 1, 1'000'000).value_or(1);
  const JobSetting* tokenizer = settings.take("tokenizer-type");
  if (tree.has("workload.model.vocabulary")) return;
  // GPT-2's byte pairs are 50,257 (Radford et al. 2019); Llama 2's SentencePiece model has 32,000.
  const bool gpt2 = tokenizer && tokenizer->text == "GPT2BPETokenizer", llama2 = tokenizer && tokenizer->text == "Llama2Tokenizer";
  const std::int64_t rows = words ? *words : gpt2 ? 50'257 : llama2 ? 32'000 : 0;
  if (rows == 0) {
    notes.push_back({{settings.file()}, "the vocabulary is the tokenizer's, which the file does not hold: add workload.model.vocabulary"});
    return;
  }
  const std::int64_t unit = divisible * tp, padded = (rows + unit - 1) / unit * unit;
  tree.set("workload.model.vocabulary", padded, settings.place_of(words ? "vocab-size" : "tokenizer-type"));
}

void put_feed_forward(JobSettings& settings, MegatronStyle style, JobTree& tree)
{
  copy(settings, "ffn-hidden-size", tree, "workload.model.ffn");
  bool gate = settings.flag("swiglu");
  if (gate) tree.set("workload.model.activation", "swiglu", settings.place_of("swiglu"));
  if (settings.flag("squared-relu")) tree.set("workload.model.activation", "squared-relu", settings.place_of("squared-relu"));
  if (style == MegatronStyle::nemo) {
    translate(settings, "activation",
              {{"gelu", "gelu"},
               {"swiglu", "swiglu"},
               {"fast-swiglu", "swiglu"},
               {"geglu", "geglu"},
               {"fast-geglu", "geglu"},
               {"relu", "relu"},
               {"squared-relu", "squared-relu"},
               {"approx-gelu", "gelu"}},
              tree, "workload.model.activation");
    return;
  }
  // Megatron-LM's own default for a gated block: 4 x hidden x 2 / 3, down to a multiple of 64.
  const auto hidden = settings.whole("hidden-size", 1, 1'000'000);
  if (gate && hidden && !tree.has("workload.model.ffn"))
    tree.set("workload.model.ffn", *hidden * 4 * 2 / 3 / 64 * 64, settings.place_of("swiglu"));
}

void put_dropout(JobSettings& settings, JobTree& tree)
{
  const auto hidden = settings.number("hidden-dropout"), attention = settings.number("attention-dropout"),
             ffn = settings.number("ffn-dropout");
  const double most = std::max({hidden.value_or(0.1), attention.value_or(0.1), ffn.value_or(0)});
  tree.set("workload.model.dropout", exact_text(most), settings.place_of(hidden ? "hidden-dropout" : "attention-dropout"));
}

void put_latent_attention(JobSettings& settings, JobTree& tree)
{
  if (!settings.flag("multi-latent-attention")) return;
  const auto width = [&](const char* name, const char* path, std::int64_t otherwise) {
    tree.set(path, settings.whole(name, 0, 1'000'000).value_or(otherwise), settings.place_of(name));
  };
  // Defaults of MLATransformerConfig.
  width("q-lora-rank", "workload.model.latent.query-rank", 512);
  width("kv-lora-rank", "workload.model.latent.kv-rank", 512);
  width("qk-head-dim", "workload.model.latent.nope-dim", 128);
  width("qk-pos-emb-head-dim", "workload.model.latent.rope-dim", 64);
  width("v-head-dim", "workload.model.latent.value-dim", 128);
}

/// "([0]*3+[1]*58)" or "[0]+[1]*23": so many dense layers, then only routed ones.
std::optional<std::int64_t> dense_layers_of(const std::string& pattern)
{
  std::string text;
  for (const char c : pattern)
    if (c != ' ' && c != '(' && c != ')') text += c;
  const std::size_t plus = text.find("+[1]");
  if (!text.starts_with("[0]") || plus == std::string::npos || text.find_first_not_of("*0123456789", plus + 4) != std::string::npos)
    return {};
  if (plus == 3) return 1;
  std::int64_t dense = 0;
  const char* const end = text.data() + plus;
  const auto [stop, error] = std::from_chars(text.data() + 4, end, dense);
  const bool good = text[3] == '*' && error == std::errc{} && stop == end && dense >= 0 && dense <= 10'000;
  return good ? std::optional(dense) : std::nullopt;
}

} // namespace

void put_megatron_model(JobSettings& settings, MegatronStyle style, JobTree& tree, std::vector<ImportNote>& notes)
{
  copy(settings, "num-layers", tree, "workload.model.layers");
  copy(settings, "hidden-size", tree, "workload.model.hidden");
  copy(settings, "num-attention-heads", tree, "workload.model.heads");
  copy(settings, "kv-channels", tree, "workload.model.head-dim");
  // Groups count only with the flag that switches them on; NeMo has no such flag.
  const bool grouped = settings.flag("group-query-attention") || style == MegatronStyle::nemo;
  if (const auto groups = settings.whole("num-query-groups", 1, 100'000); groups && grouped)
    tree.set("workload.model.kv-heads", *groups, settings.place_of("num-query-groups"));
  put_feed_forward(settings, style, tree);
  put_vocabulary(settings, tree, notes);
  copy(settings, "max-position-embeddings", tree, "workload.model.max-positions");
  translate(settings, "position-embedding-type",
            {{"learned_absolute", "learned"}, {"rope", "rotary"}, {"alibi", "alibi"}, {"none", "none"}, {"yarn", "rotary"}}, tree,
            "workload.model.position");
  if (settings.flag("use-rotary-position-embeddings"))
    tree.set("workload.model.position", "rotary", settings.place_of("use-rotary-position-embeddings"));
  if (!tree.has("workload.model.position")) tree.set("workload.model.position", "learned", settings.place_of(""));
  translate(settings, "normalization",
            {{"LayerNorm", "layernorm"},
             {"RMSNorm", "rmsnorm"},
             {"layernorm", "layernorm"},
             {"layernorm1p", "layernorm"},
             {"rmsnorm", "rmsnorm"}},
            tree, "workload.model.normalization");
  const std::optional<bool> bias = settings.choice("bias");
  const bool disabled = settings.flag("disable-bias-linear"), no_biases = bias ? !*bias : disabled;
  if (disabled) tree.set("workload.model.biases", "false", settings.place_of("disable-bias-linear"));
  if (bias) tree.set("workload.model.biases", truth(*bias), settings.place_of("bias"));
  if (settings.flag("add-qkv-bias") && no_biases) tree.set("workload.model.qkv-biases", "true", settings.place_of("add-qkv-bias"));
  const bool untied = settings.flag("untie-embeddings-and-output-weights");
  tree.set("workload.model.tied-embeddings", truth(!untied), settings.place_of("untie-embeddings-and-output-weights"));
  if (const auto shared = settings.choice("share-embeddings-and-output-weights"))
    tree.set("workload.model.tied-embeddings", truth(*shared), settings.place_of("share-embeddings-and-output-weights"));
  put_dropout(settings, tree);
  put_latent_attention(settings, tree);
  copy(settings, "mtp-num-layers", tree, "workload.model.prediction-layers", 0);
  if (!tree.has("workload.model.layers")) {
    notes.push_back(
        {{settings.file()}, "the file does not give the model's shape: add workload.model, a name of `weft list models` or its keys"});
    tree = JobTree(settings.file()); // a shape without its layers is none
  } else {
    tree.set("workload.model.name", "imported", settings.place_of("num-layers"));
    tree.set("workload.model.source", file_name(settings.file()), settings.place_of("num-layers"));
  }
}

void put_megatron_experts(JobSettings& settings, JobTree& tree, std::vector<ImportNote>& notes)
{
  const char* const count_name = settings.take("num-experts") ? "num-experts" : "num-moe-experts";
  const auto count = settings.whole(count_name, 1, 100'000);
  const auto active = settings.whole("moe-router-topk", 1, 100'000);
  const auto width = settings.whole("moe-ffn-hidden-size", 1, 10'000'000),
             shared = settings.whole("moe-shared-expert-intermediate-size", 0, 10'000'000);
  const JobSetting* every = settings.take("moe-layer-freq");
  const auto capacity = settings.number("moe-expert-capacity-factor");
  const bool pads = settings.flag("moe-pad-expert-input-to-capacity");
  if (!count || !tree.has("workload.model.layers")) return;
  tree.set("workload.model.experts.count", *count, settings.place_of(count_name));
  tree.set("workload.model.experts.active", active.value_or(2), settings.place_of("moe-router-topk"));
  if (width) tree.set("workload.model.experts.ffn", *width, settings.place_of("moe-ffn-hidden-size"));
  if (shared) tree.set("workload.model.experts.shared-ffn", *shared, settings.place_of("moe-shared-expert-intermediate-size"));
  if (capacity && *capacity > 0)
    tree.set("workload.expert-capacity", exact_text(*capacity), settings.place_of("moe-expert-capacity-factor"));
  if (pads && capacity && *capacity > 0) tree.set("workload.pad-experts", "true", settings.place_of("moe-pad-expert-input-to-capacity"));
  if (!every || every->text == "1") return;
  if (const auto dense = dense_layers_of(every->text)) return tree.set("workload.model.experts.dense-layers", *dense, every->place);
  const auto distance =
      every->text.find('[') == std::string::npos ? settings.whole("moe-layer-freq", 1, 10'000) : std::optional<std::int64_t>{};
  if (!distance)
    throw ConfigError(every->place, "moe-layer-freq",
                      "'" + shown(every->text) +
                          "' is not understood (write a number, or ([0]*3+[1]*58) for three dense layers before 58)");
  tree.set("workload.model.experts.every", *distance, every->place);
  notes.push_back({every->place, "of every " + every->text + " layers Megatron-LM routes the first, Weft the last"});
}

} // namespace weft
