#include "wire/flags.h"

#include <catch2/catch_test_macros.hpp>

namespace felix::wire {

TEST_CASE("every legal combination of this build is of one kind") {
  CHECK(check_flags(0) == FrameKind::json);
  for (const int flags : {0x0001, 0x0009, 0x0041, 0x0049})
    CHECK(check_flags(static_cast<std::uint16_t>(flags)) == FrameKind::publish_batch);
  for (const int flags : {0x0010, 0x0210, 0x0610, 0x1010})
    CHECK(check_flags(static_cast<std::uint16_t>(flags)) == FrameKind::publish_ack);
  for (const int flags : {0x0002, 0x0004, 0x0022, 0x0024})
    CHECK(check_flags(static_cast<std::uint16_t>(flags)) == FrameKind::event_batch);
}

TEST_CASE("a bit outside what was accepted is refused, alone and beside accepted ones") {
  for (int bit = 0; bit < 16; ++bit) {
    const auto flag = static_cast<std::uint16_t>(1 << bit);
    if ((flag & kServedFlags) != 0) continue;
    for (const int base : {0, 0x0001, 0x0004, 0x0010}) {
      const auto checked = check_flags(static_cast<std::uint16_t>(flag | base));
      REQUIRE_FALSE(checked.has_value());
      CHECK(checked.error().code == Errc::unsupported);
    }
  }
  CHECK_FALSE(check_flags(kBinaryPublishBatch | kBinaryPublishKeyed, kKnownFlagsT0).has_value());
}

TEST_CASE("a cache frame is accepted where it was agreed upon, and alone") {
  CHECK_FALSE(check_flags(kBinaryCache).has_value());
  CHECK_FALSE(check_flags(kBinaryCache, kKnownFlagsT2).has_value());
  CHECK(check_flags(kBinaryCache, kServedFlags | kBinaryCache) == FrameKind::cache);
  for (int bit = 0; bit < 15; ++bit)
    CHECK_FALSE(check_flags(static_cast<std::uint16_t>(kBinaryCache | 1 << bit), 0xffff).has_value());
}

TEST_CASE("a modifier without the bit it modifies is refused") {
  for (const int flags : {0x0008, 0x0020, 0x0040, 0x0080, 0x0100, 0x0200, 0x0400, 0x0800, 0x1000, 0x2000,
                          0x4000, 0x0101, 0x0804, 0x0802, 0x0410, 0x2010, 0x4001})
    CHECK_FALSE(check_flags(static_cast<std::uint16_t>(flags), kKnownFlagsT2).has_value());
}

TEST_CASE("two kinds at once are refused") {
  for (const int flags : {0x0003, 0x0005, 0x0006, 0x0007, 0x0011, 0x0012, 0x0014})
    CHECK_FALSE(check_flags(static_cast<std::uint16_t>(flags), kKnownFlagsT2).has_value());
}

TEST_CASE("all 65536 flag words are judged, and an accepted one has no unknown bit") {
  for (std::uint32_t word = 0; word <= 0xffff; ++word) {
    const auto flags = static_cast<std::uint16_t>(word);
    if (check_flags(flags, kKnownFlagsT2)) REQUIRE((flags & ~kKnownFlagsT2) == 0);
    if (check_flags(flags)) REQUIRE((flags & ~kServedFlags) == 0);
  }
}

TEST_CASE("a peer that offered nothing supports the original flags") {
  CHECK(offered_flags(std::nullopt) == 0x0007);
  CHECK(offered_flags(63) == 63);
  CHECK((kServedFlags & ~kKnownFlagsT2) == 0);
}

}  // namespace felix::wire
