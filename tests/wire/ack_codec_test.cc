#include "wire/ack_codec.h"

#include <catch2/catch_test_macros.hpp>

#include "base/utf8.h"
#include "wire/flags.h"
#include "wire/header.h"

namespace felix::wire {
namespace {

struct Encoded {
  std::uint16_t flags;
  std::vector<std::byte> payload;
};

Encoded encode(const PublishAck& ack, std::uint16_t peer_flags = kKnownFlagsT2) {
  std::vector<std::byte> out;
  append_publish_ack(out, ack, peer_flags);
  const auto header = parse_header(Bytes(out).first<kHeaderBytes>());
  REQUIRE(header.has_value());
  REQUIRE(header->payload_bytes == out.size() - kHeaderBytes);
  REQUIRE(check_flags(header->flags, kKnownFlagsT2) == FrameKind::publish_ack);
  return {header->flags, {out.begin() + kHeaderBytes, out.end()}};
}

PublishAck refusal() {
  PublishAck ack;
  ack.request_id = RequestId(9);
  ack.ok = false;
  ack.message = "publish queue full";
  ack.info = error_info(Errc::overloaded);
  ack.info->reason = "publish_queue_full";
  ack.info->retry_after_ms = 250;
  return ack;
}

}  // namespace

TEST_CASE("every combination of optional fields comes back as it was") {
  for (unsigned fields = 0; fields < 16; ++fields) {
    PublishAck ack;
    ack.request_id = RequestId(UINT64_MAX - fields);
    ack.ok = (fields & 1) == 0;
    if (!ack.ok) ack.message = "no";
    if ((fields & 1) != 0) ack.info = error_info(Errc::overloaded);
    if ((fields & 3) == 3) ack.info->retry_after_ms = 5;
    if ((fields & 4) != 0) ack.owner = AckOwner{"broker-b", "", 7};
    if ((fields & 8) != 0) ack.offset = 42;
    const Encoded encoded = encode(ack);
    const auto parsed = parse_publish_ack(encoded.flags, encoded.payload);
    REQUIRE(parsed.has_value());
    CHECK(*parsed == ack);
  }
}

TEST_CASE("a peer gets only the fields it offered") {
  PublishAck ack = refusal();
  ack.owner = AckOwner{"b", "a", 1};
  ack.offset = 3;
  CHECK(encode(ack, kKnownFlagsT0).flags == 0x0010);
  CHECK(encode(ack, kKnownFlagsT1).flags == 0x0090);
  CHECK(encode(ack, kBinaryPublishAckCode).flags == 0x0210);
  CHECK(encode(ack, kBinaryPublishAckDetail).flags == 0x0010);
  CHECK(encode(ack, kBinaryPublishAckOffset).flags == 0x1010);
  CHECK(encode(ack, kKnownFlagsT0).payload.size() == 11 + ack.message.size());
}

TEST_CASE("an ack cut anywhere is malformed") {
  PublishAck ack = refusal();
  ack.owner = AckOwner{"b", "a", 1};
  ack.offset = 3;
  const Encoded encoded = encode(ack);
  REQUIRE(parse_publish_ack(encoded.flags, encoded.payload).has_value());
  for (std::size_t size = 0; size < encoded.payload.size(); ++size)
    CHECK_FALSE(parse_publish_ack(encoded.flags, Bytes(encoded.payload).first(size)).has_value());
}

TEST_CASE("a status that is neither 0 nor 1 and text that is not UTF-8 are malformed") {
  Encoded encoded = encode(refusal());
  encoded.payload[11] = std::byte{0xff};
  CHECK_FALSE(parse_publish_ack(encoded.flags, encoded.payload).has_value());
  encoded = encode(refusal());
  encoded.payload[0] = std::byte{2};
  CHECK_FALSE(parse_publish_ack(encoded.flags, encoded.payload).has_value());
}

TEST_CASE("a long message is cut to 512 bytes, never inside a character") {
  for (std::size_t lead = 0; lead < 4; ++lead) {
    PublishAck ack;
    ack.ok = false;
    ack.message = std::string(lead, 'x');
    while (ack.message.size() < 600) ack.message += "\xF0\x9F\x98\x80";
    const Encoded encoded = encode(ack);
    const auto parsed = parse_publish_ack(encoded.flags, encoded.payload);
    REQUIRE(parsed.has_value());
    CHECK(parsed->message.size() <= kMaxAckMessageBytes);
    CHECK(parsed->message.size() > kMaxAckMessageBytes - 4);
    CHECK(is_utf8(as_bytes(parsed->message)));
  }
}

}  // namespace felix::wire
