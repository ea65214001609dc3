// A cache request or answer that is accepted survives encoding, byte for byte (but for an over-long or
// needlessly spelled refusal, which keeps what it says).

#include <algorithm>

#include "fuzz/fuzz.h"
#include "wire/cache_codec.h"
#include "wire/flags.h"

using namespace felix;

namespace {

void append(std::vector<std::byte>& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void check_request(const flow::Slice& payload) {
  const auto request =
      fuzz::decoded_within_bounds(payload.size(), [&] { return wire::parse_cache_request(payload); });
  if (!request) return;
  std::vector<std::byte> frame;
  FELIX_ASSERT(wire::append_cache_request_head(frame, *request).has_value());
  append(frame, request->value.bytes());
  FELIX_ASSERT(std::ranges::equal(fuzz::payload_of_frame(frame).bytes.bytes(), payload.bytes()));
}

void check_answer(const flow::Slice& payload) {
  const auto answer =
      fuzz::decoded_within_bounds(payload.size(), [&] { return wire::parse_cache_answer(payload); });
  if (!answer) return;
  std::vector<std::byte> frame;
  if (answer->verdict != wire::CacheVerdict::refused) {
    append(frame, wire::cache_answer_head(*answer).bytes());
    append(frame, answer->value.bytes());
    FELIX_ASSERT(std::ranges::equal(fuzz::payload_of_frame(frame).bytes.bytes(), payload.bytes()));
    return;
  }
  wire::append_cache_refusal(frame, answer->request_id, answer->message, *answer->info);
  const auto again = wire::parse_cache_answer(fuzz::payload_of_frame(frame).bytes);
  FELIX_ASSERT(again && again->request_id == answer->request_id && again->info == answer->info);
  FELIX_ASSERT(answer->message.starts_with(again->message));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Payload payload = fuzz::payload(data, size);
  if (wire::check_flags(payload.flags, 0xffff) != wire::FrameKind::cache) return 0;
  check_request(payload.bytes);
  check_answer(payload.bytes);
  return 0;
}
