#pragma once
// Carries records of a subscription to standard output, in constant memory: it takes a batch only while the
// reader of the output keeps up.

#include <cstdint>
#include <optional>
#include <string>

#include "client/subscriber.h"
#include "felix/record_output.h"
#include "io/pipe_writer.h"

namespace felix::command {

struct PrintPlan {
  RecordFormat format = RecordFormat::lines;
  std::optional<std::uint64_t> count;    // stop after so many records
  std::optional<Duration> idle_timeout;  // stop after so long without one
};

class RecordPrinter {
 public:
  RecordPrinter(io::Loop& loop, client::Subscriber& subscriber, PrintPlan plan);
  RecordPrinter(const RecordPrinter&) = delete;
  RecordPrinter& operator=(const RecordPrinter&) = delete;

  // Nothing more is to be printed: enough records, a pause too long, no reader, or no subscription.
  bool finished() const;
  // What was taken has been written, or cannot be.
  bool written() const {
    return output_.queued_bytes() == 0 || output_.state() != io::PipeWriter::State::open;
  }

  // Says what was not said yet about dropped records; in between it does so once a second at most.
  void report_losses();

  std::uint64_t records() const { return records_; }
  std::uint64_t dropped() const { return dropped_; }
  bool enough() const { return plan_.count && records_ >= *plan_.count; }
  bool idle() const { return idle_; }
  const io::PipeWriter& output() const { return output_; }

 private:
  void pump();
  void print(const client::EventBatch& batch);
  void note_losses(const client::EventBatch& batch);

  io::Loop& loop_;
  client::Subscriber& subscriber_;
  const PrintPlan plan_;
  io::PipeWriter output_;
  io::Timer idle_timer_;
  std::string text_;
  std::uint64_t records_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t reported_ = 0;  // of the dropped
  Offset dropped_before_offset_ = 0;
  MonoTime last_report_ = MonoTime::min();
  bool idle_ = false;
};

}  // namespace felix::command
