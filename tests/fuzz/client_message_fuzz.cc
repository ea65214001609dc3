// A message that is accepted can be encoded, and what was encoded says the same.

#include <type_traits>

#include "fuzz/fuzz.h"
#include "wire/json_codec.h"

namespace {

using namespace felix;

std::vector<std::byte> encode(const wire::ClientMessage& message) {
  std::vector<std::byte> frame;
  std::visit(
      [&frame](const auto& one) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(one)>, wire::UnknownMessage>)
          wire::append_frame(frame, one);
      },
      message);
  return frame;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = wire::parse_client_message(fuzz::input(data, size), fuzz::reader());
  if (!message || std::holds_alternative<wire::UnknownMessage>(*message)) return 0;
  const std::vector<std::byte> frame = encode(*message);
  const auto again = wire::parse_client_message(fuzz::payload_of_frame(frame).bytes.bytes(), fuzz::reader());
  FELIX_ASSERT(again && encode(*again) == frame);
  return 0;
}
