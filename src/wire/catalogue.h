#pragma once
// The names of the protocol's messages (wire protocol section 6.2). Internal to the module.

#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "json/reader.h"
#include "wire/session_messages.h"

namespace felix::wire {

// True for every request and answer the protocol defines, served here or not.
bool is_known_request(std::string_view type);
bool is_known_answer(std::string_view type);

// The root object of `payload` and its type.
struct TypedObject {
  const json::Value& object;
  std::string_view type;
};
Result<TypedObject> parse_object(Bytes payload, json::Reader& reader);

UnknownMessage unknown_message(const TypedObject& message, bool known);

}  // namespace felix::wire
