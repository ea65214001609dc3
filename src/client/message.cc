#include "client/message.h"

#include <algorithm>
#include <string_view>

#include "json/reader.h"
#include "wire/json_codec.h"

namespace felix::client {

Result<wire::ServerMessage> parse_message(const wire::IncomingFrame& frame) {
  thread_local json::Reader reader;
  return wire::parse_server_message(frame.payload.bytes(), reader);
}

namespace {

struct Phrase {
  std::string_view words;
  Errc code;
};

// What brokers without error codes say. Found anywhere in the message.
constexpr Phrase kPhrases[] = {
    {"auth failed", Errc::unauthenticated},
    {"auth required", Errc::unauthenticated},
    {"token expired", Errc::unauthenticated},
    {"token revoked", Errc::unauthenticated},
    {"token key withdrawn", Errc::unauthenticated},
    {"forbidden", Errc::forbidden},
    {"tenant mismatch", Errc::forbidden},
    {"not found", Errc::not_found},
    {"overloaded", Errc::overloaded},
    {"publish queue full", Errc::overloaded},
    {"timed out", Errc::overloaded},
    {"byte budget exhausted", Errc::overloaded},
    {"exceeded", Errc::limit_exceeded},
    {"unsupported", Errc::unsupported},
    {"shutting down", Errc::draining},
    {"draining", Errc::draining},
};

}  // namespace

Error refusal(const std::string& message, const std::optional<wire::ErrorInfo>& info) {
  if (info) {
    std::string context = message;
    if (!info->reason.empty()) context += " (" + info->reason + ")";
    return Error{wire::errc_of(*info), std::move(context)};
  }
  for (const Phrase& phrase : kPhrases)
    if (message.find(phrase.words) != std::string::npos) return Error{phrase.code, message};
  return Error{Errc::invalid_request, message};
}

}  // namespace felix::client
