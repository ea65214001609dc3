#include "broker/homes.h"

#include <catch2/catch_test_macros.hpp>

#include "broker/running_broker.h"

using namespace felix;
using broker::CacheCommand;
using broker::CacheOperation;
using broker::HomeOptions;
using broker::Homes;
using broker::Origin;
using broker::PublishCommand;
using broker::PublishOutcome;
using broker::ShardId;
using test::records;

namespace {

constexpr ShardId kShard{1, 0};

// Homes of three reactors' worth of readers, and everything they told.
struct Told {
  std::vector<std::pair<std::uint32_t, Offset>> deliveries;
  std::vector<std::pair<std::uint64_t, Offset>> released;
  std::unique_ptr<Homes> homes;

  Told() {
    HomeOptions options;
    options.reactors = 3;
    options.ring = {4, 1 << 20};
    homes = std::make_unique<Homes>(
        options,
        [this](std::uint32_t reactor, ShardId, const streams::Delivery& delivery) {
          deliveries.emplace_back(reactor, delivery.base_offset);
        },
        [this](const Origin& origin, PublishOutcome outcome) {
          released.emplace_back(origin.slot, outcome.base_offset);
        });
  }
  std::optional<PublishOutcome> publish(std::uint64_t slot, const std::vector<std::string>& texts = {"x"}) {
    return homes->publish(PublishCommand{Origin{0, 0, 0, slot}, kShard, records(texts), nullptr}, MonoTime{},
                          0);
  }
};

}  // namespace

TEST_CASE("a publish is delivered once to each reactor that has readers") {
  Told told;
  CHECK(told.publish(0)->base_offset == 0);
  CHECK(told.deliveries.empty());
  REQUIRE(told.homes->join(kShard, wire::Start::latest(), 2));
  REQUIRE(told.homes->join(kShard, wire::Start::latest(), 2));
  REQUIRE(told.homes->join(kShard, wire::Start::latest(), 0));
  CHECK(told.publish(0, {"a", "b"})->base_offset == 1);
  CHECK(told.deliveries == std::vector<std::pair<std::uint32_t, Offset>>{{0, 1}, {2, 1}});
  told.homes->leave(kShard, 2);
  told.homes->leave(kShard, 0);
  told.deliveries.clear();
  CHECK(told.publish(0)->base_offset == 3);
  CHECK(told.deliveries == std::vector<std::pair<std::uint32_t, Offset>>{{2, 3}});
}

TEST_CASE("an empty batch is accepted at the tail, and appends nothing") {
  Told told;
  told.publish(0, {"a", "b"});
  CHECK(told.publish(0, {})->base_offset == 2);
  CHECK(told.publish(0)->base_offset == 2);
}

TEST_CASE("a join takes what the ring has from its start on, or says what there is") {
  Told told;
  for (int i = 0; i < 6; ++i) told.publish(0);
  const auto joined = told.homes->join(kShard, wire::Start::earliest(), 1);
  REQUIRE(joined);
  CHECK(joined->joined.start_offset == 2);
  CHECK(joined->joined.live_offset == 6);
  CHECK(joined->joined.backlog.size() == 4);
  const auto too_old = told.homes->join(kShard, wire::Start::from(1), 1);
  REQUIRE_FALSE(too_old);
  CHECK(too_old.error() == wire::SubscribeCursorError{wire::SubscribeCursorError::Reason::too_old, 1, 2});
  told.publish(0);
  CHECK(told.deliveries.size() == 1);  // the refused one is no reader
}

TEST_CASE("outcomes are withheld while any reader blocks, and released in order") {
  Told told;
  told.homes->set_blocked(kShard, true);
  told.homes->set_blocked(kShard, true);
  CHECK_FALSE(told.publish(10));
  CHECK_FALSE(told.publish(11));
  told.homes->set_blocked(kShard, false);
  CHECK(told.released.empty());
  CHECK_FALSE(told.publish(12));
  told.homes->set_blocked(kShard, false);
  CHECK(told.released == std::vector<std::pair<std::uint64_t, Offset>>{{10, 0}, {11, 1}, {12, 2}});
  CHECK(told.publish(13)->base_offset == 3);
}

TEST_CASE("caches put, get and erase; what cannot be kept is refused") {
  Told told;
  const MonoTime now{};
  const auto run = [&](CacheOperation operation, std::string_view value = {}) {
    return told.homes->operate(
        CacheCommand{{}, operation, 5, "k", flow::Slice::copy_of(as_bytes(value)), std::nullopt}, now);
  };
  CHECK_FALSE(run(CacheOperation::get)->value);
  CHECK(run(CacheOperation::put, "v")->version == 1);
  CHECK(as_text(run(CacheOperation::get)->value->bytes()) == "v");
  CHECK(told.homes->cache_totals().entries == 1);
  REQUIRE(run(CacheOperation::erase));
  CHECK_FALSE(run(CacheOperation::get)->value);
  CHECK(told.homes->cache_totals().entries == 0);
}

TEST_CASE("sweeping removes what expired and tells when to come again") {
  Told told;
  const MonoTime now{std::chrono::seconds(100)};
  for (int i = 1; i <= 3; ++i) {
    const CacheCommand put{{},
                           CacheOperation::put,
                           5,
                           std::to_string(i),
                           flow::Slice::copy_of(as_bytes("v")),
                           std::chrono::seconds(i)};
    REQUIRE(told.homes->operate(put, now));
  }
  CHECK(told.homes->sweep(now) == now + std::chrono::seconds(1));
  CHECK(told.homes->sweep(now + std::chrono::seconds(2)) == now + std::chrono::seconds(3));
  CHECK(told.homes->cache_totals().entries == 1);
  CHECK(told.homes->sweep(now + std::chrono::seconds(9)) == kNever);
}
