#pragma once
// Binary cache requests and answers, our extension of the protocol (docs/PROTOCOL.md, "Binary cache"): spoken
// only where both sides offered kFeatureHiBinaryCache, in frames with flags kBinaryCache. The tenant is that
// of the channel; names and keys are UTF-8, so that JSON clients reach the same entries.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"
#include "flow/frame.h"
#include "flow/port.h"
#include "wire/error_info.h"

namespace felix::wire {

inline constexpr std::size_t kMaxCacheNameBytes = 65535;

enum class CacheVerb : std::uint8_t { get = 1, put = 2, erase = 3 };

// The views are into the payload it was parsed from (or, when encoding, into the caller's memory).
struct CacheRequest {
  CacheVerb verb = CacheVerb::get;
  RequestId request_id;
  std::string_view namespace_id;
  std::string_view cache;
  std::string_view key;
  flow::Slice value;                    // of a put; shares the payload's Frame
  std::optional<std::uint64_t> ttl_ms;  // of a put, as in CachePut
};

// Malformed: otherwise than laid out, a field that its verb does not have, a name that is not UTF-8.
Result<CacheRequest> parse_cache_request(const flow::Slice& payload);

// Appends header and everything in front of the value; `request.value` follows on the wire by reference.
// Refuses (too_large) names and keys over 65535 bytes and payloads that do not fit a u32; `out` is then
// untouched.
Status append_cache_request_head(std::vector<std::byte>& out, const CacheRequest& request);

enum class CacheVerdict : std::uint8_t {
  done = 1,     // of a put or erase
  value = 2,    // of a get
  absent = 3,   // of a get: a miss
  refused = 4,  // of any; the channel goes on
};

struct CacheAnswer {
  CacheVerdict verdict = CacheVerdict::done;
  RequestId request_id;
  flow::Slice value;                     // of a value; shares the payload's Frame
  std::optional<std::uint64_t> version;  // of the value found or made; not sent by this build
  std::string message;                   // of a refusal
  std::optional<ErrorInfo> info;         // of a refusal, always
};

// Malformed: otherwise than laid out, a field that its verdict does not have, text that is not UTF-8.
Result<CacheAnswer> parse_cache_answer(const flow::Slice& payload);

// Header and everything in front of the value of an answer that is no refusal; `answer.value` follows.
flow::InlineBytes cache_answer_head(const CacheAnswer& answer);
// A complete refusal; the message is cut to 512 bytes at a character boundary.
void append_cache_refusal(std::vector<std::byte>& out, RequestId request_id, std::string_view message,
                          const ErrorInfo& info);

}  // namespace felix::wire
