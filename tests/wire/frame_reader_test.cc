#include "wire/frame_reader.h"

#include <algorithm>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

namespace felix::wire {
namespace {

std::vector<std::byte> header(std::uint16_t flags, std::uint32_t size) {
  std::vector<std::byte> out(kHeaderBytes);
  store_header(out.data(), {flags, size});
  return out;
}

void append(std::vector<std::byte>& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

std::vector<std::byte> frame(std::uint16_t flags, Bytes payload) {
  std::vector<std::byte> out = header(flags, static_cast<std::uint32_t>(payload.size()));
  append(out, payload);
  return out;
}

std::vector<std::byte> filled(std::size_t size, int seed = 1) {
  std::vector<std::byte> out(size);
  for (std::size_t i = 0; i < size; ++i)
    out[i] = static_cast<std::byte>(i * 31 + static_cast<std::size_t>(seed));
  return out;
}

struct Seen {
  std::uint16_t flags;
  std::vector<std::byte> payload;
  bool operator==(const Seen&) const = default;
};

// Everything complete, up to "no more"; a defect fails the test.
void take_all(FrameReader& reader, std::vector<Seen>& seen) {
  for (;;) {
    IncomingFrame one;
    const auto more = reader.next(one);
    REQUIRE(more.has_value());
    if (!*more) return;
    seen.push_back({one.flags, {one.payload.bytes().begin(), one.payload.bytes().end()}});
  }
}

Errc defect(FrameReader& reader) {
  IncomingFrame one;
  const auto more = reader.next(one);
  REQUIRE_FALSE(more.has_value());
  return more.error().code;
}

}  // namespace

TEST_CASE("frames split at every byte boundary arrive whole and in order") {
  const std::vector<Seen> expected{{0, filled(5)}, {0x0009, {}}, {0x0001, filled(300, 2)}, {0, filled(1, 3)}};
  std::vector<std::byte> stream;
  for (const Seen& one : expected) append(stream, frame(one.flags, one.payload));
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    FrameReader reader(kDefaultMaxPayloadBytes);
    std::vector<Seen> seen;
    reader.push(Bytes(stream).first(cut));
    take_all(reader, seen);
    reader.push(Bytes(stream).subspan(cut));
    take_all(reader, seen);
    REQUIRE(seen == expected);
    REQUIRE(reader.end_state() == StreamEnd::at_boundary);
  }
}

TEST_CASE("frames arrive whole when bytes come one at a time, and when all come at once") {
  std::vector<std::byte> stream;
  std::vector<Seen> expected;
  for (int i = 0; i < 50; ++i) {
    expected.push_back({static_cast<std::uint16_t>(i), filled(static_cast<std::size_t>(i * 7 % 60), i)});
    append(stream, frame(expected.back().flags, expected.back().payload));
  }
  FrameReader slow(kPreauthMaxPayloadBytes);
  std::vector<Seen> seen;
  for (const std::byte& b : stream) {
    slow.push(Bytes(&b, 1));
    take_all(slow, seen);
  }
  CHECK(seen == expected);
  FrameReader fast(kPreauthMaxPayloadBytes);
  seen.clear();
  fast.push(stream);
  take_all(fast, seen);
  CHECK(seen == expected);
}

TEST_CASE("a frame without payload is delivered with every flag, known or not") {
  for (int bit = -1; bit < 16; ++bit) {
    const auto flags = static_cast<std::uint16_t>(bit < 0 ? 0 : 1 << bit);
    FrameReader reader(0);
    reader.push(header(flags, 0));
    std::vector<Seen> seen;
    take_all(reader, seen);
    CHECK(seen == std::vector<Seen>{{flags, {}}});
  }
}

TEST_CASE("the cap is allowed, one byte more and the largest length are refused without an allocation") {
  FrameReader at_cap(1000);
  at_cap.push(frame(0, filled(1000)));
  std::vector<Seen> seen;
  take_all(at_cap, seen);
  CHECK(seen.size() == 1);
  for (const std::uint32_t length : {1001u, 0xffffffffu}) {
    FrameReader reader(1000);
    reader.push(header(0, length));
    CHECK(reader.assembly_bytes() == 0);
    CHECK(defect(reader) == Errc::too_large);
    CHECK(reader.assembly_bytes() == 0);
  }
}

TEST_CASE("good frames are served before the defect behind them, and the defect is final") {
  const std::vector<std::byte> good = frame(0, filled(3));
  for (const auto& [at, code] : {std::pair{0, Errc::malformed}, {5, Errc::unsupported}}) {
    std::vector<std::byte> stream = good;
    std::vector<std::byte> bad = good;
    bad[static_cast<std::size_t>(at)] = std::byte{0x7f};
    append(stream, bad);
    FrameReader reader(kDefaultMaxPayloadBytes);
    reader.push(stream);
    IncomingFrame one;
    REQUIRE(reader.next(one).value());
    CHECK(defect(reader) == code);
    reader.push(good);
    CHECK(defect(reader) == code);
    CHECK(reader.assembly_bytes() == 0);
  }
}

TEST_CASE("the magic is checked before the version, and both before the length") {
  std::vector<std::byte> all_wrong = header(0, 0xffffffff);
  all_wrong[5] = std::byte{9};
  FrameReader version(10);
  version.push(all_wrong);
  CHECK(defect(version) == Errc::unsupported);
  all_wrong[0] = std::byte{0};
  FrameReader magic(10);
  magic.push(all_wrong);
  CHECK(defect(magic) == Errc::malformed);
}

TEST_CASE("the end of a stream is told apart: boundary, inside a header, inside a payload") {
  const std::vector<std::byte> bytes = frame(0, filled(2));
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    FrameReader reader(kDefaultMaxPayloadBytes);
    reader.push(Bytes(bytes).first(size));
    std::vector<Seen> seen;
    take_all(reader, seen);
    const StreamEnd expected = size == 0 || size == bytes.size() ? StreamEnd::at_boundary
                               : size < kHeaderBytes             ? StreamEnd::in_header
                                                                 : StreamEnd::in_payload;
    CHECK(reader.end_state() == expected);
  }
}

