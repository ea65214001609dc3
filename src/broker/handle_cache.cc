// Cache requests (wire protocol sections 6.2 and 8.3).

#include "broker/channel_session.h"
#include "broker/reactor.h"
#include "broker/session.h"
#include "wire/json_codec.h"

namespace felix::broker {
namespace {

// Longer lives than this are as good as for ever, and must not overflow the clock.
constexpr std::uint64_t kMaxTtlMs = std::uint64_t{1000} * 60 * 60 * 24 * 365 * 100;

std::optional<Duration> ttl_of(std::optional<std::uint64_t> ttl_ms) {
  if (!ttl_ms) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(*ttl_ms, kMaxTtlMs)));
}

}  // namespace

void ChannelSession::handle_cache(CacheOperation operation, wire::CacheGet&& names, flow::Slice value,
                                  std::optional<std::uint64_t> ttl_ms) {
  auto refuse_cache = [&](Errc code, std::string_view text, Fate fate) {
    reactor_.counters().cache_errors.add();
    refuse(code, text, fate);
  };
  if (names.tenant_id != identity_->tenant_id)
    return refuse_cache(Errc::forbidden, "tenant mismatch", Fate::ends);
  const bool allowed =
      operation == CacheOperation::get
          ? identity_->principal.may_read_cache(names.tenant_id, names.namespace_id, names.cache, names.key)
          : identity_->principal.may_write_cache(names.tenant_id, names.namespace_id, names.cache, names.key);
  if (!allowed) return refuse_cache(Errc::forbidden, "forbidden", Fate::ends);

  const Fate after_refusal = names.request_id ? Fate::goes_on : Fate::ends;
  const metadata::CacheRoute* route = find_cache(names.tenant_id, names.namespace_id, names.cache);
  if (waiting_) return;
  if (route == nullptr) {
    if (creation_error_) return refuse_cache(creation_error_->code, creation_error_->context, after_refusal);
    return refuse_cache(
        Errc::not_found,
        "cache scope not found: " + names.tenant_id + "/" + names.namespace_id + "/" + names.cache,
        after_refusal);
  }

  if (!ttl_ms && route->default_ttl_ms > 0) ttl_ms = route->default_ttl_ms;
  const std::size_t value_bytes = value.footprint_bytes();
  const std::uint64_t slot = replies_.next_slot();
  auto outcome = reactor_.submit(
      CacheCommand{origin(slot), operation, route->incarnation, names.key, std::move(value), ttl_of(ttl_ms)});
  const bool last = !names.request_id;
  CacheReply reply{operation,
                   std::move(names.tenant_id),
                   std::move(names.namespace_id),
                   std::move(names.cache),
                   std::move(names.key),
                   names.request_id,
                   value_bytes};
  if (outcome) {
    replies_.answer([&](std::vector<std::byte>& out) { answer_cache(reply, *outcome, out); });
  } else {
    note_withheld(static_cast<std::ptrdiff_t>(value_bytes));
    reactor_.counters().inflight_requests.add(1);
    const std::uint64_t reserved = replies_.reserve(std::move(reply));
    FELIX_ASSERT(reserved == slot);
  }
  if (last) end_after_answers();
}

void ChannelSession::answer_cache(const CacheReply& reply, const Result<Outcome>& outcome,
                                  std::vector<std::byte>& out) {
  Metrics& metrics = reactor_.counters();
  if (!outcome) {
    metrics.cache_errors.add();
    return append_error(out, outcome.error().code, outcome.error().context);
  }
  if (reply.operation != CacheOperation::get) {
    (reply.operation == CacheOperation::put ? metrics.cache_puts : metrics.cache_deletes).add();
    if (reply.request_id) {
      wire::append_frame(out, wire::CacheOk{*reply.request_id});
    } else {
      wire::append_frame(out, wire::Ok{});
    }
    return;
  }
  const auto& found = std::get<CacheOutcome>(*outcome);
  (found.value ? metrics.cache_hits : metrics.cache_misses).add();
  wire::append_frame(out, wire::CacheValue{reply.tenant_id, reply.namespace_id, reply.cache, reply.key,
                                           found.value, reply.request_id, std::nullopt});
}

}  // namespace felix::broker
