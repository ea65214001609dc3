#include "wire/internal_codec.h"

#include <catch2/catch_test_macros.hpp>

#include "wire/frame_reader.h"

namespace felix::wire {
namespace {

flow::Slice payload_of(const std::vector<std::byte>& frame) {
  return flow::Slice::copy_of(Bytes(frame).subspan(kHeaderBytes));
}

RecordRun records(std::uint32_t count) {
  RecordRunBuilder builder;
  for (std::uint32_t i = 0; i < count; ++i) builder.append({});
  return builder.finish();
}

}  // namespace

TEST_CASE("a frame between brokers is no frame of a client, and the other way round") {
  std::vector<std::byte> frame;
  append_internal_frame(frame, {static_cast<std::uint16_t>(InternalKind::ping), 9, InternalPing{}});
  IncomingFrame incoming;

  FrameReader internal(kInternalMaxPayloadBytes, kInternalMagic);
  internal.push(frame);
  REQUIRE(internal.next(incoming).value());
  CHECK(incoming.flags == static_cast<std::uint16_t>(InternalKind::ping));

  FrameReader client(kDefaultMaxPayloadBytes);
  client.push(frame);
  CHECK(client.next(incoming).error().code == Errc::malformed);

  store_header(frame.data(), {0, 8});
  FrameReader other(kInternalMaxPayloadBytes, kInternalMagic);
  other.push(frame);
  CHECK(other.next(incoming).error().code == Errc::malformed);
}

TEST_CASE("a batch between brokers has at most 65536 records") {
  constexpr auto kKind = static_cast<std::uint16_t>(InternalKind::forward_publish);
  std::vector<std::byte> frame;
  append_internal_frame(frame,
                        {kKind, 1, ForwardPublish{{}, ForwardAck::none, records(kInternalMaxRecords)}});
  REQUIRE(parse_internal(kKind, payload_of(frame)).has_value());

  // One more, in its count and in its bytes.
  const std::size_t count_at = frame.size() - kInternalMaxRecords * kRecordLengthBytes - 4;
  store_be(frame.data() + count_at, kInternalMaxRecords + 1);
  frame.resize(frame.size() + kRecordLengthBytes);
  CHECK(parse_internal(kKind, payload_of(frame)).error().code == Errc::too_large);
}

}  // namespace felix::wire
