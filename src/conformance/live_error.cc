// error.*: a refusal says what it is (wire protocol sections 8.2 and 9).

#include <fmt/format.h>

#include "client/token_source.h"
#include "conformance/live_context.h"
#include "conformance/live_raw.h"
#include "conformance/live_scenario.h"
#include "wire/features.h"

namespace felix::conformance {
namespace {

// Whether a refusal of the right kind, given what was advertised, carries its code.
std::optional<std::string> defect_of(const Context& context, const wire::ErrorMessage& error,
                                     std::string_view code) {
  if (!context.agreement().has_feature(wire::kFeatureErrorCodes)) return std::nullopt;
  if (!error.info) return "the refusal '" + error.message + "' carries no code although codes were agreed on";
  if (error.info->code_name == code) return std::nullopt;
  return fmt::format("the refusal '{}' has the code {} instead of {}", error.message, error.info->code_name,
                     code);
}

Result<Finding> unknown_stream_is_typed(Context& context) {
  FELIX_TRY(client::Session * session, context.session());
  // A name that was never created, and one that is never created on use: no stream may have it.
  for (const std::string& name : {context.unused_name("unknown"), std::string("no/such:stream")}) {
    client::Publisher publisher(*session, {});
    const auto outcome = context.publish(publisher, name, {context.mark() + "lost"});
    if (outcome) continue;
    const Errc code = outcome.error().code;
    if (code == Errc::forbidden) return not_applicable("the token permits no stream of another name");
    if (code == Errc::not_found || (code == Errc::invalid_request && name.find('/') != std::string::npos &&
                                    context.agreement().has_feature(wire::kFeatureErrorCodes)))
      return held();
    return broken(
        fmt::format("a publish to the unknown stream {} ended with {}", name, to_string(outcome.error())));
  }
  return not_applicable("the broker creates any stream on first use, so none is unknown");
}

Result<Finding> unauthorized_is_typed(Context& context) {
  FELIX_TRY(std::string token, client::read_token(context.connect()));
  FELIX_TRY(const auto connection, RawConnection::open(context));
  // The same token, signed by nobody.
  const std::size_t dot = token.rfind('.');
  const std::size_t at = dot == std::string::npos ? token.size() / 2 : dot + (token.size() - dot) / 2;
  token[at] = token[at] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {token, std::string("no token at all")}) {
    FELIX_TRY(RawChannel* const channel, connection->bidi());
    channel->send(wire::Auth{.tenant_id = context.tenant(),
                             .token = bad,
                             .client_flags = context.connect().client_flags,
                             .client_features = context.connect().client_features,
                             .client_features_hi = {}});
    FELIX_TRY(const auto error, channel->expect<wire::ErrorMessage>("an error for a bad token"));
    if (const auto defect = defect_of(context, error, "unauthenticated")) return broken(*defect);
    FELIX_CHECK(channel->expect_end("a refused token"));
  }
  return held();
}

Result<Finding> bad_offset_is_typed(Context& context) {
  FELIX_TRY(client::Session * session, context.session());
  client::Publisher publisher(*session, {});
  FELIX_CHECK(context.publish(publisher, context.stream(), context.records(1)));
  constexpr Offset kFar = Offset{1} << 40;
  client::Subscriber subscriber(
      *session,
      {.stream = context.stream(), .start = client::Start::from(kFar), .restart = client::Restart::stop});
  const Status live = subscriber.wait_live(context.deadline());
  if (live) return broken(fmt::format("a subscription from offset {} was accepted", kFar));
  if (subscriber.end() != client::Subscriber::End::cursor) {
    if (live.error().code == Errc::unsupported)
      return not_applicable("the broker keeps no history of this stream");
    return std::unexpected(live.error());
  }
  const wire::SubscribeCursorError& error = *subscriber.cursor_error();
  if (error.reason != wire::SubscribeCursorError::Reason::in_future)
    return broken("an offset beyond the end was called too old");
  if (error.requested != kFar)
    return broken(fmt::format("offset {} was answered as {}", kFar, error.requested));
  if (error.available >= kFar) return broken("the offset said to be available is not below the one refused");
  // What it names can be had.
  const auto reader = Reader::open(context, context.stream(), client::Start::from(error.available));
  if (!reader) return std::unexpected(with_context("subscribing from the offset named", reader.error()));
  return held();
}

Result<Finding> only_in_a_cluster(Context& context) {
  if (!context.agreement().has_feature(wire::kFeatureTopology))
    return not_applicable("a broker that stands alone cannot lose a shard or a quorum");
  return not_applicable("needs a fault in the cluster, which this runner does not cause");
}

constexpr Scenario kScenarios[] = {
    {.id = "error.unknown_stream_is_typed",
     .sentence = "A publish to a stream that does not exist is refused as such",
     .run = unknown_stream_is_typed},
    {.id = "error.unauthorized_is_typed",
     .sentence = "A token that does not verify is answered by an error, and the stream ends",
     .run = unauthorized_is_typed},
    {.id = "error.bad_offset_is_typed",
     .sentence = "A subscription from an offset beyond the end is refused with the one that can be had",
     .run = bad_offset_is_typed,
     .uses_stream = true},
    {.id = "error.shard_unavailable_is_retryable",
     .sentence = "A request for a shard without an owner is refused as one to try again",
     .run = only_in_a_cluster},
    {.id = "error.quorum_timeout_is_outcome_unknown",
     .sentence = "A write that no majority confirmed in time ends as unknown, never as done or refused",
     .run = only_in_a_cluster},
};

}  // namespace

std::span<const Scenario> error_scenarios() { return kScenarios; }

}  // namespace felix::conformance
