#pragma once
// What felix pub tells about its work.

#include <string>

#include "felix/publish_pump.h"

namespace felix::command {

std::string summary_text(const PublishTotals& totals, Duration took, client::AckMode ack);
// One object: records, bytes, seconds, unknown, refused, unsent and, with acknowledgements, ack_latency_us.
std::string summary_json(const PublishTotals& totals, Duration took, client::AckMode ack);
// What did not certainly arrive; empty when all did. `connected`: the connection outlived the answers.
std::string losses_text(const PublishTotals& totals, bool connected);

// A line on a terminal that keeps changing. Silent unless `shown`.
class PublishProgress {
 public:
  PublishProgress(io::Loop& loop, const PublishTotals& totals, bool shown);
  // Takes the line away.
  void clear();

 private:
  void show();

  io::Loop& loop_;
  const PublishTotals& totals_;
  const MonoTime begun_;
  bool on_screen_ = false;
  io::Timer next_;
};

}  // namespace felix::command
