#pragma once
// Session messages (wire protocol sections 5 and 6.2).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "wire/error_info.h"

namespace felix::wire {

// First frame of every stream a client opens.
struct Auth {
  std::string tenant_id;
  std::string token;
  std::optional<std::uint16_t> client_flags;
  std::optional<std::uint32_t> client_features;
  std::optional<std::uint32_t> client_features_hi;

  bool operator==(const Auth&) const = default;
};

// Answer to an Auth that carried client_flags; otherwise Ok is.
struct AuthOk {
  std::uint16_t server_flags = 0;
  std::optional<std::uint32_t> server_features;
  std::optional<std::uint32_t> server_features_hi;
  std::optional<std::vector<std::uint16_t>> listener_ports;
  std::optional<std::uint32_t> publish_window;

  bool operator==(const AuthOk&) const = default;
};

struct Ok {
  bool operator==(const Ok&) const = default;
};

// `error`. `info` only to a client that offered kFeatureErrorCodes.
struct ErrorMessage {
  std::string message;
  std::optional<ErrorInfo> info;

  bool operator==(const ErrorMessage&) const = default;
};

// Answer to an UnknownMessage when both sides offered kFeatureUnsupported.
struct Unsupported {
  std::string request_type;
  std::optional<std::string> extension;
  std::optional<RequestId> request_id;

  bool operator==(const Unsupported&) const = default;
};

// A well-formed object whose type this build does not serve. `known` tells a request of the protocol's
// catalogue from a word nobody defined; both are answered alike.
struct UnknownMessage {
  std::string type;
  bool known = false;
  std::optional<std::string> extension;  // `name` of an `extension`
  std::optional<RequestId> request_id;   // when it had a numeric one

  bool operator==(const UnknownMessage&) const = default;
};

}  // namespace felix::wire