TEST_CASE("a large frame right behind the one that raises the cap is accepted") {
  const std::vector<std::byte> large = filled(kPreauthMaxPayloadBytes + 5);
  std::vector<std::byte> stream = frame(0, filled(10));
  append(stream, frame(1, large));
  append(stream, frame(0, filled(4)));
  for (const std::size_t step : {stream.size(), std::size_t{1000}, std::size_t{7}}) {
    FrameReader reader(kPreauthMaxPayloadBytes);
    std::vector<Seen> seen;
    for (Bytes left = stream; !left.empty();) {
      const std::size_t size = std::min(step, left.size());
      reader.push(left.first(size));
      left = left.subspan(size);
      if (!seen.empty()) continue;
      IncomingFrame one;
      if (!reader.next(one).value()) continue;
      seen.push_back({one.flags, {}});
      reader.set_max_payload_bytes(kDefaultMaxPayloadBytes);
    }
    take_all(reader, seen);
    REQUIRE(seen.size() == 3);
    CHECK(seen[1].payload == large);
    CHECK(seen[2].payload == filled(4));
  }
}

TEST_CASE("a large frame ahead of the cap is held, not judged, until it is asked for") {
  FrameReader reader(16);
  std::vector<std::byte> stream = frame(0, filled(10));
  append(stream, frame(0, filled(17)));
  reader.push(stream);
  IncomingFrame one;
  REQUIRE(reader.next(one).value());
  CHECK(defect(reader) == Errc::too_large);
  reader.set_max_payload_bytes(1000);
  CHECK(defect(reader) == Errc::too_large);
}

