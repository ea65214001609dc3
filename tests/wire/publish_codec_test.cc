#include "wire/publish_codec.h"

#include <algorithm>
#include <random>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"
#include "wire/flags.h"
#include "wire/header.h"

namespace felix::wire {
namespace {

// The payload of the encoded frame (and its flags).
struct Encoded {
  std::uint16_t flags;
  flow::Slice payload;
};

Encoded encode(const BinaryPublish& publish) {
  std::vector<std::byte> out;
  REQUIRE(append_publish_head(out, publish).has_value());
  const Bytes records = publish.records.slice().bytes();
  out.insert(out.end(), records.begin(), records.end());
  const auto header = parse_header(Bytes(out).first<kHeaderBytes>());
  REQUIRE(header.has_value());
  REQUIRE(header->payload_bytes == out.size() - kHeaderBytes);
  REQUIRE(check_flags(header->flags, kKnownFlagsT2) == FrameKind::publish_batch);
  return {header->flags, flow::Slice::copy_of(Bytes(out).subspan(kHeaderBytes))};
}

BinaryPublish example() {
  BinaryPublish publish;
  publish.request_id = RequestId(7);
  publish.ack = AckMode::per_batch;
  publish.key = as_bytes("k");
  publish.tenant_id = "t1";
  publish.namespace_id = "default";
  publish.stream = "demo";
  publish.records = RecordRun::single(as_bytes("hello"));
  return publish;
}

}  // namespace

TEST_CASE("a batch comes back as it was, sharing the payload's bytes") {
  std::mt19937_64 random(test::seed());
  CAPTURE(test::seed());
  auto text = [&random](std::size_t most) {
    return std::string(random() % (most + 1), static_cast<char>('a' + random() % 26));
  };
  for (int round = 0; round < 500; ++round) {
    const std::string tenant = text(20), space = text(20), stream = text(300), key = text(10);
    BinaryPublish publish;
    publish.tenant_id = tenant;
    publish.namespace_id = space;
    publish.stream = stream;
    if (random() % 2 == 0) publish.key = as_bytes(key);
    if (random() % 2 == 0) {
      publish.request_id = RequestId(random());
      publish.ack = random() % 2 == 0 ? AckMode::per_message : AckMode::per_batch;
      if (publish.ack == AckMode::per_batch && random() % 2 == 0)
        publish.producer = ProducerMark{random(), random()};
    }
    RecordRunBuilder records;
    for (std::size_t i = 0, n = random() % 10; i < n; ++i) records.append(as_bytes(text(100)));
    publish.records = records.finish();

    const Encoded encoded = encode(publish);
    const auto parsed = parse_publish_batch(encoded.flags, encoded.payload);
    REQUIRE(parsed.has_value());
    REQUIRE(parsed->request_id == publish.request_id);
    REQUIRE(parsed->ack == publish.ack);
    REQUIRE(parsed->producer == publish.producer);
    REQUIRE(parsed->key.has_value() == publish.key.has_value());
    if (publish.key) REQUIRE(as_text(*parsed->key) == key);
    REQUIRE(parsed->tenant_id == tenant);
    REQUIRE(parsed->namespace_id == space);
    REQUIRE(parsed->stream == stream);
    REQUIRE(parsed->records.count() == publish.records.count());
    REQUIRE(std::ranges::equal(parsed->records.slice().bytes(), publish.records.slice().bytes()));
    if (!parsed->records.empty()) {
      REQUIRE(parsed->records.slice().bytes().data() >= encoded.payload.bytes().data());
      REQUIRE(parsed->records.footprint_bytes() == encoded.payload.footprint_bytes());
    }
  }
}

TEST_CASE("a batch cut anywhere is refused, and its sender can be told once the prefix is whole") {
  const Encoded encoded = encode(example());
  for (std::size_t size = 0; size < encoded.payload.size(); ++size) {
    const auto parsed = parse_publish_batch(encoded.flags, encoded.payload.sub(0, size));
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().error.code == Errc::malformed);
    CHECK(parsed.error().request_id == (size < 9 ? std::nullopt : std::optional(RequestId(7))));
  }
}

TEST_CASE("without an ack prefix nobody can be told") {
  BinaryPublish publish = example();
  publish.request_id.reset();
  publish.ack = AckMode::none;
  const Encoded encoded = encode(publish);
  for (std::size_t size = 0; size < encoded.payload.size(); ++size)
    CHECK_FALSE(
        parse_publish_batch(encoded.flags, encoded.payload.sub(0, size)).error().request_id.has_value());
}

TEST_CASE("names and keys of 0 and 65535 bytes travel, one byte more is refused") {
  const std::string longest(kMaxNameBytes, 'n');
  const std::string too_long(kMaxNameBytes + 1, 'n');
  for (const std::string& name : {std::string(), longest}) {
    BinaryPublish publish = example();
    publish.tenant_id = publish.namespace_id = publish.stream = name;
    publish.key = as_bytes(name);
    const Encoded encoded = encode(publish);
    const auto parsed = parse_publish_batch(encoded.flags, encoded.payload);
    REQUIRE(parsed.has_value());
    CHECK(parsed->stream == name);
    CHECK(as_text(*parsed->key) == name);
  }
  for (int which = 0; which < 4; ++which) {
    BinaryPublish publish = example();
    if (which == 0) publish.tenant_id = too_long;
    if (which == 1) publish.namespace_id = too_long;
    if (which == 2) publish.stream = too_long;
    if (which == 3) publish.key = as_bytes(too_long);
    std::vector<std::byte> out(3);
    const Status status = append_publish_head(out, publish);
    REQUIRE_FALSE(status.has_value());
    CHECK(status.error().code == Errc::too_large);
    CHECK(out.size() == 3);
  }
}

TEST_CASE("a batch with one bit changed never reads outside its payload") {
  const Encoded encoded = encode(example());
  for (std::size_t bit = 0; bit < encoded.payload.size() * 8; ++bit) {
    std::vector<std::byte> bytes(encoded.payload.bytes().begin(), encoded.payload.bytes().end());
    bytes[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    const flow::Slice payload = flow::Slice::copy_of(bytes);
    const auto parsed = parse_publish_batch(encoded.flags, payload);
    if (!parsed) continue;
    const Bytes records = parsed->records.slice().bytes();
    REQUIRE(records.size() <= payload.size());
    if (!records.empty()) REQUIRE(records.data() + records.size() <= payload.bytes().data() + payload.size());
  }
}

}  // namespace felix::wire
