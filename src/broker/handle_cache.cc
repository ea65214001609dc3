// Cache requests, in JSON (wire protocol sections 6.2 and 8.3) and in our binary encoding.

#include "base/base64.h"
#include "broker/channel_session.h"
#include "broker/reactor.h"
#include "broker/session.h"
#include "telemetry/log.h"
#include "wire/cache_codec.h"
#include "wire/json_codec.h"

namespace felix::broker {
namespace {

telemetry::Logger logger("broker");
constinit telemetry::LogLimiter defect_limiter;

// Longer lives than this are as good as for ever, and must not overflow the clock.
constexpr std::uint64_t kMaxTtlMs = std::uint64_t{1000} * 60 * 60 * 24 * 365 * 100;

std::optional<Duration> ttl_of(std::optional<std::uint64_t> ttl_ms) {
  if (!ttl_ms) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(*ttl_ms, kMaxTtlMs)));
}

CacheOperation operation_of(wire::CacheVerb verb) {
  switch (verb) {
    case wire::CacheVerb::get:
      return CacheOperation::get;
    case wire::CacheVerb::put:
      return CacheOperation::put;
    case wire::CacheVerb::erase:
      return CacheOperation::erase;
  }
  FELIX_UNREACHABLE("cache verb");
}

// Upper bound of the JSON frame that answers a get of `value_bytes`, but for the names in it.
std::size_t json_answer_bytes(std::size_t value_bytes) { return encoded_base64_size(value_bytes) + 256; }
// A byte of text as JSON at its longest.
constexpr std::size_t kEscapedBytes = 6;

}  // namespace

template <class Message>
ChannelSession::CacheRequest ChannelSession::cache_request(CacheOperation operation, const Message& message) {
  CacheRequest request;
  request.operation = operation;
  request.tenant_id = message.tenant_id;
  request.namespace_id = message.namespace_id;
  request.cache = message.cache;
  request.key = message.key;
  request.request_id = message.request_id;
  return request;
}

void ChannelSession::handle_cache(const wire::CacheGet& message) {
  operate(cache_request(CacheOperation::get, message));
}

void ChannelSession::handle_cache(wire::CachePut& message) {
  CacheRequest request = cache_request(CacheOperation::put, message);
  request.value = std::move(message.value);
  request.ttl_ms = message.ttl_ms;
  operate(std::move(request));
}

void ChannelSession::handle_cache(const wire::CacheDelete& message) {
  operate(cache_request(CacheOperation::erase, message));
}

void ChannelSession::handle_binary_cache(const wire::IncomingFrame& frame) {
  if (uni_) return end_after_answers();
  auto parsed = wire::parse_cache_request(frame.payload);
  if (!parsed) {
    reactor_.counters().frames_refused.add();
    FELIX_LOG_LIMITED(logger, defect_limiter, warn, "undecodable cache request",
                      {"peer", session_.connection().remote().to_string()}, {"why", parsed.error().context});
    return end_after_answers();
  }
  CacheRequest request;
  request.operation = operation_of(parsed->verb);
  request.tenant_id = identity_->tenant_id;
  request.namespace_id = parsed->namespace_id;
  request.cache = parsed->cache;
  request.key = parsed->key;
  request.request_id = parsed->request_id;
  request.value = std::move(parsed->value);
  request.ttl_ms = parsed->ttl_ms;
  request.binary = true;
  // Every value can be read by every client: what only a binary frame could carry is not kept.
  const std::size_t names_bytes =
      request.tenant_id.size() + request.namespace_id.size() + request.cache.size() + request.key.size();
  if (request.operation == CacheOperation::put &&
      json_answer_bytes(request.value.size()) + kEscapedBytes * names_bytes >
          reactor_.options().max_frame_bytes)
    return refuse_cache(request, Errc::too_large, "value too large for a JSON frame", Fate::goes_on);
  operate(std::move(request));
}

