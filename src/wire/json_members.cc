#include "wire/json_members.h"

#include "base/base64.h"

namespace felix::wire {
namespace {

std::size_t record_size(const json::Value& value) {
  return kRecordLengthBytes + (value.is_string() ? decoded_base64_size(value.as_string()) : 0);
}

}  // namespace

std::string Members::text(std::string_view name) {
  const json::Value* value = find(name);
  if (value == nullptr || !value->is_string()) {
    refuse(name, "is not a string");
    return {};
  }
  return std::string(value->as_string());
}

std::uint64_t Members::u64(std::string_view name) { return uint<std::uint64_t>(name); }

RecordRun Members::record(std::string_view name) {
  const json::Value* value = find(name);
  if (value == nullptr) {
    refuse(name, "is missing");
    return {};
  }
  RecordRunBuilder builder(record_size(*value));
  if (!append_record(builder, *value)) refuse(name, "is not padded base64");
  return builder.finish();
}

RecordRun Members::records(std::string_view name) {
  const json::Value* list = find(name);
  if (list == nullptr || !list->is_array()) {
    refuse(name, "is not an array");
    return {};
  }
  std::size_t size = 0;
  for (const json::Value& value : list->elements()) size += record_size(value);
  RecordRunBuilder builder(size);
  for (const json::Value& value : list->elements()) {
    if (append_record(builder, value)) continue;
    refuse(name, "holds something that is not padded base64");
    break;
  }
  return builder.finish();
}

flow::Slice Members::bytes(std::string_view name) {
  const json::Value* value = find(name);
  if (value == nullptr) {
    refuse(name, "is missing");
    return {};
  }
  return decode(name, *value);
}

const json::Value* Members::find(std::string_view name) const {
  const json::Value* value = object_.find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> Members::optional_text(std::string_view name) {
  if (find(name) == nullptr) return std::nullopt;
  return text(name);
}

std::optional<std::vector<std::byte>> Members::optional_key(std::string_view name) {
  const json::Value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    if (auto key = decode_base64(value->as_string())) return *std::move(key);
  }
  refuse(name, "is not padded base64");
  return std::nullopt;
}

std::optional<ErrorInfo> Members::optional_error_info() {
  const auto code = optional_text("code");
  const auto retry = optional_text("retry");
  if (!code && !retry) return std::nullopt;
  ErrorInfo info;
  info.code_name = code.value_or("");
  info.code = code_number(info.code_name);
  info.retry = retry_from_name(retry.value_or(""));
  if (const json::Value* detail = find("detail"); detail != nullptr) {
    if (!detail->is_object()) refuse("detail", "is not an object");
    Members members(*detail);
    info.reason = members.optional_text("reason").value_or("");
    info.retry_after_ms = members.optional_uint<std::uint64_t>("retry_after_ms");
    if (!members.status() && status_) status_ = members.status();
  }
  return info;
}

flow::Slice Members::decode(std::string_view name, const json::Value& value) {
  if (value.is_string()) {
    const std::string_view text = value.as_string();
    if (text.empty()) return {};
    const std::size_t size = decoded_base64_size(text);
    flow::Frame* const frame = flow::Frame::allocate(std::max<std::size_t>(size, 1));
    flow::Slice decoded = flow::Slice::adopt(frame, 0, size);
    if (decode_base64_into(text, MutableBytes(frame->data(), size))) return decoded;
  }
  refuse(name, "is not padded base64");
  return {};
}

void Members::refuse(std::string_view name, std::string_view why) {
  if (!status_) return;
  status_ =
      fail(Errc::malformed, std::string("message: member `") + std::string(name) + "` " + std::string(why));
}

bool Members::append_record(RecordRunBuilder& builder, const json::Value& value) {
  if (!value.is_string()) return false;
  const std::string_view text = value.as_string();
  return decode_base64_into(text, builder.append_space(decoded_base64_size(text))).has_value();
}

}  // namespace felix::wire
