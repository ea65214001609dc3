// The runner against models of earlier generations of the protocol: it asks for what they advertise and skips
// the rest.

#include <set>

#include <catch2/catch_test_macros.hpp>

#include "client/client_fixture.h"
#include "conformance/live_runner.h"

using namespace felix;
using client::test::Fixture;
using client::test::Generation;
using conformance::Outcome;

namespace {

const std::vector<std::string> kWhatModelsServe = {"pubsub.*",
                                                   "ack.*",
                                                   "cache.put_get",
                                                   "cache.miss_is_absent",
                                                   "cache.delete_returns_previous",
                                                   "error.unauthorized_is_typed",
                                                   "error.bad_offset_is_typed",
                                                   "proto.frames_split_at_every_byte",
                                                   "proto.answers_keep_request_order",
                                                   "proto.publish_only_stream_delivers"};

std::set<std::string> skipped_against(Generation generation) {
  Fixture fixture({.generation = generation});
  // Models deliver when they are told to.
  fixture.loop->at_end_of_turn([&] {
    fixture.broker.deliver("s");
    return false;
  });
  const auto report = conformance::run_live(
      *fixture.loop, {.connect = fixture.options(), .only = kWhatModelsServe, .stream = "s", .cache = "c"});
  if (!report) FAIL(to_string(report.error()));
  std::set<std::string> skipped;
  for (const auto& one : report->cases) {
    INFO(one.name << ": " << one.reason);
    CHECK(one.outcome != Outcome::fail);
    if (one.outcome == Outcome::skip) skipped.insert(one.name);
  }
  return skipped;
}

}  // namespace

TEST_CASE("a broker from before negotiation is asked for nothing it did not know") {
  CHECK(skipped_against(Generation::before_negotiation) ==
        std::set<std::string>{"pubsub.offsets_are_contiguous", "pubsub.resume_from_offset",
                              "ack.carries_the_offset", "ack.duplicate_reports_the_original_offset",
                              "cache.delete_returns_previous"});
}

TEST_CASE("a first-generation broker, which replays in frames of their own, passes what it has") {
  CHECK(skipped_against(Generation::t0) == std::set<std::string>{"ack.carries_the_offset",
                                                                 "ack.duplicate_reports_the_original_offset",
                                                                 "cache.delete_returns_previous"});
}

TEST_CASE("a second-generation broker is tried on what it added") {
  CHECK(skipped_against(Generation::t1) ==
        std::set<std::string>{"ack.carries_the_offset", "ack.duplicate_reports_the_original_offset"});
}
