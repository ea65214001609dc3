#include "broker/memory_plan.h"

#include <catch2/catch_test_macros.hpp>

#include "broker/settings.h"
#include "config/broker_settings.h"
#include "config/load.h"

using namespace felix;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;

config::BrokerConfig configured(const std::string& file) {
  const auto values = config::load(config::broker_settings(), {}, file);
  REQUIRE(values.has_value());
  return config::make_broker_config(*values, {"/state", "/config", ""}).value();
}

Result<broker::MemoryPlan> planned(std::uint64_t limit, const std::string& file = "",
                                   std::uint32_t reactors = 1) {
  return broker::plan_memory(configured(file), {limit, "the test"}, reactors);
}

}  // namespace

TEST_CASE("Whatever the machine the settings nobody wrote are lowered until the sum fits", "[memory]") {
  for (std::uint64_t mib = 64; mib <= 1 << 20; mib += mib / 3) {
    for (const std::uint32_t reactors : {1u, 2u, 8u}) {
      if (mib < 64 * reactors) continue;
      CAPTURE(mib, reactors);
      const auto plan = planned(mib * kMiB, "", reactors);
      REQUIRE(plan.has_value());
      CHECK(plan->total_bytes() <= mib * kMiB);
      CHECK(plan->settings.limits.max_connections >= 16);
      CHECK(plan->settings.limits.preauth_max_frame_bytes <= plan->settings.limits.max_frame_bytes);
      CHECK(plan->settings.limits.publish_inflight_bytes_per_connection <=
            plan->settings.limits.publish_inflight_bytes);
      // Each reactor can take in a frame of the largest size while others are on their way, and keep it.
      CHECK(plan->ingress_bytes >= reactors * 4 * plan->settings.limits.max_frame_bytes);
      CHECK(plan->retained_bytes >= reactors * 2 * plan->settings.limits.max_frame_bytes);
      CHECK(plan->fanout_bytes >= reactors * plan->settings.limits.max_frame_bytes);
    }
  }
}

TEST_CASE("On a machine with memory to spare the settings stay what they are", "[memory]") {
  const auto plan = planned(8192 * kMiB);
  REQUIRE(plan.has_value());
  const config::BrokerConfig defaults = configured("");
  CHECK(plan->settings.limits.max_connections == defaults.limits.max_connections);
  CHECK(plan->settings.limits.max_frame_bytes == defaults.limits.max_frame_bytes);
  CHECK(plan->settings.limits.publish_inflight_bytes == defaults.limits.publish_inflight_bytes);
  CHECK(plan->settings.quic.udp_recv_buffer_bytes == defaults.quic.udp_recv_buffer_bytes);
}

TEST_CASE("A setting somebody wrote that does not fit is refused by name", "[memory]") {
  const auto connections = planned(64 * kMiB, "[limits]\nmax_connections = 8192\n");
  REQUIRE_FALSE(connections.has_value());
  CHECK(connections.error().code == Errc::usage);
  CHECK(connections.error().context.find("limits.max_connections 8192 x") != std::string::npos);
  CHECK(connections.error().context.find("raise node.memory_max") != std::string::npos);

  const auto frames = planned(128 * kMiB, "[limits]\nmax_frame = \"64MiB\"\n");
  REQUIRE_FALSE(frames.has_value());
  CHECK(frames.error().context.find("limits.max_frame") != std::string::npos);

  const auto buffers = planned(64 * kMiB, "[quic]\nudp_recv_buffer = \"64MiB\"\n");
  REQUIRE_FALSE(buffers.has_value());
  CHECK(buffers.error().context.find("quic.udp_recv_buffer 64 MiB") != std::string::npos);

  const auto ring = planned(64 * kMiB, "[streams]\nring_bytes = \"1GiB\"\n");
  REQUIRE_FALSE(ring.has_value());
  CHECK(ring.error().context.find("streams.ring_bytes") != std::string::npos);
  CHECK(ring.error().context.find("retained") != std::string::npos);
}

TEST_CASE("A limit too small for a broker at all says how much it takes", "[memory]") {
  const auto plan = planned(24 * kMiB);
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().context.find("the test is 24 MiB") != std::string::npos);
}

TEST_CASE("No limit of connections means as many as there is memory for", "[memory]") {
  const auto small = planned(64 * kMiB, "[limits]\nmax_connections = 0\n");
  REQUIRE(small.has_value());
  CHECK(small->settings.limits.max_connections > 16);
  CHECK(small->settings.limits.max_connections < 512);
  CHECK(small->total_bytes() <= 64 * kMiB);
}

TEST_CASE("The sum is shown term by term and adds up", "[memory]") {
  const auto plan = planned(256 * kMiB);
  REQUIRE(plan.has_value());
  const std::string text = plan->to_comment();
  for (const auto& term : plan->terms) CHECK(text.find(term.name) != std::string::npos);
  for (const char* account : {"ingress", "retained", "fanout", "control"})
    CHECK(text.find(account) != std::string::npos);
  CHECK(text.starts_with("# Memory: at most 256 MiB (the test)."));
}
