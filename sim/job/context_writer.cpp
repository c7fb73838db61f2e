#include "job/context_writer.hpp"

#include "job/ranks.hpp"

namespace weft {

void ContextWriter::collective(std::uint32_t payload) { chain_.collective(payload, slot_context, lane_context); }

void ContextWriter::forward(const BlockForward& works)
{
  switch (plan_.context) {
  case ContextExchange::ring:
    return ring_forward(works);
  case ContextExchange::all_gather:
    collective(payloads_.context_gather);
    return chain_.compute(works.core);
  case ContextExchange::all_to_all:
    collective(payloads_.heads_in);
    chain_.compute(works.core);
    return collective(payloads_.heads_out);
  case ContextExchange::gathered_ring:
    return gathered_forward(works);
  }
}

void ContextWriter::backward(const BlockWorks& works)
{
  if (plan_.recompute.has(Recompute::selective)) forward(works.again);
  switch (plan_.context) {
  case ContextExchange::ring:
    return ring_backward(works.core_backward);
  case ContextExchange::all_gather:
    collective(payloads_.context_gather);
    chain_.compute(works.core_backward);
    return collective(payloads_.context_scatter);
  case ContextExchange::all_to_all:
    collective(payloads_.heads_out); // the gradient of the context: tokens for heads
    chain_.compute(works.core_backward);
    return collective(payloads_.heads_in); // gradients of queries, keys and values: heads for tokens
  case ContextExchange::gathered_ring:
    return gathered_backward(works.core_backward);
  }
}

/// One exchange of the ring, once what it sends has been received and computed; returns the receive.
std::uint32_t ContextWriter::exchange(std::uint32_t payload, std::uint32_t received, std::uint32_t computed)
{
  chain_.after({received, computed}, payload, slot_ring_send, lane_ring_send);
  return chain_.after({computed}, payload, slot_ring_receive, lane_ring_receive);
}

void ContextWriter::ring_forward(const BlockForward& works)
{
  const std::uint32_t begin = chain_.last();
  std::uint32_t received = no_task;
  for (int piece = 0; piece < plan_.cp; piece++) {
    chain_.wait_for(received);
    const bool last = piece + 1 == plan_.cp;
    if (!last) received = exchange(payloads_.ring_keys, received, begin);
    chain_.compute(last ? works.last_core : works.core);
  }
}

void ContextWriter::ring_backward(std::uint32_t piece_work)
{
  std::uint32_t received = no_task;
  for (int piece = 0; piece < plan_.cp; piece++) {
    chain_.wait_for(received);
    const bool first = piece == 0, last = piece + 1 == plan_.cp;
    // what goes out beside this piece: its keys and values, and the gradients that the pieces before added
    received = exchange(first ? payloads_.ring_keys : last ? payloads_.ring_gradients : payloads_.ring_both, received, chain_.last());
    chain_.compute(piece_work);
  }
  chain_.wait_for(received);
}

/// The rank's own keys are at hand: their piece runs beside the gather.
void ContextWriter::gathered_forward(const BlockForward& works)
{
  const std::uint32_t gathered = chain_.aside(payloads_.context_gather, slot_context, lane_context);
  for (int piece = 0; piece < plan_.cp; piece++) {
    if (piece == 1) chain_.wait_for(gathered);
    chain_.compute(piece + 1 == plan_.cp ? works.last_core : works.core);
  }
}

/// What a piece adds to the gradients goes on beside the next piece.
void ContextWriter::gathered_backward(std::uint32_t piece_work)
{
  const std::uint32_t gathered = chain_.aside(payloads_.context_gather, slot_context, lane_context);
  std::uint32_t received = no_task;
  for (int piece = 0; piece < plan_.cp; piece++) {
    if (piece == 1) chain_.wait_for(gathered);
    chain_.compute(piece_work);
    received = exchange(payloads_.ring_gradients, received, chain_.last());
  }
  chain_.wait_for(received);
}

} // namespace weft
