#include "felix/publish_pump.h"

#include <algorithm>

namespace felix::command {
namespace {

constexpr std::size_t kChunkBytes = 128 << 10;
// What one chunk holds goes as one batch, lengths and all.
constexpr std::size_t kBatchBytes = 2 * kChunkBytes;

}  // namespace

PublishPump::PublishPump(client::Session& session, PublishPlan plan)
    : session_(session),
      plan_(std::move(plan)),
      publisher_(std::make_unique<client::Publisher>(session, client::PublisherOptions{})),
      batcher_(plan_.batch_records, kBatchBytes),
      splitter_(plan_.framing.value_or(io::Framing::lines), session.options().max_payload_bytes),
      next_due_(session.loop(), [this] { drain(); }) {
  publisher_->set_on_room([this] { drain(); });
  if (plan_.input_fd < 0) return;
  reader_.emplace(
      session.loop(), plan_.input_fd, kChunkBytes, [this](Bytes chunk) { on_chunk(chunk); },
      [this](const Status& end) { on_input_end(end); });
}

void PublishPump::start() {
  started_ = session_.now();
  if (!reader_) drain();
}

void PublishPump::stop() {
  source_ended_ = true;
  totals_.unsent_records += batcher_.count();
  batcher_.take();
  if (reader_) reader_->pause();
  next_due_.disarm();
}

bool PublishPump::finished() const {
  return source_ended_ && batcher_.empty() && (publisher_ == nullptr || publisher_->pending() == 0);
}

void PublishPump::abandon() {
  if (!source_ended_) stop();
  publisher_.reset();
}

bool PublishPump::hopeless() const {
  return error_ && (error_->code == Errc::outcome_unknown || error_->code == Errc::timed_out ||
                    exit_code(*error_) == ExitCode::could_not_connect);
}

void PublishPump::on_chunk(Bytes chunk) {
  if (source_ended_) return;
  if (plan_.framing) {
    splitter_.append(chunk);
    drain();
    return;
  }
  whole_input_.insert(whole_input_.end(), chunk.begin(), chunk.end());
  const std::size_t most = session_.options().max_payload_bytes;
  if (whole_input_.size() > most)
    fail_with({Errc::too_large, "the input is one record of more than " + std::to_string(most) +
                                    " bytes; cut it with --format lines or length-delimited"});
}

void PublishPump::on_input_end(const Status& end) {
  if (source_ended_) return;
  if (!end) return fail_with(end.error());
  splitter_.finish();
  drain();
}

// Takes records while the publisher wants more and the rate allows it; what is collected then goes at once.
void PublishPump::drain() {
  if (source_ended_) return;
  const std::uint64_t due = allowance();
  for (std::uint64_t i = 0; i < due && publisher_->wants_more() && take_record(); ++i) {
    if (batcher_.full()) send(batcher_.take());
  }
  if (source_ended_ && error_) return;
  if (!batcher_.empty()) send(batcher_.take());
  if (source_ended_) return;
  const bool behind = !publisher_->wants_more();
  if (plan_.records_per_second && !behind)
    next_due_.arm(started_ + std::chrono::nanoseconds(
                                 static_cast<std::int64_t>(static_cast<double>(taken_records_) * 1e9 /
                                                           static_cast<double>(*plan_.records_per_second))));
  if (!reader_ || reader_->ended()) return;
  // With the splitter's last record taken, another chunk is wanted; otherwise on_room or the timer goes on.
  if (behind || (plan_.records_per_second && allowance() == 0)) {
    reader_->pause();
  } else if (reader_->paused()) {
    reader_->resume();
  }
}

std::uint64_t PublishPump::allowance() {
  if (!plan_.records_per_second) return UINT64_MAX;
  const double seconds = std::chrono::duration<double>(session_.loop().now() - started_).count();
  const auto due = static_cast<std::uint64_t>(seconds * static_cast<double>(*plan_.records_per_second)) + 1;
  return due - std::min(due, taken_records_);
}

// False when the source has none now.
bool PublishPump::take_record() {
  if (source_ended_) return false;
  if (!reader_) {
    if (next_message_ == plan_.messages.size()) {
      source_ended_ = true;
      return false;
    }
    if (auto full = batcher_.add(as_bytes(plan_.messages[next_message_++]))) send(std::move(*full));
  } else if (!plan_.framing) {
    if (!reader_->ended()) return false;
    source_ended_ = true;
    batcher_.add(whole_input_);
  } else {
    auto record = splitter_.next();
    if (!record) {
      fail_with(std::move(record).error());
      return false;
    }
    if (!*record) {
      source_ended_ = reader_->ended();
      return false;
    }
    if (auto full = batcher_.add(**record)) send(std::move(*full));
  }
  ++taken_records_;
  return true;
}

void PublishPump::send(wire::RecordRun records) {
  totals_.largest_batch_bytes = std::max<std::uint64_t>(totals_.largest_batch_bytes, records.encoded_bytes());
  client::PublishRequest request;
  request.stream = plan_.stream;
  request.records = records;
  request.key = plan_.key;
  request.ack = plan_.ack;
  publisher_->publish(std::move(request), [this, records, sent_at = session_.loop().clock().now()](
                                              const Result<client::PublishOutcome>& outcome) {
    on_outcome(records, sent_at, outcome);
  });
}

void PublishPump::on_outcome(const wire::RecordRun& records, MonoTime sent_at,
                             const Result<client::PublishOutcome>& outcome) {
  if (outcome) {
    totals_.records += records.count();
    totals_.bytes += records.payload_bytes();
    totals_.latency_ns.record(static_cast<std::uint64_t>((session_.loop().clock().now() - sent_at).count()));
    return;
  }
  const Error& error = outcome.error();
  if (error.code == Errc::outcome_unknown) {
    totals_.unknown_records += records.count();
  } else if (error.code == Errc::interrupted || error.code == Errc::timed_out ||
             exit_code(error) == ExitCode::could_not_connect) {
    totals_.unsent_records += records.count();
  } else {
    totals_.refused_records += records.count();
  }
  fail_with(error);
}

void PublishPump::fail_with(Error error) {
  if (!error_) error_ = std::move(error);
  if (!source_ended_) stop();
}

}  // namespace felix::command
