// The first frame of every channel (wire protocol section 5).

#include "broker/channel_session.h"
#include "broker/reactor.h"
#include "broker/session.h"
#include "telemetry/log.h"
#include "wire/features.h"
#include "wire/json_codec.h"

namespace felix::broker {
namespace {

telemetry::Logger logger("broker");
constinit telemetry::LogLimiter refusal_limiter;

}  // namespace

void ChannelSession::handle_auth(const wire::IncomingFrame& frame) {
  if (frame.flags != 0) return refuse(Errc::unauthenticated, "auth required", Fate::ends);
  auto message = wire::parse_client_message(frame.payload.bytes(), reactor_.json_reader());
  if (!message) {
    reactor_.counters().frames_refused.add();
    return end_after_answers();
  }
  const auto* auth = std::get_if<wire::Auth>(&*message);
  if (auth == nullptr) return refuse(Errc::unauthenticated, "auth required", Fate::ends);

  // Read before anything is answered, so that a refusal can carry a code too.
  peer_flags_ = wire::offered_flags(auth->client_flags) & wire::kServedFlags;
  peer_features_ = auth->client_features.value_or(0);
  agreed_features_hi_ =
      wire::offered_features_hi(auth->client_features, auth->client_features_hi) & wire::kServedFeaturesHi;
  if (reactor_.draining()) return refuse(Errc::draining, "broker shutting down", Fate::ends);

  auto judged =
      reactor_.authenticator().authenticate(auth->tenant_id, auth->token, reactor_.clock().wall_now());
  if (!judged) {
    waiting_ = true;
    return session_.wait_to_authenticate(channel_.id());
  }
  auto& identity = *judged;
  if (!identity) {
    reactor_.counters().auth_failed.add();
    FELIX_LOG_LIMITED(logger, refusal_limiter, warn, "token refused",
                      {"peer", session_.connection().remote().to_string()}, {"tenant", auth->tenant_id},
                      {"why", identity.error().context});
    return refuse(Errc::unauthenticated, "auth failed", Fate::ends);
  }
  identity_ = std::move(*identity);
  session_.note_authenticated();
  reactor_.counters().auth_ok.add();
  reader_.set_max_payload_bytes(reactor_.options().max_frame_bytes);
  if (uni_) return;
  const std::uint32_t window = reactor_.options().publish_window;
  const std::uint32_t granted = wire::granted_features(peer_features_, window);
  if ((granted & wire::kFeaturePublishPipeline) != 0) publish_window_ = window;
  replies_.answer([&](std::vector<std::byte>& out) {
    if (!auth->client_flags) return wire::append_frame(out, wire::Ok{});
    wire::AuthOk ok;
    ok.server_flags = wire::kServedFlags;
    // A client that sent no feature word predates them and gets the bytes it always got.
    if (auth->client_features) ok.server_features = wire::kServedFeatures | granted;
    if ((granted & wire::kFeaturePublishPipeline) != 0) ok.publish_window = publish_window_;
    // Nor does one that offered nothing of what we serve of the second word see that there is one.
    if (agreed_features_hi_ != 0) {
      *ok.server_features |= wire::kFeatureExtended;
      ok.server_features_hi = agreed_features_hi_;
    }
    wire::append_frame(out, ok);
  });
}

}  // namespace felix::broker
