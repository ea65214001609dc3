#include "transport/path_size.h"

#include <algorithm>
#include <cstdint>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace felix;
using transport::PathSize;

namespace {

constexpr Duration kTimeout = std::chrono::milliseconds(100);
constexpr std::size_t kProven = 16250;

// A sender of large packets on a path that carries up to `carries`; a round takes two probe timeouts and a
// half.
struct Path {
  void round() {
    size.check(now, kProven);
    const std::size_t bytes = std::min(kProven, size.limit());
    largest_sent = bytes;
    for (int packet = 0; packet < 3; ++packet) {
      if (!size.notes(bytes)) continue;
      if (size.marked()) {
        size.note_sent();
      } else {
        size.mark(4, ++end, now, kTimeout * 5 / 2);
      }
    }
    if (bytes <= carries) {
      size.note_acknowledged(4, end);
      now += kTimeout;
    } else {
      now += kTimeout * 5 / 2;
      ++stalls;
    }
    size.check(now, kProven);
  }
  void rounds(int count) {
    for (int i = 0; i < count; ++i) round();
  }
  void pass(Duration time) {
    for (const MonoTime until = now + time; now < until;) round();
  }

  PathSize size;
  MonoTime now{std::chrono::hours(1)};
  std::size_t carries = kProven;
  std::uint64_t end = 0;
  std::size_t largest_sent = 0;
  int stalls = 0;
};

}  // namespace

TEST_CASE("a path that carries what was proven is not limited") {
  Path path;
  path.rounds(100);
  CHECK(path.size.limit() == SIZE_MAX);
  CHECK(path.stalls == 0);
}

TEST_CASE("on a path that comes to carry less, packets become as large as it carries", "[L-79]") {
  const auto [carries, found] = GENERATE(table<std::size_t, std::size_t>(
      {{1200, 1200}, {1300, 1200}, {1452, 1452}, {2000, 1452}, {9000, 8900}}));
  Path path;
  path.rounds(3);
  path.carries = carries;
  path.rounds(12);
  CHECK(path.size.limit() == found);
  // What it was; once more, in case it was only loss; and the first size that does not pass.
  CHECK(path.stalls == 3);
}

TEST_CASE("sizes that failed are tried again less and less often, and used as soon as they pass") {
  Path path;
  path.carries = 1452;
  path.rounds(12);
  path.stalls = 0;
  path.pass(std::chrono::minutes(10));
  // After 1, 2, 4, 8, 16, 32, and then every 60 seconds.
  CHECK(path.stalls <= 16);
  CHECK(path.stalls >= 14);
  path.carries = kProven;
  path.pass(std::chrono::seconds(62));
  CHECK(path.size.limit() == SIZE_MAX);
}

TEST_CASE("when everything was lost for a while, packets are as large as before two rounds after", "[L-79]") {
  Path path;
  path.carries = 0;
  path.rounds(3);
  CHECK(path.size.limit() == 1200);
  path.carries = kProven;
  path.rounds(2);
  CHECK(path.size.limit() == SIZE_MAX);
}

TEST_CASE("a path that shrinks twice is found out twice") {
  Path path;
  path.carries = 8900;
  path.rounds(12);
  CHECK(path.size.limit() == 8900);
  path.carries = 1300;
  path.rounds(12);
  CHECK(path.size.limit() == 1200);
}

TEST_CASE("packets that are late, a few that are lost, and channels that are gone raise no doubt") {
  PathSize size;
  const MonoTime now{std::chrono::hours(1)};
  const auto doubts_at = [&](MonoTime at) {
    PathSize copy = size;
    copy.check(at, kProven);
    return copy.limit() != SIZE_MAX;
  };
  size.mark(4, 100, now, kTimeout);
  size.note_sent();
  CHECK_FALSE(doubts_at(now + kTimeout * 100));
  size.note_sent();
  CHECK(doubts_at(now + kTimeout));
  CHECK_FALSE(doubts_at(now + kTimeout - Duration(1)));
  size.note_acknowledged(8, 1000);  // another channel
  CHECK(doubts_at(now + kTimeout));
  size.note_acknowledged(4, 1);  // of this one something came through
  CHECK_FALSE(doubts_at(now + kTimeout * 100));
  size.mark(4, 200, now, kTimeout);
  size.note_sent();
  size.note_sent();
  size.note_channel_gone(4);
  CHECK_FALSE(doubts_at(now + kTimeout * 100));
}

TEST_CASE(
    "a size that is tried is proven by what was sent at that size, and has time while anything comes "
    "through") {
  PathSize size;
  MonoTime now{std::chrono::hours(1)};
  size.doubt(1452);
  size.mark(4, 100, now, kTimeout);
  size.note_acknowledged(4, 50);  // a small packet was heard
  CHECK(size.limit() == 1452);
  size.mark(4, 1000, now, kTimeout);
  for (int i = 0; i < 20; ++i) {
    size.note_sent();
    size.note_sent();
    size.note_sent();
    size.note_acknowledged(4, 100 + static_cast<std::uint64_t>(i));
    now += kTimeout;
    size.check(now, 1452);
    CHECK(size.limit() == 1452);
  }
  size.note_acknowledged(4, 1000);
  CHECK(size.limit() == SIZE_MAX);
}

TEST_CASE("small packets are not looked at") {
  PathSize size;
  CHECK_FALSE(size.notes(1200));
  CHECK(size.notes(1201));
}

TEST_CASE("on a new path nothing larger is sent than every path carries, until one packet was heard") {
  Path path;
  path.rounds(3);
  path.size.doubt(kProven);
  path.round();
  CHECK(path.largest_sent == 1200);
  path.rounds(2);
  CHECK(path.size.limit() == SIZE_MAX);
}
