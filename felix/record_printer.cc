#include "felix/record_printer.h"

#include <unistd.h>

#include "felix/standard_streams.h"

namespace felix::command {
namespace {

constexpr std::size_t kQueuedBytes = 1 << 20;

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
  std::optional<Offset> offset = batch.base_offset;
  for (const Bytes record : batch.records) {
    if (enough()) break;
    append_record(text_, plan_.format, record, offset);
    if (offset) ++*offset;
    ++records_;
  }
  output_.write(as_bytes(text_));
}

void RecordPrinter::note_losses(const client::EventBatch& batch) {
  dropped_ += batch.dropped_before;
  if (batch.dropped_before > 0)
    say("felix sub: " + std::to_string(batch.dropped_before) + " records were dropped before offset " +
        std::to_string(batch.base_offset.value_or(0)) + " because this reader was too slow or away");
  if (batch.loss_unknown_before)
    say("felix sub: the connection was lost; records may be missing here, nobody can say how many");
}

}  // namespace felix::command
