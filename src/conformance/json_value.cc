#include "conformance/json_value.h"

#include <algorithm>

#include "base/hex.h"
#include "json/writer.h"

namespace felix::conformance {
namespace {

void write(json::Writer& writer, const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::null:
      return writer.null();
    case json::Kind::boolean:
      return writer.boolean(value.as_bool());
    case json::Kind::number:
      return writer.raw(value.number_text());
    case json::Kind::string:
      return writer.string(value.as_string());
    case json::Kind::array:
      writer.begin_array();
      for (const json::Value& element : value.elements()) write(writer, element);
      return writer.end_array();
    case json::Kind::object:
      writer.begin_object();
      for (const json::Value& member : value.members()) {
        writer.key(member.name());
        write(writer, member);
      }
      return writer.end_object();
  }
}

std::unexpected<Error> bad(std::string_view name, std::string_view why) {
  return fail(Errc::malformed, "member `" + std::string(name) + "` " + std::string(why));
}

}  // namespace

std::string compact(const json::Value& value) {
  std::string out;
  json::Writer writer(out);
  write(writer, value);
  return out;
}

bool equivalent(const json::Value& a, const json::Value& b) {
  if (a.kind() != b.kind() || a.size() != b.size()) return false;
  switch (a.kind()) {
    case json::Kind::null:
      return true;
    case json::Kind::boolean:
      return a.as_bool() == b.as_bool();
    case json::Kind::number:
      return a.number_text() == b.number_text();
    case json::Kind::string:
      return a.as_string() == b.as_string();
    case json::Kind::array:
      return std::equal(a.elements().begin(), a.elements().end(), b.elements().begin(), equivalent);
    case json::Kind::object:
      for (const json::Value& member : a.members()) {
        const json::Value* other = b.find(member.name());
        if (other == nullptr || !equivalent(member, *other)) return false;
      }
      return true;
  }
  return false;
}

Result<std::string> text_member(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  if (value == nullptr) return bad(name, "is missing");
  if (!value->is_string()) return bad(name, "is not a string");
  return std::string(value->as_string());
}

Result<std::string> text_member(const json::Value& object, std::string_view name,
                                std::string_view otherwise) {
  if (object.find(name) == nullptr) return std::string(otherwise);
  return text_member(object, name);
}

Result<std::uint64_t> uint_member(const json::Value& object, std::string_view name, std::uint64_t most) {
  const json::Value* value = object.find(name);
  if (value == nullptr) return bad(name, "is missing");
  const auto number = value->to_u64();
  if (!number || *number > most) return bad(name, "is not an integer up to " + std::to_string(most));
  return *number;
}

Result<std::uint64_t> uint_member(const json::Value& object, std::string_view name, std::uint64_t most,
                                  std::uint64_t otherwise) {
  if (object.find(name) == nullptr) return otherwise;
  return uint_member(object, name, most);
}

Result<std::vector<std::byte>> hex_member(const json::Value& object, std::string_view name) {
  FELIX_TRY(const std::string text, text_member(object, name));
  auto bytes = decode_hex(text);
  if (!bytes || std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'F'; }))
    return bad(name, "is not lowercase hexadecimal");
  return *std::move(bytes);
}

}  // namespace felix::conformance
