#include "wire/cache_codec.h"

#include "base/contract.h"
#include "wire/flags.h"
#include "wire/header.h"
#include "wire/text_field.h"

namespace felix::wire {
namespace {

// Which optional fields follow, in the order of their bits.
constexpr std::uint8_t kFieldTtl = 0x01;
constexpr std::uint8_t kFieldVersion = 0x02;
constexpr std::uint8_t kFieldDetail = 0x04;

// Operation or verdict, fields, request id.
constexpr std::size_t kPrefixBytes = 1 + 1 + 8;
constexpr std::size_t kMaxRefusalBytes = 512;

std::unexpected<Error> malformed(const char* what) {
  return fail(Errc::malformed, std::string("binary cache frame: ") + what);
}

constexpr std::uint8_t fields_of(CacheVerb verb) { return verb == CacheVerb::put ? kFieldTtl : 0; }
constexpr std::uint8_t fields_of(CacheVerdict verdict) {
  switch (verdict) {
    case CacheVerdict::done:
    case CacheVerdict::value:
      return kFieldVersion;
    case CacheVerdict::absent:
      return 0;
    case CacheVerdict::refused:
      return kFieldDetail;
  }
  FELIX_UNREACHABLE("cache verdict");
}

flow::Slice rest_of(const flow::Slice& payload, const ByteReader& reader) {
  return payload.sub(reader.position(), reader.remaining());
}

}  // namespace

Result<CacheRequest> parse_cache_request(const flow::Slice& payload) {
  ByteReader reader(payload.bytes());
  CacheRequest request;
  const std::uint8_t verb = reader.u8();
  const std::uint8_t fields = reader.u8();
  request.request_id = RequestId(reader.u64());
  if (!reader.ok()) return malformed("shorter than its prefix");
  if (verb < static_cast<std::uint8_t>(CacheVerb::get) || verb > static_cast<std::uint8_t>(CacheVerb::erase))
    return malformed("an operation that does not exist");
  request.verb = static_cast<CacheVerb>(verb);
  if ((fields & ~fields_of(request.verb)) != 0) return malformed("a field that the operation does not have");
  if ((fields & kFieldTtl) != 0) request.ttl_ms = reader.u64();
  bool utf8 = true;
  for (std::string_view* name : {&request.namespace_id, &request.cache, &request.key})
    *name = take_text(reader, utf8);
  if (!reader.ok()) return malformed("shorter than its names");
  if (!utf8) return malformed("a name is not UTF-8");
  if (request.verb == CacheVerb::put) {
    request.value = rest_of(payload, reader);
  } else if (!reader.at_end()) {
    return malformed("a value that the operation does not have");
  }
  return request;
}

Status append_cache_request_head(std::vector<std::byte>& out, const CacheRequest& request) {
  FELIX_ASSERT(request.verb == CacheVerb::put || (request.value.size() == 0 && !request.ttl_ms));
  std::size_t size = kPrefixBytes + (request.ttl_ms ? 8 : 0) + request.value.size();
  for (const std::string_view name : {request.namespace_id, request.cache, request.key}) {
    if (name.size() > kMaxCacheNameBytes)
      return fail(Errc::too_large,
                  "name or key of " + std::to_string(name.size()) + " bytes, at most 65535 fit a frame");
    size += 2 + name.size();
  }
  if (size > UINT32_MAX)
    return fail(Errc::too_large, "request of " + std::to_string(size) + " bytes does not fit a frame");

  const std::size_t start = out.size();
  out.reserve(start + kHeaderBytes + size - request.value.size());
  out.resize(start + kHeaderBytes);
  store_header(out.data() + start, {kBinaryCache, static_cast<std::uint32_t>(size)});
  ByteWriter writer(out);
  writer.u8(static_cast<std::uint8_t>(request.verb));
  writer.u8(request.ttl_ms ? kFieldTtl : 0);
  writer.u64(request.request_id.value);
  if (request.ttl_ms) writer.u64(*request.ttl_ms);
  for (const std::string_view name : {request.namespace_id, request.cache, request.key})
    put_text(writer, name);
  return {};
}

Result<CacheAnswer> parse_cache_answer(const flow::Slice& payload) {
  ByteReader reader(payload.bytes());
  CacheAnswer answer;
  const std::uint8_t verdict = reader.u8();
  const std::uint8_t fields = reader.u8();
  answer.request_id = RequestId(reader.u64());
  if (!reader.ok()) return malformed("shorter than its prefix");
  if (verdict < static_cast<std::uint8_t>(CacheVerdict::done) ||
      verdict > static_cast<std::uint8_t>(CacheVerdict::refused))
    return malformed("a verdict that does not exist");
  answer.verdict = static_cast<CacheVerdict>(verdict);
  if ((fields & ~fields_of(answer.verdict)) != 0) return malformed("a field that the verdict does not have");
  if ((fields & kFieldVersion) != 0) answer.version = reader.u64();
  if (answer.verdict == CacheVerdict::refused) {
    bool utf8 = true;
    const std::uint16_t code = reader.u16();
    answer.info = ErrorInfo{code, std::string(code_name(code)), retry_from_byte(reader.u8()), {}, {}};
    answer.message = take_text(reader, utf8);
    if ((fields & kFieldDetail) != 0) {
      answer.info->reason = take_text(reader, utf8);
      if (const std::uint64_t wait_ms = reader.u64(); wait_ms != 0) answer.info->retry_after_ms = wait_ms;
    }
    if (!utf8) return malformed("text is not UTF-8");
  }
  if (!reader.ok()) return malformed("shorter than its fields");
  if (answer.verdict == CacheVerdict::value) {
    answer.value = rest_of(payload, reader);
  } else if (!reader.at_end()) {
    return malformed("more bytes than its fields");
  }
  return answer;
}

flow::InlineBytes cache_answer_head(const CacheAnswer& answer) {
  FELIX_ASSERT(answer.verdict != CacheVerdict::refused);
  FELIX_ASSERT(answer.verdict == CacheVerdict::value || answer.value.size() == 0);
  FELIX_ASSERT(!answer.version || (fields_of(answer.verdict) & kFieldVersion) != 0);
  const std::size_t size = kPrefixBytes + (answer.version ? 8 : 0) + answer.value.size();
  FELIX_ASSERT(size <= UINT32_MAX);
  flow::InlineBytes head;
  head.append_be(kMagic);
  head.append_be(kVersion);
  head.append_be(kBinaryCache);
  head.append_be(static_cast<std::uint32_t>(size));
  head.append_be(static_cast<std::uint8_t>(answer.verdict));
  head.append_be(answer.version ? kFieldVersion : std::uint8_t{0});
  head.append_be(answer.request_id.value);
  if (answer.version) head.append_be(*answer.version);
  return head;
}

void append_cache_refusal(std::vector<std::byte>& out, RequestId request_id, std::string_view message,
                          const ErrorInfo& info) {
  const bool detailed = !info.reason.empty() || info.retry_after_ms;
  const std::size_t start = out.size();
  out.resize(start + kHeaderBytes);
  ByteWriter writer(out);
  writer.u8(static_cast<std::uint8_t>(CacheVerdict::refused));
  writer.u8(detailed ? kFieldDetail : 0);
  writer.u64(request_id.value);
  writer.u16(info.code);
  writer.u8(static_cast<std::uint8_t>(info.retry));
  put_text(writer, cut_text(message, kMaxRefusalBytes));
  if (detailed) {
    put_text(writer, info.reason);
    writer.u64(info.retry_after_ms.value_or(0));
  }
  store_header(out.data() + start,
               {kBinaryCache, static_cast<std::uint32_t>(out.size() - start - kHeaderBytes)});
}

}  // namespace felix::wire