void ChannelSession::operate(CacheRequest&& request) {
  if (request.tenant_id != identity_->tenant_id)
    return refuse_cache(request, Errc::forbidden, "tenant mismatch", Fate::ends);
  const authz::Principal& principal = identity_->principal;
  const bool allowed =
      request.operation == CacheOperation::get
          ? principal.may_read_cache(request.tenant_id, request.namespace_id, request.cache, request.key)
          : principal.may_write_cache(request.tenant_id, request.namespace_id, request.cache, request.key);
  if (!allowed) return refuse_cache(request, Errc::forbidden, "forbidden", Fate::ends);

  KnownCache& known = known_cache_;
  if (!known.known || known.table_version != reactor_.routes().version() || known.cache != request.cache ||
      known.namespace_id != request.namespace_id) {
    known.known = false;
    const Fate after_refusal = request.request_id ? Fate::goes_on : Fate::ends;
    const metadata::CacheRoute* route = find_cache(request.tenant_id, request.namespace_id, request.cache);
    if (waiting_) return;
    if (route == nullptr) {
      if (creation_error_)
        return refuse_cache(request, creation_error_->code, creation_error_->context, after_refusal);
      const std::string text = "cache scope not found: " + std::string(request.tenant_id) + "/" +
                               std::string(request.namespace_id) + "/" + std::string(request.cache);
      return refuse_cache(request, Errc::not_found, text, after_refusal);
    }
    known = KnownCache{std::string(request.namespace_id), std::string(request.cache),
                       reactor_.routes().version(), *route, true};
  }

  std::optional<std::uint64_t> ttl_ms = request.ttl_ms;
  if (!ttl_ms && known.target.default_ttl_ms > 0) ttl_ms = known.target.default_ttl_ms;
  CacheReply reply;
  reply.operation = request.operation;
  reply.binary = request.binary;
  reply.request_id = request.request_id;
  reply.bytes = request.value.footprint_bytes();
  if (!request.binary && request.operation == CacheOperation::get) {
    wire::CacheValue& names = reply.names.emplace();
    names.tenant_id = request.tenant_id;
    names.namespace_id = request.namespace_id;
    names.cache = request.cache;
    names.key = request.key;
    names.request_id = request.request_id;
  }
  const std::uint64_t slot = replies_.next_slot();
  auto outcome =
      reactor_.submit(CacheCommand{origin(slot), request.operation, known.target.incarnation,
                                   std::string(request.key), std::move(request.value), ttl_of(ttl_ms)});
  if (outcome) {
    replies_.answer(std::move(reply), *std::move(outcome),
                    [this](CacheReply& known_at_once, Result<Outcome>& result, AnswerBuffer& out) {
                      answer_cache(known_at_once, result, out);
                    });
  } else {
    note_withheld(static_cast<std::ptrdiff_t>(reply.bytes));
    reactor_.counters().inflight_requests.add(1);
    const std::uint64_t reserved = replies_.reserve(std::move(reply));
    FELIX_ASSERT(reserved == slot);
  }
  if (!request.request_id) end_after_answers();
}

// A binary refusal names its request, which is the only one it concerns: the channel goes on.
void ChannelSession::refuse_cache(const CacheRequest& request, Errc code, std::string_view text, Fate fate) {
  reactor_.counters().cache_errors.add();
  if (!request.binary) return refuse(code, text, fate);
  replies_.answer([&](std::vector<std::byte>& out) {
    wire::append_cache_refusal(out, *request.request_id, text, wire::error_info(code));
  });
}

void ChannelSession::answer_cache(CacheReply& reply, Result<Outcome>& outcome, AnswerBuffer& out) {
  Metrics& metrics = reactor_.counters();
  if (!outcome) {
    metrics.cache_errors.add();
    const Error& error = outcome.error();
    if (!reply.binary) return append_error(out.bytes(), error.code, error.context);
    return wire::append_cache_refusal(out.bytes(), *reply.request_id, error.context,
                                      wire::error_info(error.code));
  }
  auto& found = std::get<CacheOutcome>(*outcome);
  if (reply.operation == CacheOperation::get) {
    (found.value ? metrics.cache_hits : metrics.cache_misses).add();
  } else {
    (reply.operation == CacheOperation::put ? metrics.cache_puts : metrics.cache_deletes).add();
  }
  if (reply.binary) return append_binary_answer(reply, found, out);
  if (reply.operation != CacheOperation::get) {
    if (reply.request_id) return wire::append_frame(out.bytes(), wire::CacheOk{*reply.request_id});
    return wire::append_frame(out.bytes(), wire::Ok{});
  }
  reply.names->value = std::move(found.value);
  wire::append_frame(out.bytes(), *reply.names);
}

void ChannelSession::append_binary_answer(const CacheReply& reply, CacheOutcome& found, AnswerBuffer& out) {
  wire::CacheAnswer answer;
  answer.request_id = *reply.request_id;
  if (reply.operation == CacheOperation::get) {
    answer.verdict = found.value ? wire::CacheVerdict::value : wire::CacheVerdict::absent;
    if (found.value) answer.value = *std::move(found.value);
  }
  const flow::InlineBytes head = wire::cache_answer_head(answer);
  out.append(head, std::move(answer.value));
}

}  // namespace felix::broker
