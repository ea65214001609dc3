#include "felix/publish_report.h"

#include <fmt/format.h>

#include "felix/standard_streams.h"
#include "json/writer.h"

namespace felix::command {
namespace {

constexpr Duration kProgressEvery = std::chrono::milliseconds(500);

// Brokers refuse no smaller frame, unless one sets its limit very low.
constexpr std::uint64_t kSuspectBytes = 32 << 10;

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string latency_text(std::uint64_t nanoseconds) {
  const double microseconds = static_cast<double>(nanoseconds) / 1e3;
  return microseconds < 1000 ? fmt::format("{:.0f} us", microseconds)
                             : fmt::format("{:.1f} ms", microseconds / 1000);
}

}  // namespace

std::string summary_text(const PublishTotals& totals, Duration took, client::AckMode ack) {
  const double seconds = seconds_of(took);
  std::string text = fmt::format("published {} record{}, {} bytes in {:.3f} s", totals.records,
                                 totals.records == 1 ? "" : "s", totals.bytes, seconds);
  if (ack == client::AckMode::none || totals.latency_ns.count() == 0) return text;
  const telemetry::Percentiles latency = telemetry::percentiles(totals.latency_ns);
  return text + fmt::format("; ack latency p50 {}, p99 {}, p99.9 {}", latency_text(latency.p50),
                            latency_text(latency.p99), latency_text(latency.p999));
}

std::string summary_json(const PublishTotals& totals, Duration took, client::AckMode ack) {
  std::string out;
  json::Writer json(out);
  json.begin_object();
  json.member("records", totals.records);
  json.member("bytes", totals.bytes);
  json.key("seconds");
  json.raw(fmt::format("{:.6f}", seconds_of(took)));
  json.member("unknown", totals.unknown_records);
  json.member("refused", totals.refused_records);
  json.member("unsent", totals.unsent_records);
  if (ack != client::AckMode::none && totals.latency_ns.count() > 0) {
    const telemetry::Percentiles latency = telemetry::percentiles(totals.latency_ns);
    json.key("ack_latency_us");
    json.begin_object();
    json.member("p50", latency.p50 / 1000);
    json.member("p99", latency.p99 / 1000);
    json.member("p999", latency.p999 / 1000);
    json.end_object();
  }
  json.end_object();
  return out;
}

std::string losses_text(const PublishTotals& totals, bool connected) {
  if (totals.unknown_records + totals.refused_records + totals.unsent_records == 0) return {};
  std::string text = fmt::format("{} records published", totals.records);
  if (totals.unknown_records > 0)
    text += fmt::format(", {} records outcome unknown (sent, not answered, not repeated)",
                        totals.unknown_records);
  if (totals.refused_records > 0) text += fmt::format(", {} refused", totals.refused_records);
  if (totals.unsent_records > 0) text += fmt::format(", {} not sent", totals.unsent_records);
  // The protocol leaves a frame over the broker's limit without an answer, so this can only be guessed.
  if (totals.unknown_records > 0 && connected && totals.largest_batch_bytes > kSuspectBytes)
    text += fmt::format(
        "; if it has a record too large for the broker's limits.max_frame ({} bytes were sent at once), "
        "raise that limit",
        totals.largest_batch_bytes);
  return text;
}

PublishProgress::PublishProgress(io::Loop& loop, const PublishTotals& totals, bool shown)
    : loop_(loop), totals_(totals), begun_(loop.now()), next_(loop, [this] { show(); }) {
  if (shown) next_.arm(begun_ + kProgressEvery);
}

void PublishProgress::show() {
  const double seconds = seconds_of(loop_.now() - begun_);
  show_progress(fmt::format("{} records, {:.1f} MB/s", totals_.records,
                            static_cast<double>(totals_.bytes) / 1e6 / seconds));
  on_screen_ = true;
  next_.arm(loop_.now() + kProgressEvery);
}

void PublishProgress::clear() {
  next_.disarm();
  if (on_screen_) show_progress("");
  on_screen_ = false;
}

}  // namespace felix::command
