#include "bench/publisher_client.h"

#include <algorithm>

#include "bench/stamp.h"
#include "bench/thread_cpu.h"

namespace felix::bench {
namespace {

// Answers that have not come so long after the last publish are given up.
constexpr Duration kAnswerGrace = std::chrono::seconds(5);

MonoTime at(std::uint64_t ns) { return MonoTime(Duration(static_cast<std::int64_t>(ns))); }

}  // namespace

PublisherClient::PublisherClient(io::Loop& loop, Scoreboard& scoreboard, const Load& load, std::uint16_t run,
                                 std::size_t index)
    : loop_(loop),
      scoreboard_(scoreboard),
      row_(scoreboard.publishers()[index]),
      load_(load),
      run_(run),
      index_(index),
      payload_(load.seed + index, load.payload_bytes),
      due_(loop, [this] { sending_ || finished_ ? pump() : finish(); }) {}

void PublisherClient::start(client::ConnectOptions options) {
  watch_ = scoreboard_.publisher_waker(index_).watch(loop_, [this] { on_ring(); });
  auto session = client::Session::create(loop_, std::move(options));
  if (!session) {
    outcome_.error = std::move(session).error();
    return finish();
  }
  session_ = std::move(*session);
  publisher_ = std::make_unique<client::Publisher>(*session_, client::PublisherOptions{});
  publisher_->set_on_room([this] { pump(); });
  session_->set_on_state([this](client::Session::State state) { on_state(state); });
  session_->start();
}

void PublisherClient::on_state(client::Session::State state) {
  using enum client::Session::State;
  if (finished_) return;
  if (state == ready && !ready_) {
    ready_ = true;
    outcome_.cipher = session_->cipher();
    scoreboard_.add_ready();
  } else if (state == closed || (ready_ && state != ready)) {
    outcome_.error = session_->last_error().value_or(Error{Errc::connection_lost, "the connection was lost"});
    finish();
  }
}

void PublisherClient::on_ring() {
  if (finished_) return;
  if (scoreboard_.aborted()) return finish();
  if (const Scoreboard::Times* times = scoreboard_.times(); times != nullptr && !going_) on_go(*times);
  pump();
}

void PublisherClient::on_go(const Scoreboard::Times& times) {
  going_ = sending_ = true;
  schedule_ = {times.start_ns, std::max<std::uint64_t>(1, load_.rate), load_.batch, load_.publishers};
  measure_ns_ = times.measure_ns;
  until_ns_ = times.until_ns;
  if (load_.records > 0) records_ = std::max<std::uint64_t>(1, load_.records / load_.publishers);
}

std::uint64_t PublisherClient::now_ns() const { return nanos_since_epoch(loop_.clock().now()); }

void PublisherClient::pump() {
  while (sending_) {
    const std::uint64_t now = now_ns();
    if (now >= until_ns_ || outcome_.published >= records_) return stop_sending();
    if (!admits(now)) return;
    send(now);
  }
  if (going_ && !finished_ && publisher_->pending() == 0) finish();
}

// Whether to send now. If not, something that calls pump() again is on its way: the due time, an answer,
// room, a subscriber's ring.
bool PublisherClient::admits(std::uint64_t now_ns) {
  if (load_.pace == Pace::open) {
    const std::uint64_t due_ns = schedule_.due_ns(index_, sequence_);
    due_.arm(at(std::min(due_ns > now_ns ? due_ns : until_ns_, until_ns_)));
    return due_ns <= now_ns && publisher_->wants_more();
  }
  due_.arm(at(until_ns_));
  if (!publisher_->wants_more()) return false;
  if (load_.pace == Pace::closed) return publisher_->pending() < load_.in_flight;
  const auto has_credit = [this] {
    return scoreboard_.submitted() + load_.batch <= scoreboard_.delivered_to_all() + load_.in_flight;
  };
  if (has_credit()) return true;
  row_.waiting.store(true);
  // What was delivered between the question and the flag rang nobody.
  return has_credit() && row_.waiting.exchange(false);
}

void PublisherClient::send(std::uint64_t now_ns) {
  const bool measured = now_ns >= measure_ns_;
  if (measured && cpu_before_ns_ == 0) cpu_before_ns_ = thread_cpu_ns();
  wire::RecordRunBuilder builder(load_.batch * (load_.payload_bytes + wire::kRecordLengthBytes));
  for (std::uint64_t i = 0; i < load_.batch; ++i) {
    const MutableBytes record = builder.append_space(load_.payload_bytes);
    encode_stamp(record.data(), {run_, static_cast<std::uint16_t>(index_), sequence_ + i, now_ns});
    payload_.fill(record.subspan(kStampBytes));
  }
  if (measured) {
    outcome_.published += load_.batch;
    outcome_.last_sent_ns = now_ns;
    if (load_.pace == Pace::open) outcome_.late_ns.record(now_ns - schedule_.due_ns(index_, sequence_));
  }
  sequence_ += load_.batch;
  row_.submitted.store(sequence_, std::memory_order_relaxed);
  client::PublishRequest request;
  request.stream = load_.stream;
  request.records = builder.finish();
  request.ack = load_.ack;
  publisher_->publish(std::move(request), [this, now_ns](const Result<client::PublishOutcome>& outcome) {
    on_answer(now_ns, load_.batch, outcome);
  });
}

void PublisherClient::on_answer(std::uint64_t sent_ns, std::uint64_t count,
                                const Result<client::PublishOutcome>& outcome) {
  if (!outcome && !outcome_.first_failure) outcome_.first_failure = outcome.error();
  if (!outcome && !any_good_ && !finished_) {
    outcome_.error = outcome.error();
    return finish();
  }
  any_good_ = any_good_ || outcome.has_value();
  if (sent_ns >= measure_ns_) {
    (outcome ? outcome_.acked : outcome_.failed) += count;
    if (outcome && load_.ack != client::AckMode::none) outcome_.ack_ns.record(now_ns() - sent_ns);
  } else if (!outcome) {
    outcome_.failed += count;
  }
  if (!finished_) pump();
}

void PublisherClient::stop_sending() {
  sending_ = false;
  if (cpu_before_ns_ > 0) outcome_.cpu_s = static_cast<double>(thread_cpu_ns() - cpu_before_ns_) * 1e-9;
  row_.done.store(true);
  scoreboard_.ring_subscribers();
  due_.arm(loop_.clock().now() + kAnswerGrace);
  if (publisher_->pending() == 0) finish();
}

void PublisherClient::finish() {
  if (finished_) return;
  finished_ = true;
  sending_ = false;
  due_.disarm();
  row_.done.store(true);
  if (outcome_.error) scoreboard_.abort();
  scoreboard_.ring_subscribers();
  scoreboard_.add_finished();
}

PublisherOutcome PublisherClient::take_outcome() {
  finished_ = true;
  sending_ = false;
  publisher_.reset();  // requests without an answer end here, as failed
  if (session_ != nullptr) session_->close();
  return std::move(outcome_);
}

}  // namespace felix::bench
