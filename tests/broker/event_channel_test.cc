#include "broker/event_channel.h"

#include <catch2/catch_test_macros.hpp>

#include "broker/raw_client.h"
#include "support/recording_port.h"
#include "wire/frame_reader.h"

using namespace felix;
using namespace felix::test;
using broker::EventChannel;
using broker::EventFormat;
using broker::Metrics;
using broker::ShardId;

namespace {

const MonoTime kNow{std::chrono::seconds(100)};

struct Fixture {
  telemetry::MetricSet set;
  Metrics metrics{set};
  RecordingPort port;
  streams::SubscriptionOptions options;
  streams::TakeLimits limits;
  EventFormat format{63, false, SubscriptionId(9), "t", "n", "s"};
  broker::TimedRuns timed;
  std::vector<bool> blocking;
  std::unique_ptr<EventChannel> events;
  std::shared_ptr<const std::string> publisher;
  std::int64_t wall_us = 0;
  Offset next = 0;

  void start(streams::Joined joined = {}) {
    next = joined.live_offset;
    events = std::make_unique<EventChannel>(port, ShardId{1, 0}, format, std::move(joined), options, limits,
                                            metrics, timed, [this](bool on) { blocking.push_back(on); });
    events->release();
  }
  void offer(const std::vector<std::string>& texts, MonoTime appended_at = kNow) {
    const auto run = records(texts);
    events->offer({next, run, {publisher, wall_us}, appended_at});
    next += run.count();
  }
  std::vector<RawFrame> written() {
    wire::FrameReader reader(UINT32_MAX);
    reader.push(port.take_written());
    std::vector<RawFrame> frames;
    for (wire::IncomingFrame frame; reader.next(frame).value_or(false);)
      frames.push_back({frame.flags, std::string(as_text(frame.payload.bytes()))});
    return frames;
  }
};

}  // namespace

TEST_CASE("what is queued leaves as one frame, with the offset of its first record") {
  Fixture at;
  at.start();
  at.offer({"a", "b"});
  at.offer({"c"});
  at.events->pump(kNow);
  const auto frames = at.written();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].flags == 0x0024);
  CHECK(events_of(frames[0]).base_offset == 0u);
  CHECK(events_of(frames[0]).records == std::vector<std::string>{"a", "b", "c"});
  CHECK(at.metrics.delivered_records.value() == 3);
  CHECK(at.metrics.queue_length.value() == 0);
}

TEST_CASE("history comes first and is never dropped", "[L-07]") {
  Fixture at;
  at.options.bounds = {1, 1 << 20};
  streams::Joined joined{0, 40, {}};
  for (Offset i = 0; i < 40; ++i) joined.backlog.push_back({i, records({std::to_string(i)}), {}, MonoTime{}});
  at.start(std::move(joined));
  at.offer({"40"});
  at.offer({"dropped"});
  at.events->pump(kNow);
  std::vector<std::string> heard;
  for (const RawFrame& frame : at.written()) {
    for (std::string& record : events_of(frame).records) heard.push_back(std::move(record));
  }
  REQUIRE(heard.size() == 41);
  CHECK(heard.back() == "40");
  CHECK(at.metrics.dropped_queue_full.value() == 1);
}

TEST_CASE("the transport is handed a bounded amount; the rest waits where policies act") {
  Fixture at;
  at.start();
  const std::string body(10'000, 'x');
  for (int i = 0; i < 200; ++i) at.offer({body});
  at.events->pump(kNow);
  CHECK(at.port.unsent_bytes() < 400'000);
  CHECK(at.metrics.queue_length.value() > 100);
  std::size_t heard = at.written().size();
  while (at.metrics.queue_length.value() > 0) {
    at.port.send();
    at.events->pump(kNow);
    heard += at.written().size();
  }
  CHECK(heard >= 200 / 6);
  CHECK(at.metrics.delivered_records.value() == 200);
}

TEST_CASE("a gap of dropped records starts a new frame at its real offset") {
  Fixture at;
  at.options.policy = streams::SlowPolicy::drop_old;
  at.options.bounds = {2, 1 << 20};
  at.start();
  for (int i = 0; i < 5; ++i) at.offer({std::to_string(i)});
  at.events->pump(kNow);
  const auto frames = at.written();
  REQUIRE(frames.size() == 1);
  CHECK(events_of(frames[0]).base_offset == 3u);
  CHECK(at.metrics.dropped_oldest.value() == 3);
}

TEST_CASE("a blocking reader says so once, and once when it has room again or is gone") {
  Fixture at;
  at.options.policy = streams::SlowPolicy::block;
  at.options.bounds = {4, 1 << 20};
  at.start();
  for (int i = 0; i < 8; ++i) at.offer({"x"});
  CHECK(at.blocking == std::vector<bool>{true});
  at.events->pump(kNow);
  CHECK(at.blocking == std::vector<bool>{true, false});
  for (int i = 0; i < 8; ++i) at.offer({"x"});
  at.events.reset();
  CHECK(at.blocking == std::vector<bool>{true, false, true, false});
  CHECK(at.metrics.subscriptions.value() == 0);
  CHECK(at.metrics.queue_length.value() == 0);
}

TEST_CASE("a delay runs from the first event that waits, and a full frame does not wait", "[L-18]") {
  Fixture at;
  at.limits.max_events = 3;
  at.start();
  const Duration delay = std::chrono::milliseconds(5);
  at.offer({"a"});
  at.events->note_waiting(kNow);
  CHECK(at.events->due(delay) == kNow + delay);
  at.offer({"b"});
  at.events->note_waiting(kNow + delay / 2);
  CHECK(at.events->due(delay) == kNow + delay);
  CHECK(at.events->due(Duration(0)) <= kNow);
  at.offer({"c"});
  CHECK(at.events->due(delay) <= kNow);
}

TEST_CASE("the end comes behind what was queued", "[L-08]") {
  Fixture at;
  at.start();
  at.offer({"last"});
  at.events->end(Error{Errc::draining, "bye"});
  at.offer({"too late"});
  CHECK_FALSE(at.port.finished());
  at.events->pump(kNow);
  CHECK(events_of(at.written().at(0)).records == std::vector<std::string>{"last"});
  CHECK(at.port.finished());
}

TEST_CASE("a record appended in a turn that began after ours was delivered without delay") {
  Fixture at;
  at.start();
  at.offer({"x"}, kNow + std::chrono::milliseconds(1));
  at.events->pump(kNow);
  const auto samples = at.metrics.delivery_latency.snapshot();
  CHECK(samples.count() == 1);
  CHECK(samples.sum() == 0);
}
