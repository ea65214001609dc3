#include "wire/event_codec.h"

#include <catch2/catch_test_macros.hpp>

#include "wire/event_prefix.h"
#include "wire/flags.h"
#include "wire/header.h"

namespace felix::wire {
namespace {

RecordRun two_records() {
  RecordRunBuilder builder;
  builder.append(as_bytes("a"));
  builder.append(as_bytes("bc"));
  return builder.finish();
}

std::vector<std::byte> encode(const EventBatch& batch) {
  std::vector<std::byte> out;
  append_event_batch(out, batch);
  return out;
}

}  // namespace

TEST_CASE("a prefix in front of a run is the same frame as the whole batch") {
  for (int fields = 0; fields < 16; ++fields) {
    EventPrefix prefix;
    EventBatch batch;
    batch.records = two_records();
    if ((fields & 1) != 0) prefix.subscription_id = batch.subscription_id = SubscriptionId(3);
    if ((fields & 2) != 0) prefix.base_offset = batch.base_offset = 5;
    if ((fields & 4) != 0) prefix.publisher = batch.publisher = std::string_view("p:svc");
    prefix.timestamps = (fields & 8) != 0;
    batch.has_timestamps = prefix.timestamps;
    if (prefix.timestamps) batch.timestamps_us = {42, 42};
    const flow::Slice slice = prefix.timestamps ? timed_run(batch.records, 42) : batch.records.slice();
    prefix.count = batch.records.count();
    prefix.body_bytes = slice.size();
    const EventHead bytes = encode_event_prefix(prefix);
    std::vector<std::byte> frame(bytes.bytes().begin(), bytes.bytes().end());
    const Bytes body = slice.bytes();
    frame.insert(frame.end(), body.begin(), body.end());
    CHECK(frame == encode(batch));
  }
}

TEST_CASE("gathered runs are one batch") {
  RecordRun whole = two_records();
  const RecordRun first = whole.split_front(1, 1000);
  EventPrefix fields;
  fields.base_offset = 7;
  fields.count = first.count() + whole.count();
  fields.body_bytes = first.encoded_bytes() + whole.encoded_bytes();
  const EventHead prefix = encode_event_prefix(fields);
  std::vector<std::byte> frame(prefix.bytes().begin(), prefix.bytes().end());
  for (const RecordRun* run : {&first, static_cast<const RecordRun*>(&whole)}) {
    const Bytes body = run->slice().bytes();
    frame.insert(frame.end(), body.begin(), body.end());
  }
  EventBatch batch;
  batch.base_offset = 7;
  batch.records = two_records();
  CHECK(frame == encode(batch));
}

TEST_CASE("every combination of optional fields comes back, and cut anywhere is malformed") {
  for (int fields = 0; fields < 32; ++fields) {
    EventBatch batch;
    batch.records = two_records();
    if ((fields & 1) != 0) batch.subscription_id = SubscriptionId(UINT64_MAX);
    if ((fields & 2) != 0) batch.base_offset = UINT64_MAX - 1;
    if ((fields & 6) == 6) batch.skipped_before = 9;
    if ((fields & 8) != 0) batch.publisher = "p:svc";
    if ((fields & 16) != 0) {
      batch.has_timestamps = true;
      batch.timestamps_us = {1, UINT64_MAX};
    }
    const std::vector<std::byte> frame = encode(batch);
    const auto header = parse_header(Bytes(frame).first<kHeaderBytes>());
    REQUIRE(header.has_value());
    REQUIRE(check_flags(header->flags, kKnownFlagsT2) == FrameKind::event_batch);
    const flow::Slice payload = flow::Slice::copy_of(Bytes(frame).subspan(kHeaderBytes));
    const auto parsed = parse_event_batch(header->flags, payload);
    REQUIRE(parsed.has_value());
    CHECK(parsed->subscription_id == batch.subscription_id);
    CHECK(parsed->base_offset == batch.base_offset);
    CHECK(parsed->skipped_before == batch.skipped_before);
    CHECK(parsed->publisher == batch.publisher);
    CHECK(parsed->timestamps_us == batch.timestamps_us);
    CHECK(parsed->records.count() == 2);
    CHECK(encode(*parsed) == frame);
    for (std::size_t size = 0; size < payload.size(); ++size)
      CHECK_FALSE(parse_event_batch(header->flags, payload.sub(0, size)).has_value());
  }
}

TEST_CASE("a principal as long as the field allows fits the prefix") {
  const std::string longest(kMaxPublisherBytes, 'p');
  EventPrefix prefix;
  prefix.subscription_id = SubscriptionId(1);
  prefix.base_offset = 2;
  prefix.publisher = longest;
  CHECK(encode_event_prefix(prefix).size() == EventHead::kMaxBytes);
}

TEST_CASE("a count of timed records that cannot be there is refused before anything is allocated") {
  std::vector<std::byte> payload(4 + 12);
  store_be<std::uint32_t>(payload.data(), 0xFFFFFFFF);
  const auto parsed = parse_event_batch(0x4004, flow::Slice::copy_of(payload));
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().code == Errc::malformed);
}

}  // namespace felix::wire
