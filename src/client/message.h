#pragma once
// The broker's JSON answers, and its refusals as errors of ours.

#include <optional>
#include <string>

#include "base/error.h"
#include "wire/error_info.h"
#include "wire/frame_reader.h"
#include "wire/messages.h"

namespace felix::client {

// The message of a frame with flags 0; malformed otherwise.
Result<wire::ServerMessage> parse_message(const wire::IncomingFrame& frame);

// A refusal with its code, or, from brokers that send none, by the words they use (wire protocol
// sections 5.3, 8.1 and 8.3). The context is the broker's message.
Error refusal(const std::string& message, const std::optional<wire::ErrorInfo>& info);

}  // namespace felix::client
