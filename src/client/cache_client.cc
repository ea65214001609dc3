#include "client/cache_client.h"

#include <utility>
#include <vector>

#include "base/contract.h"
#include "client/cache_traits.h"
#include "client/random_seed.h"

namespace felix::client {

class CacheClient::Impl {
 public:
  Impl(Session& session, const CacheOptions& options) : session_(session) {
    FELIX_ASSERT(options.channels > 0);
    for (std::size_t i = 0; i < options.channels; ++i)
      lanes_.push_back(std::make_unique<RequestLane<CacheTraits>>(
          session, CacheTraits{session.options().tenant, session.options().namespace_id}, Lane::Kind::two_way,
          RequestLane<CacheTraits>::Book::Limits{options.in_flight_bytes, options.in_flight_frames},
          random_seed()));
  }

  void submit(CacheRequest request, GetCallback callback) {
    const std::size_t bytes = footprint_bytes(request);
    const bool repeatable = std::holds_alternative<CacheRequest::Get>(request.operation);
    RequestLane<CacheTraits>& lane = *lanes_[next_++ % lanes_.size()];
    lane.submit({.request = std::move(request),
                 .callback = std::move(callback),
                 .bytes = bytes,
                 .repeatable = repeatable});
  }
  Result<CacheEntry> wait(CacheRequest request) {
    auto outcome = std::make_shared<std::optional<Result<CacheEntry>>>();
    submit(std::move(request), [outcome](Result<CacheEntry> result) { *outcome = std::move(result); });
    const Status waited = session_.wait_for([&] { return outcome->has_value(); });
    settle();
    if (outcome->has_value()) return std::move(**outcome);
    return std::unexpected(waited.error());
  }
  void settle() {
    for (const auto& lane : lanes_) lane->settle();
  }

  Session& session_;
  std::vector<std::unique_ptr<RequestLane<CacheTraits>>> lanes_;
  std::size_t next_ = 0;
};

CacheClient::CacheClient(Session& session, CacheOptions options)
    : impl_(std::make_unique<Impl>(session, options)) {}
CacheClient::~CacheClient() = default;

void CacheClient::get(CacheKey key, GetCallback callback) {
  impl_->submit({std::move(key), CacheRequest::Get{}}, std::move(callback));
}

namespace {

CacheClient::GetCallback without_value(CacheClient::DoneCallback callback) {
  return [callback = std::move(callback)](Result<CacheEntry> result) {
    if (!callback) return;
    callback(result ? Status{} : std::unexpected(std::move(result).error()));
  };
}

Status status_of(Result<CacheEntry> result) {
  if (!result) return std::unexpected(std::move(result).error());
  return {};
}

}  // namespace

void CacheClient::put(CacheKey key, flow::Slice value, std::optional<std::uint64_t> ttl_ms,
                      DoneCallback callback) {
  impl_->submit({std::move(key), CacheRequest::Put{std::move(value), ttl_ms}},
                without_value(std::move(callback)));
}

void CacheClient::remove(CacheKey key, DoneCallback callback) {
  impl_->submit({std::move(key), CacheRequest::Remove{}}, without_value(std::move(callback)));
}

bool CacheClient::wants_more() const {
  for (const auto& lane : impl_->lanes_)
    if (!lane->wants_more()) return false;
  return true;
}

void CacheClient::set_on_room(std::function<void()> on_room) {
  for (const auto& lane : impl_->lanes_)
    lane->set_on_room([this, on_room] {
      if (on_room && wants_more()) on_room();
    });
}

std::size_t CacheClient::pending() const {
  std::size_t sum = 0;
  for (const auto& lane : impl_->lanes_) sum += lane->pending();
  return sum;
}

Result<CacheEntry> CacheClient::get_and_wait(CacheKey key) {
  return impl_->wait({std::move(key), CacheRequest::Get{}});
}

Status CacheClient::put_and_wait(CacheKey key, flow::Slice value, std::optional<std::uint64_t> ttl_ms) {
  return status_of(impl_->wait({std::move(key), CacheRequest::Put{std::move(value), ttl_ms}}));
}

Status CacheClient::remove_and_wait(CacheKey key) {
  return status_of(impl_->wait({std::move(key), CacheRequest::Remove{}}));
}

Status CacheClient::flush(MonoTime deadline) {
  const Status waited = impl_->session_.wait_for([this] { return pending() == 0; }, deadline);
  impl_->settle();
  return waited;
}

}  // namespace felix::client
