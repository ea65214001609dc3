#include "bench/outcome_bytes.h"

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "bench/result.h"
#include "support/seed.h"

namespace felix::bench {
namespace {

telemetry::Histogram some_histogram(std::uint64_t seed) {
  std::minstd_rand random(static_cast<std::uint32_t>(seed));
  telemetry::Histogram histogram;
  for (int i = 0; i < 1000; ++i) histogram.record(random() % (1u << (1 + random() % 30)));
  return histogram;
}

void check_same(const telemetry::Histogram& is, const telemetry::Histogram& was) {
  CHECK(is.count() == was.count());
  CHECK(is.min() == was.min());
  CHECK(is.max() == was.max());
  for (const double quantile : {0.0, 0.1, 0.5, 0.99, 0.999, 1.0})
    CHECK(is.percentile(quantile) == was.percentile(quantile));
}

TEST_CASE("outcomes told from one process to another keep every count and percentile") {
  const std::uint64_t seed = test::seed();
  PublisherOutcome publisher;
  publisher.published = 7;
  publisher.failed = 1;
  publisher.first_failure = Error{Errc::overloaded, "too much"};
  publisher.cpu_s = 0.25;
  publisher.ack_ns = some_histogram(seed);
  SubscriberOutcome subscriber;
  subscriber.error = Error{Errc::connection_lost, ""};
  subscriber.lost = UINT64_MAX;
  subscriber.sent_ns = some_histogram(seed + 1);
  std::vector<std::byte> bytes;
  append_outcome(bytes, publisher);
  append_outcome(bytes, subscriber);
  RequestOutcome request;
  request.cipher = "AES-128-GCM";
  request.failed = 3;
  request.latency_ns = some_histogram(seed + 2);
  append_outcome(bytes, request);

  Bytes rest = bytes;
  const auto first = take_publisher_outcome(rest);
  const auto second = take_subscriber_outcome(rest);
  const auto third = take_request_outcome(rest);
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(third);
  CHECK(third->cipher == "AES-128-GCM");
  CHECK(third->failed == 3);
  check_same(third->latency_ns, request.latency_ns);
  CHECK(rest.empty());
  CHECK(first->published == 7);
  CHECK(first->first_failure == publisher.first_failure);
  CHECK_FALSE(first->error);
  CHECK(first->cpu_s == 0.25);
  check_same(first->ack_ns, publisher.ack_ns);
  check_same(first->late_ns, publisher.late_ns);
  CHECK(second->error == subscriber.error);
  CHECK(second->lost == UINT64_MAX);
  check_same(second->sent_ns, subscriber.sent_ns);
}

TEST_CASE("an outcome that was cut short is none") {
  PublisherOutcome publisher;
  publisher.error = Error{Errc::internal, "why"};
  publisher.ack_ns.record(5);
  std::vector<std::byte> bytes;
  append_outcome(bytes, publisher);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Bytes cut = Bytes(bytes).first(size);
    CHECK_FALSE(take_publisher_outcome(cut));
  }
}

}  // namespace
}  // namespace felix::bench
