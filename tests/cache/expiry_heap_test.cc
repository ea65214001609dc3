#include "cache/expiry_heap.h"

#include <algorithm>
#include <random>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

using namespace felix;
using namespace felix::cache;

TEST_CASE("an entry that never expires is not in the heap") {
  ExpiryHeap heap;
  Entry entry;
  heap.update(entry);
  CHECK(heap.first() == nullptr);
  CHECK(heap.earliest() == kNever);
  entry.expires_at = MonoTime{Duration(5)};
  heap.update(entry);
  CHECK(heap.first() == &entry);
  entry.expires_at = kNever;
  heap.update(entry);
  CHECK(heap.size() == 0);
  heap.remove(entry);
}

TEST_CASE("the first entry is always one of the earliest, under any updates and removals") {
  CAPTURE(test::seed());
  std::mt19937_64 random(test::seed());
  std::vector<Entry> entries(200);
  ExpiryHeap heap;
  for (int step = 0; step < 20'000; ++step) {
    Entry& entry = entries[random() % entries.size()];
    if (random() % 4 == 0) {
      heap.remove(entry);
      entry.expires_at = kNever;
    } else {
      entry.expires_at = random() % 10 == 0 ? kNever : MonoTime{Duration(random() % 1000)};
      heap.update(entry);
    }
    const auto earliest =
        std::min_element(entries.begin(), entries.end(),
                         [](const Entry& a, const Entry& b) { return a.expires_at < b.expires_at; });
    REQUIRE(heap.earliest() == earliest->expires_at);
    REQUIRE(heap.size() ==
            static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(),
                                                   [](const Entry& e) { return e.expires_at != kNever; })));
  }
}
