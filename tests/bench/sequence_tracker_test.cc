#include "bench/sequence_tracker.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "bench/stamp.h"
#include "support/seed.h"

namespace felix::bench {
namespace {

TEST_CASE("records that come once and in order are neither lost, duplicated nor reordered") {
  SequenceTracker tracker;
  for (std::uint64_t i = 0; i < 100; ++i) CHECK(tracker.take(i) == SequenceTracker::Arrival::in_order);
  CHECK(tracker.unique() == 100);
  CHECK(tracker.lost(100) == 0);
  CHECK(tracker.lost(103) == 3);
  CHECK(tracker.reordered() == 0);
  CHECK(tracker.duplicated() == 0);
}

TEST_CASE("a gap that is filled later is a reordering, and one that is not is a loss") {
  SequenceTracker tracker;
  for (const std::uint64_t i : {0, 5, 3, 4, 6}) tracker.take(i);
  CHECK(tracker.reordered() == 2);
  CHECK(tracker.lost(7) == 2);
  CHECK(tracker.take(3) == SequenceTracker::Arrival::duplicated);
  CHECK(tracker.take(1) == SequenceTracker::Arrival::reordered);
  CHECK(tracker.lost(7) == 1);
  CHECK(tracker.lost(2) == 0);
}

TEST_CASE("any order, losses and repetitions are counted as a set counts them") {
  std::minstd_rand random(static_cast<std::uint32_t>(test::seed()));
  for (int round = 0; round < 200; ++round) {
    const std::uint64_t published = 1 + random() % 200;
    std::vector<std::uint64_t> sent;
    for (std::uint64_t i = 0; i < published; ++i)
      for (unsigned long copies = random() % 8 == 0 ? random() % 3 : 1; copies > 0; --copies)
        sent.push_back(i);
    for (std::size_t i = 1; i < sent.size(); ++i)
      if (random() % 4 == 0) std::swap(sent[i], sent[i - 1 - random() % std::min<std::size_t>(i, 9)]);
    SequenceTracker tracker;
    std::set<std::uint64_t> seen;
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
    for (const std::uint64_t sequence : sent) {
      if (seen.contains(sequence))
        ++duplicated;
      else if (!seen.empty() && *seen.rbegin() > sequence)
        ++reordered;
      seen.insert(sequence);
      tracker.take(sequence);
    }
    CHECK(tracker.unique() == seen.size());
    CHECK(tracker.duplicated() == duplicated);
    CHECK(tracker.reordered() == reordered);
    CHECK(tracker.lost(published) == published - seen.size());
  }
}

TEST_CASE("a stamp reads back, with its largest numbers") {
  std::byte bytes[kStampBytes];
  for (const Stamp& stamp :
       {Stamp{1, 2, 3, 4}, Stamp{0xfff, 0xfff, (std::uint64_t{1} << 40) - 1, UINT64_MAX}}) {
    encode_stamp(bytes, stamp);
    CHECK(parse_stamp(bytes) == stamp);
  }
  CHECK_FALSE(parse_stamp(Bytes(bytes, 15)));
}

}  // namespace
}  // namespace felix::bench
