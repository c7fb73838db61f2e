// The written forms of what holds presets: a node file names its chip by a word, the NodeModel holds the chip itself.
// Here a preset's place is a Node that reader.cpp has already replaced by the preset's keys. Internal to the room.
#pragma once
#include "import/format.hpp"
#include "spec/scenario.hpp"

namespace weft {

struct NodeForm {
  std::string name, title;
  Provenance provenance;
  Node chip;
  int accelerators = 8;
  Node scaleup; ///< mapping with `kind` and that kind's own keys
  Adapters adapters;
  Node scaleup_medium; ///< null: the link that chip.scaleup-link names
  Node host_medium;    ///< null: the link that adapters.host-link names
  Watts power;
  Dollars price;
};
template <> const Record<NodeForm>& record_of<NodeForm>();

/// `kind` of a mapping whose other keys the kind itself reads.
struct KindForm {
  Word kind;
};
template <> const Record<KindForm>& record_of<KindForm>();

struct FabricForm {
  Word kind;
  Node switch_model, spine_switch_model, access, trunk;
  Metres access_length = FabricModel{}.access_length;
  Metres trunk_length = FabricModel{}.trunk_length;
};
template <> const Record<FabricForm>& record_of<FabricForm>();

struct RoutingForm {
  Word kind;
  Pxn pxn = Platform{}.pxn;
};
template <> const Record<RoutingForm>& record_of<RoutingForm>();

struct PlatformForm {
  std::string name, title;
  Provenance provenance;
  int nodes = 1;
  Node node, fabric, routing, library;
};
template <> const Record<PlatformForm>& record_of<PlatformForm>();

struct WorkloadForm {
  std::string name, title;
  Provenance provenance;
  Node model;
  int sequence = Workload{}.sequence;
  int batch = Workload{}.batch;
  Precision precision = Workload{}.precision;
  Precision gradients = Workload{}.gradients;
  AttentionKernel attention = Workload{}.attention;
  Execution execution;
  double token_budget = 0;
};
template <> const Record<WorkloadForm>& record_of<WorkloadForm>();

/// The key `import`, which is gone before a form is read: for documentation.
FieldDoc import_doc(ImportSubject subject);
/// A platform's keys, and a scenario's, with it.
std::vector<FieldDoc> platform_docs();
std::vector<FieldDoc> scenario_docs();

struct ScenarioForm {
  std::string title, about;
  Node platform, workload;
  std::optional<CollectiveJob> collective;
  Plan plan;
  Faults faults;
  EngineSettings engine;
  Upkeep upkeep;
};
template <> const Record<ScenarioForm>& record_of<ScenarioForm>();

} // namespace weft
