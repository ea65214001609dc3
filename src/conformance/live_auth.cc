// proto.*: how a stream begins, and what negotiation permits (wire protocol sections 3 to 5).

#include <fmt/format.h>

#include "conformance/live_context.h"
#include "conformance/live_raw.h"
#include "conformance/live_scenario.h"
#include "wire/features.h"

namespace felix::conformance {
namespace {

Result<Finding> first_message_must_be_auth(Context& context) {
  FELIX_TRY(const auto connection, RawConnection::open(context));
  FELIX_TRY(RawChannel* const channel, connection->bidi());
  const RequestId id{1};
  channel->send(publish_message(context, context.stream(), context.mark() + "early", id));
  FELIX_CHECK(channel->expect<wire::ErrorMessage>("an error for a publish before auth"));
  FELIX_CHECK(channel->expect_end("a publish before auth"));
  FELIX_CHECK(connection->still_serves());
  return held();
}

Result<Finding> second_auth_is_refused(Context& context) {
  FELIX_TRY(const RawSession raw, open_raw(context));
  FELIX_TRY(const wire::ServerMessage again,
            raw.channel->authenticate(context.connect().client_flags, context.connect().client_features));
  if (!std::holds_alternative<wire::ErrorMessage>(again))
    return broken("a second auth on the same stream was not answered by an error");
  FELIX_CHECK(raw.channel->expect_end("a second auth"));
  FELIX_CHECK(raw.connection->still_serves());
  return held();
}

Result<Finding> plain_ok_without_client_flags(Context& context) {
  FELIX_TRY(const auto connection, RawConnection::open(context));
  FELIX_TRY(RawChannel* const channel, connection->bidi());
  FELIX_TRY(const wire::ServerMessage answer, channel->authenticate({}, {}));
  if (!std::holds_alternative<wire::Ok>(answer))
    return broken("auth without client_flags was not answered by ok");
  return held();
}

Result<Finding> nothing_unoffered_is_sent(Context& context) {
  FELIX_TRY(const auto connection, RawConnection::open(context));
  FELIX_TRY(RawChannel* const reading, connection->bidi());
  FELIX_CHECK(reading->authenticate(wire::kOriginalFlags, std::nullopt));
  wire::Subscribe subscribe;
  subscribe.tenant_id = context.tenant();
  subscribe.namespace_id = context.namespace_id();
  subscribe.stream = context.stream();
  reading->send(subscribe);
  reading->finish();
  FELIX_TRY(RawChannel* const events, connection->accept());
  FELIX_CHECK(events->expect<wire::EventStreamHello>("event_stream_hello"));
  FELIX_CHECK(reading->expect<wire::Subscribed>("subscribed"));

  FELIX_TRY(RawChannel* const writing, connection->bidi());
  FELIX_CHECK(writing->authenticate(wire::kOriginalFlags, std::nullopt));
  const RequestId id{7};
  writing->send(publish_message(context, context.stream(), context.mark() + "plain", id));
  FELIX_TRY(const auto ok, writing->expect<wire::PublishOk>("publish_ok"));
  if (ok.offset) return broken("publish_ok carries an offset that was not offered for");
  writing->send(publish_message(context, context.stream(), context.mark() + "unnamed", {}));
  FELIX_TRY(const auto error,
            writing->expect<wire::ErrorMessage>("an error for a publish without request_id"));
  if (error.info) return broken("an error carries a code that was not offered for");

  FELIX_TRY(const auto event, events->next("an event"));
  if (!event) return broken("the event stream ended");
  const std::uint16_t beyond = event->flags & ~wire::kOriginalFlags;
  if (beyond != 0)
    return broken(fmt::format("an event has the flags 0x{:04x}, which were not offered", beyond));
  return held();
}

constexpr Scenario kScenarios[] = {
    {.id = "proto.first_message_must_be_auth",
     .sentence = "A stream that begins with anything but auth is answered by an error and ended",
     .run = first_message_must_be_auth},
    {.id = "proto.second_auth_is_refused",
     .sentence = "A second auth on a stream is answered by an error and ends it",
     .run = second_auth_is_refused},
    {.id = "proto.plain_ok_without_client_flags",
     .sentence = "An auth that offers no flags is answered by plain ok",
     .run = plain_ok_without_client_flags},
    {.id = "proto.nothing_unoffered_is_sent",
     .sentence = "A client that offered only the first three flags gets no others, no offsets and no codes",
     .run = nothing_unoffered_is_sent,
     .uses_stream = true},
};

}  // namespace

std::span<const Scenario> auth_scenarios() { return kScenarios; }

}  // namespace felix::conformance
