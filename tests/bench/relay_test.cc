#include "bench/relay.h"

#include <catch2/catch_test_macros.hpp>

namespace felix::bench {
namespace {

TEST_CASE("the relay passes on what is sent at its rate, in threads and in processes") {
  for (const bool processes : {false, true}) {
    RelayLoad load;
    load.rate = 500;
    load.warmup = std::chrono::milliseconds(20);
    load.duration = std::chrono::milliseconds(200);
    load.processes = processes;
    const auto found = run_relay(load, {});
    REQUIRE(found);
    // The warm-up is left out, and nothing is counted twice; a busy machine may lose the last ones.
    CHECK(found->count <= 100);
    CHECK(found->count > 0);
    CHECK(found->min_ns > 0);
  }
}

TEST_CASE("the largest datagram passes") {
  RelayLoad load;
  load.payload_bytes = kMaxRelayPayload;
  load.duration = std::chrono::milliseconds(50);
  CHECK(run_relay(load, {}));
}

TEST_CASE("who watches the relay can end it") {
  RelayLoad load;
  load.duration = std::chrono::hours(1);
  int asked = 0;
  const auto found = run_relay(load, [&asked] { return ++asked < 3; });
  REQUIRE_FALSE(found);
  CHECK(found.error().code == Errc::interrupted);
}

}  // namespace
}  // namespace felix::bench
