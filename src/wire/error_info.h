#pragma once
// Code, retry class and detail of a refusal (wire protocol section 9). Sent only to a peer that offered
// kFeatureErrorCodes (JSON) or the ack flags for them (binary); numbers and words are those of base/error.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace felix::wire {

// Codes are an open set: a word or number we do not know is kept, and its retry class obeyed.
struct ErrorInfo {
  std::uint16_t code = 0;  // 0: a word without a number known to us
  std::string code_name;   // empty: a number without a word known to us
  RetryClass retry = RetryClass::fatal;
  std::string reason;  // empty: none
  std::optional<std::uint64_t> retry_after_ms;

  bool operator==(const ErrorInfo&) const = default;
};
// A word of `reason`: the broker has too many publishes under way; nothing of the request was done.
inline constexpr std::string_view kReasonPublishQueueFull = "publish_queue_full";

// The wire's view of one of our errors; those that never travel become "internal".
ErrorInfo error_info(Errc code);
// Our word for a peer's refusal: what the caller should do is in `info.retry`.
Errc errc_of(const ErrorInfo& info);

// Empty when unknown.
std::string_view code_name(std::uint16_t code);
// 0 when unknown.
std::uint16_t code_number(std::string_view name);

std::string_view retry_name(RetryClass retry);
// Unknown words and bytes are fatal.
RetryClass retry_from_name(std::string_view name);
RetryClass retry_from_byte(std::uint8_t byte);

}  // namespace felix::wire
