#include "bench/relay_ratio.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "bench/worst_subscriber.h"

namespace felix::bench {
namespace {

LatencySummary summary(std::uint64_t p50_ns, std::uint64_t p99_ns) {
  LatencySummary made;
  made.count = 100;
  made.p50_ns = p50_ns;
  made.p99_ns = p99_ns;
  return made;
}

Run timed(std::uint64_t p50_ns, std::uint64_t relay_p50_ns) {
  Run run;
  // What the generator was late counts for the latency, and not for the ratio.
  run.latency = summary(p50_ns + 1'000'000, 3 * p50_ns + 1'000'000);
  run.latency_from_send = summary(p50_ns, 3 * p50_ns);
  run.relay = summary(relay_p50_ns, 2 * relay_p50_ns);
  return run;
}

TEST_CASE("the ratio is of the time from the actual sending") {
  Run run = timed(60'000, 40'000);
  note_relay_ratio(run);
  CHECK(run.figures.at("p50_relay_ratio") == 1.5);
  CHECK(run.figures.at("p99_relay_ratio") == 2.25);
}

TEST_CASE("with several subscribers each percentile is that of the worst one") {
  Run run = timed(60'000, 40'000);
  for (const auto& [p50_ns, p99_ns] : {std::pair(50'000, 400'000), std::pair(100'000, 200'000)}) {
    ClientResult client;
    client.latency = summary(9'000'000, 9'000'000);
    client.latency_from_send = summary(p50_ns, p99_ns);
    run.clients.push_back(client);
  }
  note_relay_ratio(run);
  CHECK(run.figures.at("p50_relay_ratio") == 2.5);
  CHECK(run.figures.at("p99_relay_ratio") == 5);
  CHECK(worst_subscriber(run, &ClientResult::latency_from_send)->count == 100);
  run.clients.pop_back();
  CHECK_FALSE(worst_subscriber(run, &ClientResult::latency_from_send));
}

TEST_CASE("over trials the medians are divided, so that one lucky relay decides nothing") {
  const std::vector<Run> runs{timed(60'000, 40'000), timed(62'000, 10'000), timed(61'000, 42'000)};
  const auto ratio = relay_ratio({&runs[0], &runs[1], &runs[2]});
  REQUIRE(ratio);
  CHECK(ratio->p50.median == Catch::Approx(61.0 / 40));
  CHECK(ratio->p50.lowest == Catch::Approx(61.0 / 42));
  CHECK(ratio->p50.highest == Catch::Approx(6.2));
}

TEST_CASE("without a relay beside every trial there is no ratio") {
  std::vector<Run> runs{timed(60'000, 40'000), timed(60'000, 40'000)};
  runs[1].relay = {};
  CHECK_FALSE(relay_ratio({&runs[0], &runs[1]}));
  CHECK_FALSE(relay_ratio({}));
  note_relay_ratio(runs[1]);
  CHECK(runs[1].figures.empty());
}

}  // namespace
}  // namespace felix::bench
