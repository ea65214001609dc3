#pragma once
// Messages as JSON payloads (wire protocol section 6.1): written byte for byte like the original (`type`
// first, members in catalogue order, no whitespace), read by name in any order.

#include <cstddef>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "wire/messages.h"

namespace felix::json {
class Reader;
}

namespace felix::wire {

// `payload` is that of a frame with flags 0. Malformed: not one strict JSON object, no `type`, or a member of
// a served type that is missing, of another type or out of range. Views are not kept: the result owns its
// bytes. `reader` only lends its memory; one per thread is enough.
Result<ClientMessage> parse_client_message(Bytes payload, json::Reader& reader);
Result<ServerMessage> parse_server_message(Bytes payload, json::Reader& reader);

// Appends one complete frame, header included. Strings must be UTF-8; what the peer did not offer is the
// caller's to leave out.
void append_frame(std::vector<std::byte>& out, const Auth& message);
void append_frame(std::vector<std::byte>& out, const Publish& message);
void append_frame(std::vector<std::byte>& out, const Subscribe& message);
void append_frame(std::vector<std::byte>& out, const CachePut& message);
void append_frame(std::vector<std::byte>& out, const CacheGet& message);
void append_frame(std::vector<std::byte>& out, const CacheDelete& message);

void append_frame(std::vector<std::byte>& out, const AuthOk& message);
void append_frame(std::vector<std::byte>& out, const Ok& message);
void append_frame(std::vector<std::byte>& out, const ErrorMessage& message);
void append_frame(std::vector<std::byte>& out, const Unsupported& message);
void append_frame(std::vector<std::byte>& out, const PublishOk& message);
void append_frame(std::vector<std::byte>& out, const PublishError& message);
void append_frame(std::vector<std::byte>& out, const Subscribed& message);
void append_frame(std::vector<std::byte>& out, const SubscribeCursorError& message);
void append_frame(std::vector<std::byte>& out, const EventStreamHello& message);
void append_frame(std::vector<std::byte>& out, const Event& message);
void append_frame(std::vector<std::byte>& out, const SubscriptionLagged& message);
void append_frame(std::vector<std::byte>& out, const CacheValue& message);
void append_frame(std::vector<std::byte>& out, const CacheOk& message);

// The same as a Slice of its own, for a Port.
template <class Message>
flow::Slice encode_frame(const Message& message) {
  std::vector<std::byte> out;
  append_frame(out, message);
  return flow::Slice::copy_of(out);
}

}  // namespace felix::wire
