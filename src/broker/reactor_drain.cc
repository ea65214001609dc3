// How a reactor ends: in steps that no reactor takes before all have reached it, so that what one has
// acknowledged is delivered by the others.
//
//   reading     requests are read until nothing asked is unanswered, for drain_read_grace at most
//   answering   nothing more is read; what was read is answered, wherever its home is
//   posting     no record is appended any more; what was is on its way to the reactors of its readers
//   delivering  subscribers take what is theirs, for as long as each makes progress
//   closing     CONNECTION_CLOSE to everyone
//   parting     the same again for whom it did not reach, then the end
//
// A deadline cuts all waiting short; the last two steps wait for nobody.

#include <algorithm>

#include "broker/reactor.h"
#include "telemetry/log.h"

namespace felix::broker {
namespace {

telemetry::Logger logger("broker");

// Between one CONNECTION_CLOSE and the next.
constexpr Duration kRepeatAfter = std::chrono::milliseconds(10);
constexpr std::uint32_t kRepeats = 3;

}  // namespace

bool Reactor::reading_over() const { return drain_.step > DrainStep::reading; }

void Reactor::begin_drain(MonoTime deadline) {
  drain_.step = DrainStep::reading;
  drain_.began = now();
  drain_.deadline = deadline;
  endpoint_->stop_accepting();
  housekeeping_->arm(now());
}

void Reactor::continue_drain() {
  while (draining() && take_drain_step()) {
  }
}

// True when the next step has begun.
bool Reactor::take_drain_step() {
  const bool late = now() >= drain_.deadline;
  const auto all_have = [&](const std::atomic<std::uint32_t>& reactors) {
    return late || reactors.load(std::memory_order_acquire) >= count_;
  };
  const auto all_settled = [&] {
    return late || std::all_of(sessions_.begin(), sessions_.end(),
                               [](const auto& entry) { return entry.second->settled(); });
  };
  switch (drain_.step) {
    case DrainStep::none:
      return false;
    case DrainStep::reading:
      if (!all_settled() && now() < drain_.began + options_.drain_read_grace) return false;
      drain_.step = DrainStep::answering;
      return true;
    case DrainStep::answering:
      if (!all_settled()) return false;
      common_.settled_reactors.fetch_add(1, std::memory_order_acq_rel);
      drain_.step = DrainStep::posting;
      return true;
    case DrainStep::posting:
      if (!all_have(common_.settled_reactors) || (!late && !all_posted())) return false;
      common_.posted_reactors.fetch_add(1, std::memory_order_acq_rel);
      drain_.step = DrainStep::delivering;
      return true;
    case DrainStep::delivering:
      if (!all_have(common_.posted_reactors) || (!late && !all_taken())) return false;
      if (!all_delivered() && !late) return false;
      close_connections(late);
      return true;
    case DrainStep::closing:
      if (!endpoint_->idle()) return false;
      common_.drained_reactors.fetch_add(1, std::memory_order_acq_rel);
      drain_.step = DrainStep::parting;
      return true;
    case DrainStep::parting:
      part();
      return false;
  }
  return false;
}

bool Reactor::all_delivered() {
  bool all = true;
  for (auto& [id, session] : sessions_) all &= session->has_taken_all_it_takes(now());
  return all;
}

void Reactor::close_connections(bool late) {
  Session::Owed owed;
  std::size_t owing = 0;
  for (const auto& [id, session] : sessions_) {
    const Session::Owed one = session->owed();
    if (one.bytes == 0 && one.batches == 0) continue;
    ++owing;
    owed.bytes += one.bytes;
    owed.batches += one.batches;
  }
  FELIX_LOG(logger, info, "closing connections", {"reactor", index_}, {"connections", sessions_.size()},
            {"forced", late});
  if (owing > 0) {
    FELIX_LOG(logger, warn, "not everything could be delivered", {"reactor", index_}, {"connections", owing},
              {"bytes_unacknowledged", owed.bytes}, {"batches_queued", owed.batches});
  }
  drain_.repeats_left = sessions_.empty() ? 0 : kRepeats;
  drain_.repeat_at = now() + kRepeatAfter;
  drain_.step = DrainStep::closing;
  endpoint_->close_all(transport::kCloseNormal, "broker shutting down");
}

void Reactor::part() {
  if (drain_.repeats_left > 0) {
    if (now() < drain_.repeat_at) return;
    --drain_.repeats_left;
    drain_.repeat_at = now() + kRepeatAfter;
    endpoint_->repeat_last_words();
    return;
  }
  if (common_.drained_reactors.load(std::memory_order_acquire) == count_) loop_->stop();
}

}  // namespace felix::broker
