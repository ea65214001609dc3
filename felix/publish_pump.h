#pragma once
// Carries records from a source (arguments, or a descriptor cut into records) into a Publisher, in order, in
// constant memory: it reads only while the broker keeps up, and batches what is there without waiting for
// more.
//
// The first record that fails ends it: nothing more is read, and what was on its way gets its outcome.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/publisher.h"
#include "client/record_batcher.h"
#include "io/line_splitter.h"
#include "io/pipe_reader.h"
#include "telemetry/histogram.h"

namespace felix::command {

struct PublishPlan {
  std::string stream;
  std::optional<std::vector<std::byte>> key;
  client::AckMode ack = client::AckMode::per_batch;
  std::uint32_t batch_records = 512;
  std::optional<std::uint64_t> records_per_second;
  // The records, or else where they are read from.
  std::vector<std::string> messages;
  int input_fd = -1;
  // Absent: the whole input is one record.
  std::optional<io::Framing> framing;
};

struct PublishTotals {
  std::uint64_t records = 0;          // published, as the ack mode understands it
  std::uint64_t bytes = 0;            // of those
  std::uint64_t unknown_records = 0;  // handed over, and no answer came
  std::uint64_t refused_records = 0;
  std::uint64_t unsent_records = 0;  // taken from the source, and certainly not published
  std::uint64_t largest_batch_bytes = 0;
  telemetry::Histogram latency_ns;  // request to answer
};

class PublishPump {
 public:
  PublishPump(client::Session& session, PublishPlan plan);
  PublishPump(const PublishPump&) = delete;
  PublishPump& operator=(const PublishPump&) = delete;

  void start();
  // Reads no more; what is on its way may finish.
  void stop();
  // Nothing is left to read, to send or to be answered.
  bool finished() const;
  // Gives up on answers: what is not answered now is unknown. Nothing else may be called afterwards but
  // totals() and error().
  void abandon();

  const PublishTotals& totals() const { return totals_; }
  // The first failure: of a record or of the input.
  const std::optional<Error>& error() const { return error_; }
  // The failure says that answers to the rest cannot be hoped for.
  bool hopeless() const;

 private:
  void on_chunk(Bytes chunk);
  void on_input_end(const Status& end);
  void drain();
  bool take_record();
  void send(wire::RecordRun records);
  void on_outcome(const wire::RecordRun& records, MonoTime sent_at,
                  const Result<client::PublishOutcome>& outcome);
  // How many records the rate allows now.
  std::uint64_t allowance();
  void fail_with(Error error);

  client::Session& session_;
  const PublishPlan plan_;
  std::unique_ptr<client::Publisher> publisher_;
  client::RecordBatcher batcher_;
  io::LineSplitter splitter_;
  std::vector<std::byte> whole_input_;
  std::optional<io::PipeReader> reader_;
  io::Timer next_due_;
  std::size_t next_message_ = 0;
  MonoTime started_{};
  std::uint64_t taken_records_ = 0;
  bool source_ended_ = false;  // the source has nothing more for us
  PublishTotals totals_;
  std::optional<Error> error_;
};

}  // namespace felix::command
