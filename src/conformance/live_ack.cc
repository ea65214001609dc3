// ack.*: what an acknowledgement means (wire protocol sections 7.3 and 8.1).

#include <fmt/format.h>

#include "conformance/live_context.h"
#include "conformance/live_raw.h"
#include "conformance/live_scenario.h"
#include "wire/features.h"

namespace felix::conformance {
namespace {

using client::Start;

Result<Finding> none_does_not_wait_for_the_broker(Context& context) {
  FELIX_TRY(const auto reader, Reader::open(context, context.stream(), Start::latest()));
  FELIX_TRY(const RawSession raw, open_raw(context));
  wire::Publish silent = publish_message(context, context.stream(), context.mark() + "silent", {});
  silent.ack = wire::AckMode::none;
  const RequestId id{41};
  raw.channel->send(silent);
  raw.channel->send(publish_message(context, context.stream(), context.mark() + "acked", id));
  FELIX_TRY(const auto ok,
            raw.channel->expect<wire::PublishOk>("publish_ok of the one acknowledged publish"));
  if (ok.request_id != id)
    return broken("the first answer was not that of the only publish that asked for one");
  FELIX_TRY(const auto got, reader->take(2));
  if (got.front().text != context.mark() + "silent")
    return broken("a publish with ack none did not arrive before the one sent behind it");
  return held();
}

Result<Finding> per_message_means_the_broker_accepted_it(Context& context) {
  FELIX_TRY(const auto reader, Reader::open(context, context.stream(), Start::latest()));
  FELIX_TRY(client::Session * session, context.session());
  client::Publisher publisher(*session, {});
  const std::vector<std::string> sent = context.records(3);
  for (const std::string& text : sent) {
    FELIX_CHECK(context.publish(publisher, context.stream(), {text}, client::AckMode::per_message));
    FELIX_TRY(const auto got, reader->take(1));
    if (got.front().text != text) return broken("an acknowledged record did not arrive next");
  }
  return held();
}

Result<Finding> carries_the_offset(Context& context) {
  if (!context.agreement().has_flags(wire::kBinaryPublishAckOffset))
    return not_applicable("the broker does not advertise offsets in acknowledgements (flag 0x1000)");
  FELIX_TRY(const auto reader, Reader::open(context, context.stream(), Start::latest()));
  FELIX_TRY(client::Session * session, context.session());
  client::Publisher publisher(*session, {});
  FELIX_TRY(const auto first, context.publish(publisher, context.stream(), context.records(3)));
  FELIX_TRY(const auto second, context.publish(publisher, context.stream(), context.records(2, 3)));
  if (!first.offset || !second.offset) return broken("an acknowledgement came without the offset");
  if (context.owns_streams() ? *second.offset != *first.offset + 3 : *second.offset < *first.offset + 3)
    return broken(fmt::format("3 records were acknowledged at offset {}, the next at {}", *first.offset,
                              *second.offset));
  FELIX_TRY(const auto got, reader->take(5));
  if (!got.front().offset) return held();
  if (got[0].offset != first.offset || got[3].offset != second.offset)
    return broken(fmt::format("the records acknowledged at offsets {} and {} were delivered at {} and {}",
                              *first.offset, *second.offset, *got[0].offset, got[3].offset.value_or(0)));
  return held();
}

Result<Finding> duplicate_reports_the_original_offset(Context& context) {
  if (!context.agreement().has_feature(wire::kFeatureIdempotentProducer))
    return not_applicable("the broker does not advertise idempotent producers");
  return not_applicable("this runner does not serve idempotent producers");
}

constexpr Scenario kScenarios[] = {
    {.id = "ack.none_does_not_wait_for_the_broker",
     .sentence = "A publish with ack none is delivered and never answered",
     .run = none_does_not_wait_for_the_broker,
     .uses_stream = true},
    {.id = "ack.per_message_means_the_broker_accepted_it",
     .sentence = "A record whose publish was acknowledged reaches the subscribers",
     .run = per_message_means_the_broker_accepted_it,
     .uses_stream = true},
    {.id = "ack.carries_the_offset",
     .sentence = "An acknowledgement says the offset at which the first record is delivered",
     .run = carries_the_offset,
     .uses_stream = true},
    {.id = "ack.duplicate_reports_the_original_offset",
     .sentence = "A batch repeated by an idempotent producer is answered with the offset of the first one",
     .run = duplicate_reports_the_original_offset},
};

}  // namespace

std::span<const Scenario> ack_scenarios() { return kScenarios; }

}  // namespace felix::conformance
