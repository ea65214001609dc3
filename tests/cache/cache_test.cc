#include "cache/cache.h"

#include <algorithm>
#include <list>
#include <map>
#include <random>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

using namespace felix;
using namespace felix::cache;
using std::chrono::seconds;

namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 40;
const MonoTime kStart{seconds(1000)};

flow::Slice slice(std::string_view text) { return flow::Slice::copy_of(as_bytes(text)); }

struct Bench {
  explicit Bench(CacheOptions options = {}) : cache(options, budget, 42) {}

  std::string get(std::string_view key, MonoTime now = kStart) {
    const auto value = cache.get(key, now);
    return value ? std::string(as_text(value->bytes.bytes())) : "(miss)";
  }

  flow::Budget budget{kPlenty};
  Cache cache;
};

// Entries of this size cost the same, so that a cap can be said in entries.
std::size_t cost_of_one() { return Entry::cost(1, slice("v")); }

}  // namespace

TEST_CASE("a key gives its latest value, and versions only grow") {
  Bench bench;
  CHECK(bench.get("k") == "(miss)");
  CHECK(bench.cache.put("k", slice("one"), {}, kStart) == 1);
  CHECK(bench.cache.put("other", slice("x"), {}, kStart) == 2);
  CHECK(bench.cache.put("k", slice("two"), {}, kStart) == 3);
  CHECK(bench.get("k") == "two");
  CHECK(bench.cache.get("k", kStart)->version == 3);
  CHECK(bench.cache.counters().hits == 2);
  CHECK(bench.cache.counters().misses == 1);
  CHECK(bench.cache.put("empty", {}, {}, kStart));
  CHECK(bench.get("empty").empty());
}

TEST_CASE("erasing returns what was there, once") {
  Bench bench;
  bench.cache.put("k", slice("one"), {}, kStart);
  const auto erased = bench.cache.erase("k", kStart);
  REQUIRE(erased);
  CHECK(as_text(erased->bytes.bytes()) == "one");
  CHECK(erased->version == 1);
  CHECK_FALSE(bench.cache.erase("k", kStart));
  CHECK(bench.cache.bytes() == 0);
  bench.cache.put("k", slice("late"), seconds(1), kStart);
  CHECK_FALSE(bench.cache.erase("k", kStart + seconds(1)));
}

TEST_CASE("a value lives until its time and not at it") {
  Bench bench;
  bench.cache.put("k", slice("v"), seconds(5), kStart);
  CHECK(bench.cache.next_expiry() == kStart + seconds(5));
  CHECK(bench.get("k", kStart + seconds(5) - Duration(1)) == "v");
  CHECK(bench.get("k", kStart + seconds(5)) == "(miss)");
  CHECK(bench.cache.counters().expired == 1);
  CHECK(bench.cache.size() == 0);
}

TEST_CASE("overwriting without a ttl clears the ttl") {
  Bench bench;
  bench.cache.put("k", slice("a"), seconds(5), kStart);
  bench.cache.put("k", slice("b"), {}, kStart);
  CHECK(bench.cache.next_expiry() == kNever);
  CHECK(bench.get("k", kStart + seconds(100)) == "b");
}

TEST_CASE("a default ttl applies where none is given") {
  Bench bench({.max_bytes = kPlenty, .default_ttl = seconds(3)});
  bench.cache.put("k", slice("a"), {}, kStart);
  bench.cache.put("long", slice("b"), seconds(9), kStart);
  CHECK(bench.get("k", kStart + seconds(3)) == "(miss)");
  CHECK(bench.get("long", kStart + seconds(3)) == "b");
}

TEST_CASE("a ttl of zero is expired at once and takes the old value with it; a huge one never ends") {
  Bench bench;
  bench.cache.put("k", slice("a"), {}, kStart);
  CHECK(bench.cache.put("k", slice("b"), Duration::zero(), kStart) == 2);
  CHECK(bench.get("k") == "(miss)");
  CHECK(bench.cache.size() == 0);
  bench.cache.put("k", slice("c"), Duration::max(), kStart);
  CHECK(bench.get("k", kStart + seconds(1'000'000)) == "c");
}

