#include "felix/record_printer.h"

#include <unistd.h>

#include "felix/standard_streams.h"

namespace felix::command {
namespace {

constexpr std::size_t kQueuedBytes = 1 << 20;
constexpr Duration kReportEvery = std::chrono::seconds(1);

}  // namespace

RecordPrinter::RecordPrinter(io::Loop& loop, client::Subscriber& subscriber, PrintPlan plan)
    : loop_(loop),
      subscriber_(subscriber),
      plan_(plan),
      output_(loop, STDOUT_FILENO, kQueuedBytes, [this] { pump(); }),
      idle_timer_(loop, [this] { idle_ = true; }) {
  subscriber_.set_on_event([this] { pump(); });
  if (plan_.idle_timeout) idle_timer_.arm(loop_.now() + *plan_.idle_timeout);
  pump();
}

bool RecordPrinter::finished() const {
  if (enough() || idle_ || output_.state() != io::PipeWriter::State::open) return true;
  return subscriber_.state() == client::Subscriber::State::ended && !subscriber_.has_batch();
}

void RecordPrinter::pump() {
  while (!enough() && output_.state() == io::PipeWriter::State::open && output_.has_room()) {
    const auto batch = subscriber_.try_next();
    if (!batch) return;
    note_losses(*batch);
    print(*batch);
    if (plan_.idle_timeout) idle_timer_.arm(loop_.now() + *plan_.idle_timeout);
  }
}

void RecordPrinter::print(const client::EventBatch& batch) {
  text_.clear();
  RecordFacts facts{batch.base_offset, std::nullopt, batch.publisher};
  std::size_t index = 0;
  for (const Bytes record : batch.records) {
    if (enough()) break;
    if (index < batch.timestamps_us.size()) facts.timestamp_us = batch.timestamps_us[index++];
    append_record(text_, plan_.format, record, facts);
    if (facts.offset) ++*facts.offset;
    ++records_;
  }
  output_.write(as_bytes(text_));
}

void RecordPrinter::note_losses(const client::EventBatch& batch) {
  if (batch.loss_unknown_before)
    say("felix sub: the connection was lost; records may be missing here, nobody can say how many");
  if (batch.dropped_before == 0) return;
  dropped_ += batch.dropped_before;
  dropped_before_offset_ = batch.base_offset.value_or(0);
  if (last_report_ == MonoTime::min() || loop_.now() - last_report_ >= kReportEvery) report_losses();
}

void RecordPrinter::report_losses() {
  if (reported_ == dropped_) return;
  say("felix sub: " + std::to_string(dropped_ - reported_) + " records were dropped before offset " +
      std::to_string(dropped_before_offset_) +
      ", this reader was too slow or away; a larger --queue or the broker's queue policy block keeps more");
  reported_ = dropped_;
  last_report_ = loop_.now();
}

}  // namespace felix::command
