#include "json/value.h"

#include <charconv>

#include "base/contract.h"

namespace felix::json {
namespace {

template <class T>
std::optional<T> exact_integer(std::string_view text) {
  if (text == "-0") return std::nullopt;
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view Value::as_string() const {
  FELIX_ASSERT(is_string());
  return {text_, text_size_};
}

bool Value::as_bool() const {
  FELIX_ASSERT(is_bool());
  return text_size_ != 0;
}

std::string_view Value::number_text() const {
  FELIX_ASSERT(is_number());
  return {text_, text_size_};
}

std::optional<std::uint64_t> Value::to_u64() const {
  return is_number() ? exact_integer<std::uint64_t>(number_text()) : std::nullopt;
}

std::optional<std::int64_t> Value::to_i64() const {
  return is_number() ? exact_integer<std::int64_t>(number_text()) : std::nullopt;
}

Value::Children Value::members() const {
  return is_object() ? Children(this + 1, this + span_) : Children(nullptr, nullptr);
}

Value::Children Value::elements() const {
  return is_array() ? Children(this + 1, this + span_) : Children(nullptr, nullptr);
}

const Value* Value::find(std::string_view wanted) const {
  for (const Value& member : members()) {
    if (member.name() == wanted) return &member;
  }
  return nullptr;
}

}  // namespace felix::json
