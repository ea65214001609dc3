#include "bench/subscriber_client.h"

#include "bench/stamp.h"
#include "bench/thread_cpu.h"
#include "wire/features.h"

namespace felix::bench {
namespace {

// With every publisher done, what has not arrived after so long without any arrival is lost.
constexpr Duration kQuiet = std::chrono::milliseconds(1500);

}  // namespace

SubscriberClient::SubscriberClient(io::Loop& loop, Scoreboard& scoreboard, const Load& load,
                                   std::uint16_t run, std::size_t index)
    : loop_(loop),
      scoreboard_(scoreboard),
      row_(scoreboard.subscribers()[index]),
      load_(load),
      run_(run),
      index_(index),
      trackers_(load.publishers),
      quiet_(loop, [this] {
        if (unique_ == last_progress_) return finish();
        check_end();
      }) {}

void SubscriberClient::start(client::ConnectOptions options) {
  // What a full queue gives up is what is counted: a reader that was told would go back for it.
  if (options.client_features) *options.client_features &= ~wire::kFeatureSubscriptionLagged;
  watch_ = scoreboard_.subscriber_waker(index_).watch(loop_, [this] { check_end(); });
  auto session = client::Session::create(loop_, std::move(options));
  if (!session) {
    outcome_.error = std::move(session).error();
    return finish();
  }
  session_ = std::move(*session);
  subscriber_ = std::make_unique<client::Subscriber>(
      *session_,
      client::SubscribeOptions{
          .stream = load_.stream, .queue_capacity = load_.queue_capacity, .restart = client::Restart::stop});
  subscriber_->set_on_event([this] { on_event(); });
  session_->start();
}

std::uint64_t SubscriberClient::now_ns() const { return nanos_since_epoch(loop_.clock().now()); }

void SubscriberClient::on_event() {
  if (finished_) return;
  using State = client::Subscriber::State;
  if (!live_ && subscriber_->state() == State::live) {
    live_ = true;
    scoreboard_.add_ready();
  }
  bool any = false;
  while (auto batch = subscriber_->try_next()) {
    take(*batch);
    any = true;
  }
  if (any) {
    row_.accounted.store(accounted_);
    wake_publishers();
    check_end();
  }
  if (!finished_ && (subscriber_->state() == State::ended || subscriber_->resumptions() > 0)) {
    outcome_.error = subscriber_->error().value_or(Error{Errc::connection_lost, "the subscription ended"});
    finish();
  }
}

void SubscriberClient::take(const client::EventBatch& batch) {
  if (times_ == nullptr) {
    times_ = scoreboard_.times();
    if (times_ == nullptr) return;  // somebody else's: our publishers have not begun
    schedule_ = {times_->start_ns, std::max<std::uint64_t>(1, load_.rate), load_.batch, load_.publishers};
    interval_end_ns_ = times_->measure_ns + times_->interval_ns;
  }
  const std::uint64_t now = now_ns();
  if (cpu_before_ns_ == 0 && now >= times_->measure_ns) cpu_before_ns_ = thread_cpu_ns();
  while (now >= interval_end_ns_) end_interval();
  outcome_.dropped += batch.dropped_before;
  accounted_ += batch.dropped_before;
  for (const Bytes record : batch.records) take_record(record, now);
}

void SubscriberClient::take_record(Bytes record, std::uint64_t now_ns) {
  const auto stamp = parse_stamp(record);
  if (!stamp || stamp->run != run_ || stamp->publisher >= trackers_.size()) {
    ++outcome_.foreign;
    return;
  }
  if (trackers_[stamp->publisher].take(stamp->sequence) == SequenceTracker::Arrival::duplicated) return;
  ++unique_;
  ++accounted_;
  if (stamp->sent_ns < times_->measure_ns) return;
  ++outcome_.received;
  outcome_.last_received_ns = now_ns;
  outcome_.sent_ns.record(now_ns - stamp->sent_ns);
  interval_.record(now_ns - stamp->sent_ns);
  if (load_.pace == Pace::open)
    outcome_.intended_ns.record(now_ns - schedule_.due_ns(stamp->publisher, stamp->sequence));
}

void SubscriberClient::end_interval() {
  const std::uint32_t at = row_.intervals.load(std::memory_order_relaxed);
  if (at < Scoreboard::kMaxIntervals) {
    const double seconds = static_cast<double>(times_->interval_ns) * 1e-9;
    row_.timeline[at] = {static_cast<double>(interval_end_ns_ - times_->measure_ns) * 1e-9,
                         static_cast<double>(interval_.count()) / seconds, interval_.percentile(0.5),
                         interval_.percentile(0.99)};
    row_.intervals.store(at + 1, std::memory_order_release);
  }
  if (interval_.count() > 0) interval_.clear();
  interval_end_ns_ += times_->interval_ns;
}

void SubscriberClient::wake_publishers() {
  if (load_.pace != Pace::flood) return;
  for (std::size_t i = 0; i < scoreboard_.publishers().size(); ++i) {
    Scoreboard::PublisherRow& publisher = scoreboard_.publishers()[i];
    if (!publisher.waiting.load()) continue;
    if (scoreboard_.submitted() > scoreboard_.delivered_to_all() + load_.in_flight / 2) return;
    if (publisher.waiting.exchange(false)) scoreboard_.publisher_waker(i).ring();
  }
}

void SubscriberClient::check_end() {
  if (finished_) return;
  if (scoreboard_.aborted()) return finish();
  if (!scoreboard_.publishers_done()) return;
  if (unique_ >= scoreboard_.submitted()) return finish();
  // Asked again when it has been quiet: from the first time on, and after each progress.
  if (quiet_.deadline() != kNever) return;
  last_progress_ = unique_;
  quiet_.arm(loop_.now() + kQuiet);
}

void SubscriberClient::finish() {
  if (finished_) return;
  finished_ = true;
  quiet_.disarm();
  if (cpu_before_ns_ > 0) outcome_.cpu_s = static_cast<double>(thread_cpu_ns() - cpu_before_ns_) * 1e-9;
  for (std::size_t i = 0; i < trackers_.size(); ++i) {
    outcome_.lost += trackers_[i].lost(scoreboard_.publishers()[i].submitted.load());
    outcome_.duplicated += trackers_[i].duplicated();
    outcome_.reordered += trackers_[i].reordered();
  }
  if (outcome_.error) scoreboard_.abort();
  scoreboard_.add_finished();
}

SubscriberOutcome SubscriberClient::take_outcome() {
  finish();
  subscriber_.reset();
  if (session_ != nullptr) session_->close();
  return std::move(outcome_);
}

}  // namespace felix::bench
