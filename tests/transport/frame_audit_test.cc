#include "transport/frame_audit.h"

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "hostile/frames.h"
#include "support/seed.h"

using namespace felix;
using namespace felix::test;
using transport::charge_of_frames;
using transport::FrameAudit;

namespace {

std::uint64_t charge(const std::string& payload) { return charge_of_frames(as_bytes(payload)); }
constexpr MonoTime kStart{std::chrono::seconds(1000)};

}  // namespace

TEST_CASE("stream data and what goes with it cost nothing") {
  const std::string data = frames::stream(0, 0, "record");
  CHECK(charge(data) == 0);
  CHECK(charge(data + data + frames::padding(500)) == 0);
  CHECK(charge(frames::ack(70, 3) + frames::max_data(1 << 20) + frames::max_stream_data(0, 1 << 20) + data) ==
        0);
  // Without a length a frame reaches to the end.
  CHECK(charge(std::string("\x08\x00\x01\x01\x01\x01", 6)) == 0);
}

TEST_CASE("what only asks for attention costs") {
  CHECK(charge(frames::ack(70, 3)) == 1);
  CHECK(charge(frames::padding(1000)) == 1);
  CHECK(charge(frames::ping() + frames::padding(1000)) == 1);
  CHECK(charge(frames::ping() + frames::streams_blocked(7) + frames::data_blocked(1) +
               frames::stop_sending(4)) == 4);
  CHECK(charge(frames::path_challenge(1)) == 2);
  CHECK(charge(frames::reset_stream(0, 10) + frames::retire_connection_id(3)) == 4);
  CHECK(charge(frames::new_connection_id(3, 2) + frames::max_uni_streams(9) + frames::crypto(0, "abc")) == 3);
  std::string pings = frames::stream(0, 0, "x");
  for (int i = 0; i < 100; ++i) pings += frames::ping();
  CHECK(charge(pings) == 92);
}

TEST_CASE("any bytes at all can be charged for") {
  std::mt19937_64 random(test::seed());
  for (int i = 0; i < 100'000; ++i) {
    std::string payload(random() % 64, '\0');
    for (char& c : payload) c = static_cast<char>(random() % 3 == 0 ? random() % 0x20 : random());
    CHECK(charge(payload) <= 2 * payload.size() + 1);
  }
}

TEST_CASE("a peer may answer each of our packets for ever") {
  FrameAudit audit;
  for (int i = 0; i < 1'000'000; ++i) {
    audit.note_sent(1);
    REQUIRE(audit.charge(1, kStart));
  }
}

TEST_CASE("a peer that has used up its allowance gets a little every second") {
  FrameAudit audit;
  REQUIRE(audit.charge(FrameAudit::kAllowance.burst, kStart));
  CHECK_FALSE(audit.charge(1, kStart));
  CHECK(audit.charge(0, kStart));
  CHECK(audit.charge(FrameAudit::kAllowance.per_second, kStart + std::chrono::seconds(1)));
  CHECK_FALSE(audit.charge(1, kStart + std::chrono::seconds(1)));
}