TEST_CASE("the sweep removes what has expired, earliest first and no more than asked") {
  Bench bench;
  for (int i = 0; i < 10; ++i) bench.cache.put(std::to_string(i), slice("v"), seconds(10 - i), kStart);
  CHECK(bench.cache.expire(kStart, 100) == 0);
  CHECK(bench.cache.expire(kStart + seconds(8), 3) == 3);
  CHECK(bench.cache.size() == 7);
  CHECK(bench.cache.next_expiry() == kStart + seconds(4));
  CHECK(bench.cache.expire(kStart + seconds(8), 100) == 5);
  CHECK(bench.cache.expire(kStart + seconds(8), 100) == 0);
  CHECK(bench.cache.counters().expired == 8);
}

TEST_CASE("expiry never takes a newer value of the key") {
  CAPTURE(test::seed());
  std::mt19937_64 random(test::seed());
  Bench bench;
  MonoTime now = kStart;
  for (int round = 0; round < 100'000; ++round) {
    const MonoTime expiry = now + std::chrono::milliseconds(1 + random() % 5);
    bench.cache.put("k", slice("old"), expiry - now, now);
    // Overwritten within a millisecond of the expiry, with sweeps at random moments around it.
    const MonoTime overwrite = expiry + std::chrono::microseconds(static_cast<int>(random() % 2001) - 1000);
    if (random() % 2 == 0) bench.cache.expire(overwrite, 10);
    bench.cache.put("k", slice("new"), random() % 2 == 0 ? std::optional<Duration>(seconds(1)) : std::nullopt,
                    overwrite);
    now = std::max(overwrite, expiry) + std::chrono::microseconds(random() % 1000);
    bench.cache.expire(now, 10);
    REQUIRE(bench.get("k", now) == "new");
  }
}

TEST_CASE("over the cap the least recently used go first, and reading is using") {
  Bench bench({.max_bytes = 3 * cost_of_one(), .default_ttl = {}});
  for (const char* key : {"a", "b", "c"}) bench.cache.put(key, slice("v"), {}, kStart);
  CHECK(bench.get("a") == "v");
  bench.cache.put("d", slice("v"), {}, kStart);
  CHECK(bench.get("b") == "(miss)");
  bench.cache.put("c", slice("w"), {}, kStart);
  bench.cache.put("e", slice("v"), {}, kStart);
  CHECK(bench.get("a") == "(miss)");
  CHECK(bench.get("c") == "w");
  CHECK(bench.cache.counters().evicted == 2);
  CHECK(bench.cache.bytes() == 3 * cost_of_one());
}

TEST_CASE("keys that expired count against the cap until they are gone") {
  Bench bench({.max_bytes = 3 * cost_of_one(), .default_ttl = {}});
  for (int i = 0; i < 100; ++i) {
    bench.cache.put(std::to_string(i % 10), slice("v"), seconds(1), kStart + seconds(2 * i));
    CHECK(bench.cache.bytes() <= 3 * cost_of_one());
  }
}