TEST_CASE("memory grows with the bytes received, not with the length announced", "[L-82]") {
  FrameReader reader(kDefaultMaxPayloadBytes);
  reader.push(header(1, kDefaultMaxPayloadBytes));
  CHECK(reader.assembly_bytes() == 0);
  const std::vector<std::byte> chunk = filled(1200);
  std::size_t received = 0;
  while (received < kDefaultMaxPayloadBytes) {
    const std::size_t size = std::min<std::size_t>(chunk.size(), kDefaultMaxPayloadBytes - received);
    reader.push(Bytes(chunk).first(size));
    received += size;
    REQUIRE(reader.assembly_bytes() <= 2 * received + 4 * 1024);
  }
  IncomingFrame one;
  REQUIRE(reader.next(one).value());
  CHECK(one.payload.size() == kDefaultMaxPayloadBytes);
}

TEST_CASE("a frame in progress says what came of it and what is missing, until it is abandoned") {
  FrameReader reader(1000);
  CHECK(reader.partial_bytes() == 0);
  const std::vector<std::byte> whole = frame(1, filled(100));
  reader.push(Bytes(whole).first(5));
  CHECK(reader.partial_bytes() == 5);
  CHECK(reader.missing_bytes() == 0);
  reader.push(Bytes(whole).subspan(5, 40));
  CHECK(reader.partial_bytes() == 45);
  CHECK(reader.missing_bytes() == whole.size() - 45);
  reader.push(Bytes(whole).subspan(45));
  CHECK(reader.partial_bytes() == 0);
  CHECK(reader.missing_bytes() == 0);
  reader.push(Bytes(whole).first(50));
  reader.abandon();
  CHECK(reader.partial_bytes() == 0);
  CHECK(reader.assembly_bytes() == 0);
  reader.push(whole);
  IncomingFrame one;
  CHECK_FALSE(reader.next(one).has_value());
}

TEST_CASE("behind a frame of a full batch, the next like it is allocated once") {
  constexpr std::size_t kBatchBytes = 256 * 1024 + 60;
  FrameReader reader(kDefaultMaxPayloadBytes);
  const std::vector<std::byte> payload = filled(kBatchBytes);
  for (int frame = 0; frame < 3; ++frame) {
    CAPTURE(frame);
    reader.push(header(1, kBatchBytes));
    reader.push(Bytes(payload).first(1200));
    const std::size_t allocated = reader.assembly_bytes();
    if (frame == 0) CHECK(allocated <= 2 * 1200 + 4 * 1024);
    if (frame > 0) CHECK(allocated >= kBatchBytes);
    CHECK(allocated <= 2 * kBatchBytes);
    reader.push(Bytes(payload).subspan(1200, kBatchBytes - 1201));
    if (frame > 0) CHECK(reader.assembly_bytes() == allocated);
    reader.push(Bytes(payload).last(1));
    IncomingFrame one;
    REQUIRE(reader.next(one).value());
    CHECK(std::ranges::equal(one.payload.bytes(), payload));
  }
}

TEST_CASE("random frames in random pieces come out as they went in") {
  std::mt19937_64 random(test::seed());
  CAPTURE(test::seed());
  for (int round = 0; round < 200; ++round) {
    std::vector<Seen> expected;
    std::vector<std::byte> stream;
    for (std::size_t i = 0, n = random() % 12; i < n; ++i) {
      const std::size_t size = random() % 4 == 0 ? random() % 200'000 : random() % 100;
      expected.push_back({static_cast<std::uint16_t>(random()), filled(size, static_cast<int>(i))});
      append(stream, frame(expected.back().flags, expected.back().payload));
    }
    FrameReader reader(kDefaultMaxPayloadBytes);
    std::vector<Seen> seen;
    const std::size_t most = random() % 2 == 0 ? 50 : 100'000;
    for (Bytes left = stream; !left.empty();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % most, left.size());
      reader.push(left.first(size));
      left = left.subspan(size);
      take_all(reader, seen);
    }
    REQUIRE(seen == expected);
  }
}

}  // namespace felix::wire
