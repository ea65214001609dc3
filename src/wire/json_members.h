#pragma once
// Reads the members of one JSON object by name. The first member that does not fit is remembered and status()
// tells of it, so that a parser reads everything and checks once. Internal to the module.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "json/value.h"
#include "wire/error_info.h"
#include "wire/record_run.h"

namespace felix::wire {

class Members {
 public:
  explicit Members(const json::Value& object) : object_(object) {}

  // Required.
  std::string text(std::string_view name);
  std::uint64_t u64(std::string_view name);
  // One record of base64, and an array of them: decoded once, into the run's Frame.
  RecordRun record(std::string_view name);
  RecordRun records(std::string_view name);
  flow::Slice bytes(std::string_view name);

  // Absent when missing or null.
  const json::Value* find(std::string_view name) const;
  std::optional<std::string> optional_text(std::string_view name);
  std::optional<std::vector<std::byte>> optional_key(std::string_view name);
  std::optional<ErrorInfo> optional_error_info();
  template <class T>
  std::optional<T> optional_uint(std::string_view name) {
    const json::Value* value = find(name);
    if (value == nullptr) return std::nullopt;
    const auto number = value->to_u64();
    if (!number || *number > std::numeric_limits<T>::max()) {
      refuse(name, "is not an integer in range");
      return std::nullopt;
    }
    return static_cast<T>(*number);
  }
  template <class T>
  T uint(std::string_view name) {
    const std::optional<T> value = optional_uint<T>(name);
    if (!value) refuse(name, "is missing");
    return value.value_or(T{});
  }
  template <class Id>
  std::optional<Id> optional_id(std::string_view name) {
    const auto value = optional_uint<std::uint64_t>(name);
    return value ? std::optional<Id>(Id(*value)) : std::nullopt;
  }

  // `value` decoded into one Frame; empty and refused when it is no canonical base64.
  flow::Slice decode(std::string_view name, const json::Value& value);

  void refuse(std::string_view name, std::string_view why);
  const Status& status() const { return status_; }

 private:
  bool append_record(RecordRunBuilder& builder, const json::Value& value);

  const json::Value& object_;
  Status status_;
};

}  // namespace felix::wire