TEST_CASE("an entry that cannot fit is refused and the old value stays") {
  Bench bench({.max_bytes = 10'000, .default_ttl = {}});
  bench.cache.put("other", slice("x"), {}, kStart);
  bench.cache.put("k", slice("small"), {}, kStart);
  CHECK_FALSE(bench.cache.put("k", slice(std::string(20'000, 'x')), {}, kStart));
  CHECK(bench.get("k") == "small");
  CHECK(bench.get("other") == "x");

  flow::Budget tight(5000);
  Cache cache({}, tight, 1);
  CHECK(cache.put("k", slice("small"), {}, kStart));
  const std::size_t before = tight.used_bytes();
  CHECK_FALSE(cache.put("k", slice(std::string(20'000, 'x')), {}, kStart));
  CHECK(as_text(cache.get("k", kStart)->bytes.bytes()) == "small");
  CHECK(tight.used_bytes() == before);
  CHECK(cache.bytes() == before);
}

TEST_CASE("a value that is a small part of a large frame does not keep the frame") {
  Bench bench;
  const flow::Slice frame = slice(std::string(100'000, 'x'));
  bench.cache.put("part", frame.sub(10, 20), {}, kStart);
  CHECK(bench.cache.bytes() < 1024);
  bench.cache.put("most", frame.sub(0, 50'000), {}, kStart);
  CHECK(bench.cache.get("most", kStart)->bytes.bytes().data() == frame.bytes().data());
  CHECK(bench.cache.bytes() > 100'000);
}

TEST_CASE("the cache agrees with a naive map under random operations") {
  CAPTURE(test::seed());
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 20; ++round) {
    // A cap that is never reached: eviction order has its own model below.
    flow::Budget budget(kPlenty);
    {
      Cache cache({.max_bytes = kPlenty, .default_ttl = {}}, budget, random());
      struct Known {
        std::string value;
        MonoTime expires_at;
        Version version;
      };
      std::map<std::string, Known> model;
      MonoTime now = kStart;
      Version version = 0;
      for (int step = 0; step < 3000; ++step) {
        now += Duration(random() % 3);
        std::erase_if(model, [&](const auto& entry) { return entry.second.expires_at <= now; });
        const std::string key = std::to_string(random() % 50);
        const auto known = model.find(key);
        switch (random() % 5) {
          case 0:
          case 1: {
            const std::string value(random() % 400, static_cast<char>('a' + random() % 26));
            std::optional<Duration> ttl;
            if (random() % 2 == 0) ttl = Duration(random() % 100);
            REQUIRE(cache.put(key, slice(value), ttl, now) == ++version);
            model[key] = {value, ttl ? now + *ttl : kNever, version};
            if (ttl == Duration::zero()) model.erase(key);
            break;
          }
          case 2: {
            const auto got = cache.get(key, now);
            REQUIRE(got.has_value() == (known != model.end()));
            if (got) REQUIRE(as_text(got->bytes.bytes()) == known->second.value);
            if (got) REQUIRE(got->version == known->second.version);
            break;
          }
          case 3: {
            const auto erased = cache.erase(key, now);
            REQUIRE(erased.has_value() == (known != model.end()));
            if (erased) model.erase(known);
            break;
          }
          default:
            cache.expire(now, random() % 5);
        }
        REQUIRE(cache.size() >= model.size());
        REQUIRE(budget.used_bytes() == cache.bytes());
      }
      cache.expire(now, SIZE_MAX);
      REQUIRE(cache.size() == model.size());
    }
    REQUIRE(budget.used_bytes() == 0);
  }
}

TEST_CASE("eviction follows a naive list of use, within the cap after every step") {
  CAPTURE(test::seed());
  std::mt19937_64 random(test::seed());
  constexpr std::size_t kEntries = 8;
  Bench bench({.max_bytes = kEntries * cost_of_one(), .default_ttl = {}});
  std::list<std::string> by_use;
  for (int step = 0; step < 20'000; ++step) {
    const std::string key(1, static_cast<char>('a' + random() % 20));
    const auto known = std::find(by_use.begin(), by_use.end(), key);
    const bool held = known != by_use.end();
    if (random() % 2 == 0) {
      REQUIRE((bench.get(key) == "v") == held);
      if (held) by_use.splice(by_use.end(), by_use, known);
    } else {
      REQUIRE(bench.cache.put(key, slice("v"), {}, kStart));
      if (held) by_use.erase(known);
      by_use.push_back(key);
      if (by_use.size() > kEntries) by_use.pop_front();
    }
    REQUIRE(bench.cache.size() == by_use.size());
    REQUIRE(bench.cache.bytes() == by_use.size() * cost_of_one());
  }
}
