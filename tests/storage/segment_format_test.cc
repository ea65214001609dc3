#include "storage/segment_format.h"

#include <catch2/catch_test_macros.hpp>

#include "base/hash.h"

using namespace felix;
using namespace felix::storage;

namespace {

constexpr std::uint64_t kSeed = 77;

BatchHeader some_header() {
  BatchHeader header;
  header.base_offset = 1'000'000'007;
  header.count = 3;
  header.records_bytes = 120;
  header.extension_bytes = 20;
  header.has_producer = true;
  header.has_publisher = true;
  header.generation = 9;
  header.appended_at_us = -5;
  header.promised_position = 4096;
  header.body_checksum = 0xABCDEF;
  return header;
}

// Whether no single flipped bit of `bytes` is taken for the same thing.
template <std::size_t Size, class Parse>
bool notices_every_flip(std::array<std::byte, Size> bytes, Parse&& parse) {
  for (std::size_t bit = 0; bit < Size * 8; ++bit) {
    auto flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    if (parse(Bytes(flipped)).has_value()) return false;
  }
  return parse(Bytes(bytes)).has_value();
}

}  // namespace

TEST_CASE("headers, promises and seals are read as they were written") {
  const SegmentHeader segment{42, 1'000, 1'700'000'000'000'000, false};
  CHECK(*parse_segment_header(encode_segment_header(segment)) == segment);
  CHECK(*parse_batch_header(encode_batch_header(some_header(), kSeed), kSeed) == some_header());
  const Promise promise{8192, 77};
  CHECK(*parse_promise(encode_promise(promise, kSeed), kSeed) == promise);
  const Seal seal{1'234, 1'700'000'000'000'001, 4, 65'536, 30'000, 20'000};
  CHECK(*parse_seal(encode_seal(seal, kSeed), kSeed) == seal);
}

TEST_CASE("no flipped bit of a header, a promise or a seal goes unnoticed", "[L-44]") {
  CHECK(notices_every_flip(encode_segment_header({42, 1'000, 5, true}),
                           [](Bytes bytes) { return parse_segment_header(bytes); }));
  CHECK(notices_every_flip(encode_batch_header(some_header(), kSeed),
                           [](Bytes bytes) { return parse_batch_header(bytes, kSeed); }));
  CHECK(notices_every_flip(encode_promise({8192, 77}, kSeed),
                           [](Bytes bytes) { return parse_promise(bytes, kSeed); }));
  CHECK(notices_every_flip(encode_seal({1, 2, 3, 4, 5, 6}, kSeed),
                           [](Bytes bytes) { return parse_seal(bytes, kSeed); }));
}

TEST_CASE("what another segment wrote does not pass for this one's") {
  const SegmentHeader one{42, 0, 5, false};
  const SegmentHeader other{43, 0, 5, false};
  CHECK(checksum_seed(one) != checksum_seed(other));
  CHECK_FALSE(
      parse_batch_header(encode_batch_header(some_header(), checksum_seed(one)), checksum_seed(other)));
  CHECK_FALSE(parse_seal(encode_seal({1, 2, 3, 4, 5, 6}, checksum_seed(one)), checksum_seed(other)));
}

TEST_CASE("a segment of a newer format is refused by that name") {
  auto bytes = encode_segment_header({42, 0, 5, false});
  store_be<std::uint16_t>(bytes.data() + 8, kFormatVersion + 1);
  // With a checksum that holds: this is no damage.
  CHECK(parse_segment_header(bytes).error().code == Errc::malformed);
  store_be(bytes.data() + kSegmentHeaderBytes - 8, hash64(Bytes(bytes).first(kSegmentHeaderBytes - 8)));
  const auto refused = parse_segment_header(bytes);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::newer_version);
  CHECK(refused.error().context ==
        "written in format 2, and this felix reads up to format 1; use a newer felix");
}

TEST_CASE("an extension holds a producer's mark, a publisher's name, both or neither") {
  const std::string name = "service:orders";
  for (const bool producer : {false, true})
    for (const bool publisher : {false, true}) {
      Extension extension;
      if (producer) extension.producer = ProducerMark{7, 8};
      if (publisher) extension.publisher = name;
      const std::string encoded = encode_extension(extension);
      BatchHeader header = some_header();
      header.has_producer = producer;
      header.has_publisher = publisher;
      const auto parsed = parse_extension(header, as_bytes(encoded));
      REQUIRE(parsed);
      CHECK(parsed->producer == extension.producer);
      CHECK(parsed->publisher == extension.publisher);
    }
}

TEST_CASE("an index that is not byte for byte as it was written is none", "[L-47]") {
  const std::vector<IndexEntry> entries = {{0, 5, 4096}, {100, 7, 70'000}, {230, 7, 140'000}};
  auto bytes = encode_index(entries, kSeed);
  CHECK(parse_index(bytes, kSeed) == entries);
  CHECK(begins_index(bytes));
  bytes[kIndexHeaderBytes + 3] ^= std::byte{1};
  CHECK_FALSE(parse_index(bytes, kSeed));
  bytes.pop_back();
  CHECK_FALSE(parse_index(bytes, kSeed));
}
