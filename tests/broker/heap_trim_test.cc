#include "broker/heap_trim.h"

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using broker::TrimDecision;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;

}  // namespace

TEST_CASE("memory is given back only while next to nobody is there", "[memory]") {
  TrimDecision decision;
  CHECK(decision.quiet(0));
  CHECK_FALSE(decision.quiet(10'000));
  CHECK(decision.quiet(10'100));
  CHECK_FALSE(decision.quiet(10'300));
}

TEST_CASE("memory is given back when it is worth it, and not again for what could not be", "[memory]") {
  TrimDecision decision;
  CHECK_FALSE(decision.worth(5 * kMiB, 12 * kMiB));
  CHECK(decision.worth(5 * kMiB, 13 * kMiB));
  // Of much in use, more must be free.
  CHECK_FALSE(decision.worth(400 * kMiB, 499 * kMiB));
  CHECK(decision.worth(400 * kMiB, 500 * kMiB));
  // Three stay: pages that are partly in use.
  decision.note_trimmed(5 * kMiB, 8 * kMiB);
  CHECK_FALSE(decision.worth(5 * kMiB, 15 * kMiB));
  CHECK(decision.worth(5 * kMiB, 16 * kMiB));
  // What was in use is free by now, or the other way round.
  CHECK_FALSE(decision.worth(8 * kMiB, 8 * kMiB));
  CHECK(decision.worth(8 * kMiB, 16 * kMiB));
  CHECK_FALSE(decision.worth(20 * kMiB, 16 * kMiB));
}
