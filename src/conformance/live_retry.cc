// retry.*: what a refusal allows, and what nobody may do again by himself (wire protocol sections 8.1 and 9).

#include <set>

#include <fmt/format.h>

#include "conformance/live_context.h"
#include "conformance/live_raw.h"
#include "conformance/live_scenario.h"
#include "wire/features.h"

namespace felix::conformance {
namespace {

Result<Finding> terminal_failures_are_not_retried(Context& context) {
  if (!context.agreement().has_feature(wire::kFeatureErrorCodes))
    return not_applicable("the broker does not advertise error codes (feature 0x800)");
  FELIX_TRY(const auto reader, Reader::open(context, context.stream(), client::Start::latest()));
  FELIX_TRY(const RawSession raw, open_raw(context));
  // Refused for good: nothing about it changes by asking again.
  for (int attempt = 0; attempt < 2; ++attempt) {
    raw.channel->send(publish_message(context, context.stream(), context.mark() + "unnamed", {}));
    FELIX_TRY(const auto error, raw.channel->expect<wire::ErrorMessage>("an error for a request without id"));
    if (!error.info) return broken("a refusal came without a code although codes were agreed on");
    if (error.info->retry != RetryClass::fatal)
      return broken(fmt::format("a request that can never succeed was refused as one to {}",
                                wire::retry_name(error.info->retry)));
  }
  // And it was not done behind the client's back.
  FELIX_TRY(client::Session * session, context.session());
  client::Publisher publisher(*session, {});
  FELIX_CHECK(context.publish(publisher, context.stream(), {context.mark() + "end"}));
  FELIX_TRY(const auto got, reader->take(1));
  if (got.front().text != context.mark() + "end") return broken("a refused publish was delivered");
  return held();
}

Result<Finding> ambiguous_outcomes_are_not_silently_retried(Context& context) {
  FELIX_TRY(const auto reader, Reader::open(context, context.stream(), client::Start::latest()));
  constexpr std::uint64_t kRequests = 40;
  {
    FELIX_TRY(const RawSession raw, open_raw(context));
    for (std::uint64_t id = 0; id < kRequests; ++id)
      raw.channel->send(
          publish_message(context, context.stream(), context.records(1, id).front(), RequestId{id}));
    FELIX_CHECK(raw.channel->flush());
  }
  // Nobody heard what became of them: each is there once, or not at all, however long one waits.
  FELIX_TRY(client::Session * session, context.session());
  client::Publisher publisher(*session, {});
  std::set<std::string> seen;
  for (int round = 0; round < 2; ++round) {
    const std::string end = fmt::format("{}end{}", context.mark(), round);
    FELIX_CHECK(context.publish(publisher, context.stream(), {end}));
    for (;;) {
      FELIX_TRY(const auto next, reader->take(1));
      const std::string& record = next.front().text;
      if (record == end) break;
      if (!seen.insert(record).second)
        return broken(fmt::format("'{}', whose outcome nobody heard, was delivered twice", record));
    }
    FELIX_CHECK(context.pause(std::chrono::milliseconds(50)));
  }
  return held();
}

Result<Finding> idempotent_producers_re_send_ambiguous_outcomes(Context& context) {
  if (!context.agreement().has_feature(wire::kFeatureIdempotentProducer))
    return not_applicable("the broker does not advertise idempotent producers");
  return not_applicable("this runner does not serve idempotent producers");
}

constexpr Scenario kScenarios[] = {
    {.id = "retry.terminal_failures_are_not_retried",
     .sentence = "A request that can never succeed is refused as fatal each time, and never done",
     .run = terminal_failures_are_not_retried,
     .uses_stream = true},
    {.id = "retry.ambiguous_outcomes_are_not_silently_retried",
     .sentence = "A publish whose answer was lost with its connection is there once, or not at all",
     .run = ambiguous_outcomes_are_not_silently_retried,
     .uses_stream = true},
    {.id = "retry.idempotent_producers_re_send_ambiguous_outcomes",
     .sentence = "A batch an idempotent producer sends again after a lost answer is there once",
     .run = idempotent_producers_re_send_ambiguous_outcomes},
};

}  // namespace

std::span<const Scenario> retry_scenarios() { return kScenarios; }

}  // namespace felix::conformance
