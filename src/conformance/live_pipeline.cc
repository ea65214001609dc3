// pipeline.*: many publishes under way on one stream (wire protocol sections 4, 5.1 and 8.1).

#include <fmt/format.h>

#include "conformance/live_context.h"
#include "conformance/live_raw.h"
#include "conformance/live_scenario.h"
#include "wire/features.h"

namespace felix::conformance {
namespace {

constexpr const char* kNoPipeline = "the broker grants no publish pipeline (feature 0x8000)";

Result<wire::AuthOk> authenticate(RawConnection& connection, const Context& context, std::uint32_t features,
                                  RawChannel*& channel) {
  FELIX_TRY(channel, connection.bidi());
  FELIX_TRY(auto answer, channel->authenticate(context.connect().client_flags, features));
  if (auto* ok = std::get_if<wire::AuthOk>(&answer)) return std::move(*ok);
  return fail(Errc::invalid_request, "auth with flags was not answered by auth_ok");
}

Result<Finding> window_goes_to_who_asks(Context& context) {
  if (!context.agreement().granted_window()) return not_applicable(kNoPipeline);
  FELIX_TRY(const auto connection, RawConnection::open(context));
  RawChannel* channel = nullptr;
  FELIX_TRY(const auto plain, authenticate(*connection, context, wire::kFeatureErrorCodes, channel));
  if (plain.publish_window) return broken("a client that offered no pipeline was told a publish_window");
  FELIX_TRY(const auto asked, authenticate(*connection, context, wire::kFeaturePublishPipeline, channel));
  if ((asked.server_features.value_or(0) & wire::kFeaturePublishPipeline) == 0)
    return broken("a client that offered the pipeline alone was not granted it");
  if (asked.publish_window.value_or(0) == 0) return broken("the pipeline was granted without a window");
  return held();
}

Result<Finding> more_than_a_window_is_answered_in_order(Context& context) {
  if (!context.agreement().granted_window()) return not_applicable(kNoPipeline);
  FELIX_TRY(const auto connection, RawConnection::open(context));
  RawChannel* channel = nullptr;
  FELIX_TRY(const auto granted, authenticate(*connection, context, wire::kFeaturePublishPipeline, channel));
  // Behind the window the broker does not read; it does not refuse or forget either.
  const std::uint64_t requests = std::min<std::uint64_t>(granted.publish_window.value_or(1), 500) * 2 + 20;
  for (std::uint64_t id = 0; id < requests; ++id)
    channel->send(publish_message(context, context.stream(id), context.mark() + "p", RequestId{id}));
  for (std::uint64_t id = 0; id < requests; ++id) {
    FELIX_TRY(const auto ok, channel->expect<wire::PublishOk>(fmt::format("publish_ok of request {}", id)));
    if (ok.request_id != RequestId{id})
      return broken(fmt::format("request {} was answered in the place of {}", ok.request_id.value, id));
  }
  return held();
}

constexpr Scenario kScenarios[] = {
    {.id = "pipeline.window_goes_to_who_asks",
     .sentence = "A publish window is granted to a client that offers the pipeline, and told to nobody else",
     .run = window_goes_to_who_asks},
    {.id = "pipeline.more_than_a_window_is_answered_in_order",
     .sentence = "Publishes beyond the window wait unread, and all are answered in the order they were sent",
     .run = more_than_a_window_is_answered_in_order,
     .uses_stream = true},
};

}  // namespace

std::span<const Scenario> pipeline_scenarios() { return kScenarios; }

}  // namespace felix::conformance
