#include "spec/forms.hpp"

#include "spec/export.hpp"
#include "spec/format_docs.hpp"

namespace weft {
namespace {

constexpr const char* name_doc = "name in reports; left out in a preset file: the file's name";
constexpr int most_nodes = 1'000'000;

} // namespace

template <> const Record<KindForm>& record_of<KindForm>()
{
  static const Record<KindForm> record =
      Record<KindForm>("scale-up topology", "How the accelerators of a node reach one another.")
          .required("kind", &KindForm::kind, "a scale-up kind; every other key is one of its own settings")
          .leaves_other_keys();
  return record;
}

template <> const Record<NodeForm>& record_of<NodeForm>()
{
  static const Record<NodeForm> record =
      Record<NodeForm>("node", "A server: accelerators, how they reach one another, and how they leave.")
          .optional("name", &NodeForm::name, name_doc)
          .optional("title", &NodeForm::title, "full name")
          .inlined(&NodeForm::provenance)
          .required("chip", &NodeForm::chip, "its accelerators")
          .preset("platforms/chips", chip_docs())
          .optional("accelerators", &NodeForm::accelerators, "accelerators per node", in_range(1, 16'384))
          .required("scaleup", &NodeForm::scaleup,
                    "topology inside the node: a scale-up kind's word, or a mapping with `kind` and its settings")
          .kind_settings(record_of<KindForm>().docs())
          .optional("adapters", &NodeForm::adapters, "network adapters")
          .optional("scaleup-medium", &NodeForm::scaleup_medium,
                    "replaces the link that the chip's scaleup-link names; a mapping without `base` changes that link")
          .preset("platforms/links", record_of<LinkMedium>().docs())
          .optional("host-medium", &NodeForm::host_medium,
                    "replaces the link that adapters.host-link names; a mapping without `base` changes that link")
          .preset("platforms/links", record_of<LinkMedium>().docs())
          .optional("power", &NodeForm::power, "the whole node at full load; 0: not known", not_negative<Watts>())
          .optional("price", &NodeForm::price, "0: not known", not_negative<Dollars>());
  return record;
}

template <> const Record<FabricForm>& record_of<FabricForm>()
{
  static const Record<FabricForm> record =
      Record<FabricForm>("fabric", "The scale-out network between nodes.")
          .required("kind", &FabricForm::kind, "a topology kind; keys beyond the ones here are its own settings")
          .optional("switch", &FabricForm::switch_model, "its switches; needed unless the kind is none")
          .preset("platforms/switches", record_of<SwitchModel>().docs())
          .optional("spine-switch", &FabricForm::spine_switch_model,
                    "switches of the tiers above the leaves, such as a chassis; left out: as switch")
          .preset("platforms/switches", record_of<SwitchModel>().docs())
          .optional("access", &FabricForm::access, "links from a node to its first switch; needed unless the kind is none")
          .preset("platforms/links", record_of<LinkMedium>().docs())
          .optional("trunk", &FabricForm::trunk,
                    "links from switch to switch; left out: the access link; a mapping without `base` changes that link")
          .preset("platforms/links", record_of<LinkMedium>().docs())
          .optional("access-length", &FabricForm::access_length,
                    "length of the access cables; left out: this, or what the link reaches if that is less", not_negative<Metres>())
          .optional("trunk-length", &FabricForm::trunk_length, "length of the trunk cables; left out: likewise", not_negative<Metres>())
          .leaves_other_keys();
  return record;
}

template <> const Record<RoutingForm>& record_of<RoutingForm>()
{
  static const Record<RoutingForm> record =
      Record<RoutingForm>("routing", "How a way is chosen.")
          .required("kind", &RoutingForm::kind, "a routing kind; keys beyond the ones here are its own settings")
          .optional("pxn", &RoutingForm::pxn,
                    "when data goes over scale-up links to another accelerator of its node first, to leave through that one's adapter: "
                    "where the sender's adapter cannot reach the receiver's (needed), or always to the receiver's rail (rail)")
          .leaves_other_keys();
  return record;
}

template <> const Record<PlatformForm>& record_of<PlatformForm>()
{
  static const Record<PlatformForm> record =
      Record<PlatformForm>("platform", "The whole machine.")
          .optional("name", &PlatformForm::name, name_doc)
          .optional("title", &PlatformForm::title, "full name")
          .inlined(&PlatformForm::provenance)
          .optional("nodes", &PlatformForm::nodes, "nodes of the machine", in_range(1, most_nodes))
          .required("node", &PlatformForm::node, "its servers, all alike")
          .preset("platforms/nodes", record_of<NodeForm>().docs())
          .required("fabric", &PlatformForm::fabric, "the network between nodes: a mapping, or the word none")
          .kind_settings(record_of<FabricForm>().docs())
          .optional("routing", &PlatformForm::routing,
                    "path choice: a routing kind's word, or a mapping with `kind` and its settings; left out: deterministic")
          .kind_settings(record_of<RoutingForm>().docs())
          .required("library", &PlatformForm::library, "the collective library")
          .preset("platforms/libraries", record_of<CollectiveLibrary>().docs());
  return record;
}

FieldDoc import_doc(ImportSubject subject)
{
  FieldDoc field;
  field.key = "import";
  field.type = import_type;
  field.doc = subject == ImportSubject::network
                  ? "a network of another program, laid over the base and under the keys written here: a file name, or a mapping with "
                    "`file`, `format` and that format's own keys (see Kinds)"
                  : "a training configuration of another program, laid under the keys written here: a file name, or a mapping with `file`, "
                    "`format` and that format's own keys (see Kinds)";
  return field;
}

std::vector<FieldDoc> platform_docs()
{
  std::vector<FieldDoc> docs = record_of<PlatformForm>().docs();
  docs.push_back(import_doc(ImportSubject::network));
  return docs;
}

template <> const Record<WorkloadForm>& record_of<WorkloadForm>()
{
  static const Record<WorkloadForm> record =
      Record<WorkloadForm>("workload", "What is trained.")
          .optional("name", &WorkloadForm::name, name_doc)
          .optional("title", &WorkloadForm::title, "full name")
          .inlined(&WorkloadForm::provenance)
          .required("model", &WorkloadForm::model, "the network")
          .preset("workloads/models", record_of<ModelShape>().docs())
          .optional("sequence", &WorkloadForm::sequence, "tokens per sample", in_range(1, 100'000'000))
          .optional("batch", &WorkloadForm::batch, "samples per optimizer step, over all replicas", in_range(1, 10'000'000))
          .optional("precision", &WorkloadForm::precision, "of matrix products")
          .optional("gradients", &WorkloadForm::gradients, "of gradient accumulation and reduction")
          .optional("attention", &WorkloadForm::attention, "unfused kernels or a fused one")
          .inlined(&WorkloadForm::execution)
          .optional("token-budget", &WorkloadForm::token_budget, "tokens of the whole training run; 0: not asked", in_range(0.0, 1e18));
  return record;
}

template <> const Record<ScenarioForm>& record_of<ScenarioForm>()
{
  static const Record<ScenarioForm> record =
      Record<ScenarioForm>("scenario", "One run: a platform, a workload or a collective, a plan, faults, engine settings.")
          .optional("title", &ScenarioForm::title, "one line for reports")
          .optional("about", &ScenarioForm::about, "what it shows, with its source")
          .required("platform", &ScenarioForm::platform, "the machine")
          .preset("platforms/clusters", platform_docs())
          .optional("workload", &ScenarioForm::workload, "a training job; either this or collective")
          .preset("workloads/jobs", record_of<WorkloadForm>().docs())
          .optional("collective", &ScenarioForm::collective, "a bare collective; either this or workload")
          .optional("plan", &ScenarioForm::plan, "how the job is cut over the ranks")
          .optional("faults", &ScenarioForm::faults, "what is broken")
          .optional("engine", &ScenarioForm::engine, "how to simulate")
          .optional("upkeep", &ScenarioForm::upkeep, "power drawn, time lost by interruptions, prices");
  return record;
}

std::vector<FieldDoc> scenario_docs()
{
  std::vector<FieldDoc> docs = record_of<ScenarioForm>().docs();
  docs.push_back(import_doc(ImportSubject::plan));
  return docs;
}

} // namespace weft
