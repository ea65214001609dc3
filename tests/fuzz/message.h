#pragma once
// JSON messages of one direction: one that is accepted can be encoded, and what was encoded says the same.

#include <type_traits>
#include <variant>

#include "fuzz/fuzz.h"
#include "wire/json_codec.h"

namespace felix::fuzz {

template <class Message>
std::vector<std::byte> encode(const Message& message) {
  std::vector<std::byte> frame;
  std::visit(
      [&frame](const auto& one) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(one)>, wire::UnknownMessage>)
          wire::append_frame(frame, one);
      },
      message);
  return frame;
}

// `parse` is of the shape of wire::parse_client_message.
template <class Parse>
void check_message(Bytes text, Parse parse) {
  const auto message = decoded_within(text.size(), kFixedBytes + json_bytes(as_text(text)),
                                      [&] { return parse(text, reader()); });
  if (!message || std::holds_alternative<wire::UnknownMessage>(*message)) return;
  const std::vector<std::byte> frame = encode(*message);
  const auto again = parse(payload_of_frame(frame).bytes.bytes(), reader());
  FELIX_ASSERT(again && encode(*again) == frame);
}

}  // namespace felix::fuzz
