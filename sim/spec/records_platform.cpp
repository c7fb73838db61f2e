// How chips, links, switches, adapters and collective libraries stand in YAML.
#include "spec/platform.hpp"

namespace weft {
namespace {

constexpr const char* name_doc = "name in reports; left out in a preset file: the file's name";

/// The value under `key` when it is written, else the mapping: where a rule across keys points.
const Node& written(const Node& mapping, const char* key)
{
  const Node* value = mapping.find(key);
  return value ? *value : mapping;
}

/// What a chip needs to train, where nothing says that it cannot.
void require_training_figures(const Node& node, const Chip& chip)
{
  if (!chip.no_training.empty()) return;
  if (chip.peak.empty())
    refuse(written(node, "peak"),
           "no peak is given (write one such as bf16: 312 TFLOP/s, or no-training: WHY for a part that only infers)");
  if (chip.memory_bandwidth <= Bandwidth(0))
    refuse(written(node, "memory-bandwidth"),
           "no memory bandwidth is given (write one such as 2 TB/s, or no-training: WHY for a part that only infers)");
}

/// Failures in 1e9 hours; the bound is one failure an hour.
Check<double> failure_rate() { return in_range(0.0, 1e9); }

} // namespace

template <> const Record<Provenance>& record_of<Provenance>()
{
  static const Record<Provenance> record =
      Record<Provenance>("provenance", "Where the figures come from.")
          .optional("source", &Provenance::source, "paper, datasheet, repository or page the numbers were read in")
          .optional("confidence", &Provenance::confidence,
                    "verified: read in the source; high: well known; medium; unsure; estimate: ours, see note")
          .optional("note", &Provenance::note, "what is uncertain, or how an estimate was made");
  return record;
}

template <> const Record<ComputeModel>& record_of<ComputeModel>()
{
  static const Record<ComputeModel> record =
      Record<ComputeModel>("compute model", "How close real kernels come to the chip's peaks.")
          .optional("matmul-efficiency", &ComputeModel::matmul_efficiency,
                    "share of the dense peak a large matrix product sustains, tiles and waves aside", fraction())
          .optional("matmul-efficiency-fp8", &ComputeModel::matmul_efficiency_fp8, "the same for fp8 products; 0: as matmul-efficiency",
                    in_range(0.0, 1.0))
          .optional("fp8-row-share", &ComputeModel::fp8_row_share,
                    "share of its rate that an fp8 product keeps when its operands are scaled by rows instead of by tensor", fraction())
          .optional("fp8-block-share", &ComputeModel::fp8_block_share, "the same of operands scaled by blocks", fraction())
          .optional("memory-efficiency", &ComputeModel::memory_efficiency, "share of the memory bandwidth a long copy sustains", fraction())
          .optional("streaming-share", &ComputeModel::streaming_share,
                    "of that, the share that kernels sustain which compute on what they stream: norms, gates, casts, updates", fraction())
          .optional("multiprocessors", &ComputeModel::multiprocessors, "units over which the tiles of a kernel are spread in waves",
                    in_range(1, 100'000))
          .optional("tile-rows", &ComputeModel::tile_rows, "rows of one output tile of the matrix kernels", in_range(1, 65'536))
          .optional("tile-columns", &ComputeModel::tile_columns, "columns of one output tile of the matrix kernels", in_range(1, 65'536))
          .optional("small-tile-efficiency", &ComputeModel::small_tile_efficiency,
                    "share of the full tile's efficiency a tile of half the columns keeps", fraction())
          .optional("depth-half", &ComputeModel::depth_half, "inner dimension at which a matrix product reaches half its efficiency",
                    not_negative<double>())
          .optional("attention-efficiency-forward", &ComputeModel::attention_efficiency_forward,
                    "share of the dense peak of the fused attention kernel, forward", fraction())
          .optional("attention-efficiency-backward", &ComputeModel::attention_efficiency_backward,
                    "share of the dense peak of the fused attention kernel, backward", fraction())
          .optional("first-attention-forward", &ComputeModel::first_attention_forward,
                    "the same for FlashAttention's first generation; 0: 0.55 of the second's", in_range(0.0, 1.0))
          .optional("first-attention-backward", &ComputeModel::first_attention_backward, "0: 0.48 of the second's", in_range(0.0, 1.0))
          .optional("third-attention-forward", &ComputeModel::third_attention_forward,
                    "the same for FlashAttention's third generation; 0: as the second's", in_range(0.0, 1.0))
          .optional("third-attention-backward", &ComputeModel::third_attention_backward, "0: as the second's", in_range(0.0, 1.0))
          .optional("kernel-overhead", &ComputeModel::kernel_overhead, "time between dependent kernels on one stream",
                    not_negative<Seconds>())
          .optional("ramp", &ComputeModel::ramp, "bytes at which a streaming kernel reaches half its bandwidth", not_negative<Bytes>());
  return record;
}

template <> const Record<Dies>& record_of<Dies>()
{
  static const Record<Dies> record =
      Record<Dies>("dies", "Compute dies of one package that software sees as one accelerator, memory spread over all of them.")
          .optional("count", &Dies::count, "compute dies with memory of their own", in_range(1, 64))
          .optional("bandwidth", &Dies::bandwidth, "from the other dies into one die, one direction; 0: never limits",
                    not_negative<Bandwidth>())
          .optional("remote-share", &Dies::remote_share,
                    "share of a die's memory traffic that goes to another die's memory; left out: interleaved, (count - 1) / count",
                    {"0 to 1", [](const std::optional<double>& share) { return !share || (*share >= 0 && *share <= 1); }})
          .rule([](const Node& node, const Dies& dies) {
            if (dies.count == 1 && dies.bandwidth > Bandwidth(0))
              refuse(written(node, "bandwidth"), "a single die has no other to reach (set count, or leave dies out)");
          });
  return record;
}

template <> const Record<NearMemory>& record_of<NearMemory>()
{
  static const Record<NearMemory> record =
      Record<NearMemory>("near memory", "Compute units in the memory: kernels that only stream run there.")
          .optional("bandwidth", &NearMemory::bandwidth,
                    "between the memory's banks and the units beside them, all stacks together; 0: there are none",
                    not_negative<Bandwidth>());
  return record;
}

template <> const Record<Chip>& record_of<Chip>()
{
  static const Record<Chip> record =
      Record<Chip>("chip", "One accelerator.")
          .optional("name", &Chip::name, name_doc)
          .optional("title", &Chip::title, "full name")
          .inlined(&Chip::provenance)
          .optional("release", &Chip::release, "year and month it came out, such as 2020-11")
          .optional("no-training", &Chip::no_training,
                    "why it cannot train, in words: a training job on it is refused with them; left out: it can")
          .optional(
              "peak", &Chip::peak,
              "dense matrix peaks by precision (fp32, tf32, fp16, bf16, fp8); a missing one cannot be used; at least one for training")
          .required("memory", &Chip::memory, "device memory", positive<Bytes>())
          .optional("context-memory", &Chip::context_memory, "of it, what the driver's context and loaded kernels take; 0: not known",
                    not_negative<Bytes>())
          .optional("memory-bandwidth", &Chip::memory_bandwidth, "bandwidth of the device memory; needed for training",
                    not_negative<Bandwidth>())
          .optional("dies", &Chip::dies, "compute dies of the package, where what crosses between them may limit")
          .optional("near-memory", &Chip::near_memory, "compute units in the memory")
          .optional("cache", &Chip::cache, "last-level cache", not_negative<Bytes>())
          .optional("scaleup-link", &Chip::scaleup_link, "link preset of its scale-up ports; left out: it has none")
          .preset("platforms/links", {})
          .optional("scaleup-links", &Chip::scaleup_links, "scale-up links per chip", in_range(0, 10'000))
          .optional("power", &Chip::power, "thermal design power; 0: not known", not_negative<Watts>())
          .optional("price", &Chip::price, "0: not known", not_negative<Dollars>())
          .optional("compute", &Chip::compute, "how close real kernels come to the peaks")
          .rule([](const Node& node, const Chip& chip) {
            require_training_figures(node, chip);
            for (const auto& [precision, rate] : chip.peak)
              if (rate <= FlopRate(0))
                refuse(written(written(node, "peak"), name_of(precision).c_str()),
                       "must be above zero (leave out a precision the chip cannot compute in)");
            if (!chip.scaleup_link.empty() && chip.scaleup_links == 0)
              refuse(written(node, "scaleup-link"), "a link without a number of them (set scaleup-links)");
            if (chip.scaleup_link.empty() && chip.scaleup_links > 0)
              refuse(written(node, "scaleup-links"), "links of no kind (set scaleup-link)");
          });
  return record;
}

template <> const Record<LinkMedium>& record_of<LinkMedium>()
{
  static const Record<LinkMedium> record =
      Record<LinkMedium>("link", "A kind of cable or port: what one direction of it carries and adds.")
          .optional("name", &LinkMedium::name, name_doc)
          .optional("title", &LinkMedium::title, "full name")
          .inlined(&LinkMedium::provenance)
          .required("bandwidth", &LinkMedium::bandwidth, "one direction, raw; a fabric may run it slower, at its port's rate, never faster",
                    positive<Bandwidth>())
          .optional("efficiency", &LinkMedium::efficiency, "payload share of the raw rate: headers, credits, protocol", fraction())
          .optional("latency", &LinkMedium::latency,
                    "added by transceivers, error correction and serialisers of both ends, without propagation", not_negative<Seconds>())
          .optional("propagation-ns-per-m", &LinkMedium::propagation_ns_per_m, "propagation delay in ns per metre", in_range(0.0, 1000.0))
          .optional("reach", &LinkMedium::reach, "longest cable", positive<Metres>())
          .optional("power", &LinkMedium::power, "of both ends together; 0: not known", not_negative<Watts>())
          .optional("price", &LinkMedium::price, "of the cable with both ends; 0: not known", not_negative<Dollars>())
          .optional("failures-per-billion-hours", &LinkMedium::failures_per_billion_hours,
                    "failures in 1e9 hours (FIT) of the cable with its plugs; 0: not known", failure_rate())
          .optional("repair", &LinkMedium::repair, "from a failure until it carries again; 0: not known", not_negative<Seconds>())
          .optional("co-packaged-ends", &LinkMedium::co_packaged_ends,
                    "ends that are optical engines on a switch instead of plugs; their failures stand with the switch", in_range(0, 2));
  return record;
}

template <> const Record<CoPackagedOptics>& record_of<CoPackagedOptics>()
{
  static const Record<CoPackagedOptics> record =
      Record<CoPackagedOptics>("co-packaged optics", "Optical engines and laser sources of one switch.")
          .optional("engines", &CoPackagedOptics::engines, "optical engines, evenly over the ports; 0: the switch takes plugs",
                    in_range(0, 100'000))
          .optional("engine-failures-per-billion-hours", &CoPackagedOptics::engine_failures_per_billion_hours,
                    "FIT of one engine, which stops its ports and, while replaced, the whole switch; 0: not known", failure_rate())
          .optional("lasers", &CoPackagedOptics::lasers, "external laser sources, evenly over the ports; 0: lasers are inside the engines",
                    in_range(0, 100'000))
          .optional("laser-failures-per-billion-hours", &CoPackagedOptics::laser_failures_per_billion_hours,
                    "FIT of one source, which stops its ports; 0: not known", failure_rate())
          .optional("laser-repair", &CoPackagedOptics::laser_repair, "from a source's failure until its ports carry again; 0: not known",
                    not_negative<Seconds>())
          .rule([](const Node& node, const CoPackagedOptics& optics) {
            if (optics.engines == 0 && optics.lasers > 0)
              refuse(written(node, "lasers"), "laser sources without engines to feed (set engines)");
          });
  return record;
}

template <> const Record<SwitchModel>& record_of<SwitchModel>()
{
  static const Record<SwitchModel> record =
      Record<SwitchModel>("switch", "A packet switch of the scale-out fabric.")
          .optional("name", &SwitchModel::name, name_doc)
          .optional("title", &SwitchModel::title, "full name")
          .inlined(&SwitchModel::provenance)
          .required("ports", &SwitchModel::ports, "ports of one switch", in_range(2, 100'000))
          .required("port-bandwidth", &SwitchModel::port_bandwidth, "of one port, one direction", positive<Bandwidth>())
          .optional("latency", &SwitchModel::latency, "port to port", not_negative<Seconds>())
          .optional("power", &SwitchModel::power, "without optics, which the links carry; 0: not known", not_negative<Watts>())
          .optional("price", &SwitchModel::price, "likewise; 0: not known", not_negative<Dollars>())
          .optional("failures-per-billion-hours", &SwitchModel::failures_per_billion_hours,
                    "failures in 1e9 hours (FIT) of the switch itself, without optics; 0: not known", failure_rate())
          .optional("repair", &SwitchModel::repair, "from a failure until it is back in service; 0: not known", not_negative<Seconds>())
          .optional("optics", &SwitchModel::optics, "optical engines and laser sources on its package")
          .rule([](const Node& node, const SwitchModel& model) {
            const Node& optics = written(node, "optics");
            for (const auto& [key, parts] : {std::pair{"engines", model.optics.engines}, std::pair{"lasers", model.optics.lasers}})
              if (parts > model.ports)
                refuse(written(optics, key), std::to_string(parts) + " " + key + " for " + std::to_string(model.ports) +
                                                 " ports (every one serves at least one port)");
          });
  return record;
}

template <> const Record<Adapters>& record_of<Adapters>()
{
  static const Record<Adapters> record =
      Record<Adapters>("adapters", "The network adapters of a node.")
          .optional("name", &Adapters::name, "model of the adapter")
          .optional("count", &Adapters::count, "adapters per node; 0: the node has no scale-out network", in_range(0, 10'000))
          .optional("bandwidth", &Adapters::bandwidth, "port rate, one direction", not_negative<Bandwidth>())
          .optional("efficiency", &Adapters::efficiency, "payload share of the port rate an RDMA stream reaches", fraction())
          .optional("latency", &Adapters::latency, "added by adapter and driver, per end", not_negative<Seconds>())
          .optional("host-link", &Adapters::host_link, "link preset between accelerator and adapter")
          .preset("platforms/links", {})
          .optional("adapters-per-host-link", &Adapters::adapters_per_host_link, "adapters that share one host link", in_range(1, 10'000))
          .rule([](const Node& node, const Adapters& adapters) {
            if (adapters.count > 0 && adapters.bandwidth <= Bandwidth(0))
              refuse(written(node, "bandwidth"), "adapters without a bandwidth (set bandwidth, such as 200 Gbps)");
            if (adapters.count > 0 && adapters.host_link.empty())
              refuse(written(node, "host-link"), "adapters without a host link (set host-link, such as pcie-gen4-x16)");
          });
  return record;
}

template <> const Record<CollectiveLibrary::Protocol>& record_of<CollectiveLibrary::Protocol>()
{
  using Protocol = CollectiveLibrary::Protocol;
  static const Record<Protocol> record =
      Record<Protocol>("protocol", "One protocol of the collective library.")
          .required("name", &Protocol::name, "name in reports, such as ll, ll128, simple")
          .optional("bandwidth-share", &Protocol::bandwidth_share, "share of the path's payload bandwidth it reaches", fraction())
          .optional("bandwidth-cap", &Protocol::bandwidth_cap, "absolute ceiling per rank; 0: none", not_negative<Bandwidth>())
          .optional("bandwidth-cap-network", &Protocol::bandwidth_cap_network,
                    "the same for groups that cross the scale-out network; 0: as bandwidth-cap", not_negative<Bandwidth>())
          .optional("chunk", &Protocol::chunk,
                    "payload that every hop of a broadcast over the network holds until it is whole, per channel", not_negative<Bytes>())
          .optional("base-ring", &Protocol::base_ring, "fixed cost of one ring call", not_negative<Seconds>())
          .optional("base-tree", &Protocol::base_tree, "fixed cost of one tree call", not_negative<Seconds>())
          .optional("step-scaleup-ring", &Protocol::step_scaleup_ring, "ring step between accelerators of one scale-up domain",
                    not_negative<Seconds>())
          .optional("step-scaleup-tree", &Protocol::step_scaleup_tree, "tree step between accelerators of one scale-up domain",
                    not_negative<Seconds>())
          .optional("step-host-ring", &Protocol::step_host_ring, "ring step through the host", not_negative<Seconds>())
          .optional("step-host-tree", &Protocol::step_host_tree, "tree step through the host", not_negative<Seconds>())
          .optional("step-network-ring", &Protocol::step_network_ring, "ring step over the scale-out network", not_negative<Seconds>())
          .optional("step-network-tree", &Protocol::step_network_tree, "tree step over the scale-out network", not_negative<Seconds>());
  return record;
}

template <> const Record<CollectiveLibrary>& record_of<CollectiveLibrary>()
{
  static const Record<CollectiveLibrary> record =
      Record<CollectiveLibrary>("library", "How the collective library behaves: latencies and efficiencies by transport and protocol.")
          .optional("name", &CollectiveLibrary::name, name_doc)
          .optional("title", &CollectiveLibrary::title, "full name")
          .inlined(&CollectiveLibrary::provenance)
          .required("protocols", &CollectiveLibrary::protocols, "the protocols it chooses from, at least one")
          .optional("in-switch", &CollectiveLibrary::in_switch,
                    "whether it may reduce in the switch; the node's switches must offer it, too")
          .optional("step-in-switch", &CollectiveLibrary::step_in_switch, "latency of one in-switch reduction", not_negative<Seconds>())
          .optional("step-in-switch-network", &CollectiveLibrary::step_in_switch_network, "added per network level of the in-switch tree",
                    not_negative<Seconds>())
          .optional("in-switch-efficiency", &CollectiveLibrary::in_switch_efficiency,
                    "payload share of the link rate in-switch reduction reaches", fraction())
          .optional("ramp", &CollectiveLibrary::ramp, "payload at which a ring or tree has paid half of its pipeline fill",
                    not_negative<Bytes>())
          .optional("in-switch-ramp", &CollectiveLibrary::in_switch_ramp, "the same for in-switch reduction", not_negative<Bytes>())
          .optional("network-ramp", &CollectiveLibrary::network_ramp,
                    "added to either per network step of a tree: a chunk is held until it is whole", not_negative<Bytes>())
          .optional("direct-base", &CollectiveLibrary::direct_base, "fixed cost of one all-to-all; 0: point-to-point",
                    not_negative<Seconds>())
          .optional("direct-cap", &CollectiveLibrary::direct_cap, "most a member of an all-to-all sends; 0: none",
                    not_negative<Bandwidth>())
          .optional("direct-ramp", &CollectiveLibrary::direct_ramp, "payload at which an all-to-all has paid half of its pipeline fill",
                    not_negative<Bytes>())
          .optional("direct-rounds", &CollectiveLibrary::direct_rounds,
                    "rounds of pairs that an all-to-all has under way at a time, each batch of them a step: eight (NCCL), or all "
                    "(one-sided writes)")
          .optional(
              "network-way", &CollectiveLibrary::network_way,
              "latency of the way over the network that the protocols' network steps hold already: only what is longer is added to a step",
              not_negative<Seconds>())
          .optional("multiprocessors", &CollectiveLibrary::multiprocessors,
                    "multiprocessors of the accelerator that a running collective occupies: what computes beside it has the rest",
                    in_range(0, 100'000))
          .optional("point-to-point", &CollectiveLibrary::point_to_point, "fixed cost of one send and receive pair",
                    not_negative<Seconds>())
          .optional("point-to-point-scaleup", &CollectiveLibrary::point_to_point_scaleup,
                    "the same inside a scale-up domain; 0: point-to-point", not_negative<Seconds>())
          .optional("communicator-memory", &CollectiveLibrary::communicator_memory,
                    "device memory of one communicator: the buffers of its channels; 0: not known", not_negative<Bytes>())
          .optional("communicator-memory-pair", &CollectiveLibrary::communicator_memory_pair,
                    "the same of a communicator of two, such as neighbour stages; 0: communicator-memory", not_negative<Bytes>())
          .optional("launch", &CollectiveLibrary::launch, "host time to issue one call on one accelerator (see collective.launch)",
                    not_negative<Seconds>())
          .optional("launch-blocking", &CollectiveLibrary::launch_blocking,
                    "host time of a call that is waited for before the next, until its kernel starts (see collective.launch)",
                    not_negative<Seconds>())
          .rule([](const Node& node, const CollectiveLibrary& library) {
            const Node& list = written(node, "protocols");
            if (library.protocols.empty() || library.protocols.size() > 100)
              refuse(list, "between 1 and 100 protocols are needed (list them as '- name: simple')");
            for (std::size_t i = 0; i < library.protocols.size(); ++i)
              for (std::size_t j = 0; j < i; ++j)
                if (library.protocols[i].name == library.protocols[j].name)
                  refuse(list.items[i], "a second protocol called '" + library.protocols[i].name + "' (rename it)");
          });
  return record;
}

} // namespace weft
