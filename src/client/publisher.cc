#include "client/publisher.h"

#include <utility>

#include "client/publish_traits.h"
#include "client/random_seed.h"

namespace felix::client {

class Publisher::Impl {
 public:
  Impl(Session& session, const PublisherOptions& options)
      : session_(session),
        one_way_(options.one_way),
        requests_(session, PublishTraits{session.options().tenant, session.options().namespace_id},
                  options.one_way ? Lane::Kind::one_way : Lane::Kind::two_way,
                  {options.in_flight_bytes, options.in_flight_frames}, random_seed()) {}

  Session& session_;
  const bool one_way_;
  RequestLane<PublishTraits> requests_;
};

Publisher::Publisher(Session& session, PublisherOptions options)
    : impl_(std::make_unique<Impl>(session, options)) {}
Publisher::~Publisher() = default;

void Publisher::publish(PublishRequest request, PublishCallback callback) {
  if (impl_->one_way_) request.ack = AckMode::none;
  const std::size_t bytes = footprint_bytes(request);
  const bool answered = PublishTraits::answered(request);
  impl_->requests_.submit({.request = std::move(request),
                           .callback = std::move(callback),
                           .bytes = bytes,
                           .repeatable = false,
                           .answered = answered});
}

bool Publisher::wants_more() const { return impl_->requests_.wants_more(); }
void Publisher::set_on_room(std::function<void()> on_room) {
  impl_->requests_.set_on_room(std::move(on_room));
}
std::size_t Publisher::pending() const { return impl_->requests_.pending(); }

Status Publisher::flush(MonoTime deadline) {
  const Status waited = impl_->session_.wait_for([this] { return pending() == 0; }, deadline);
  impl_->requests_.settle();
  return waited;
}

Result<PublishOutcome> Publisher::publish_and_wait(PublishRequest request) {
  auto outcome = std::make_shared<std::optional<Result<PublishOutcome>>>();
  publish(std::move(request), [outcome](Result<PublishOutcome> result) { *outcome = std::move(result); });
  const Status waited = impl_->session_.wait_for([&] { return outcome->has_value(); });
  impl_->requests_.settle();
  if (outcome->has_value()) return std::move(**outcome);
  return std::unexpected(waited.error());
}

}  // namespace felix::client
