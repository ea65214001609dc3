#pragma once
// One log line as bytes: a bounded buffer, key=value fields, text or JSON.
//
// A line never exceeds kMaxLineBytes, the size up to which a pipe takes a write whole or not at all; long
// values are cut, and a line that lost something says truncated=true. Control bytes and bytes that are not
// UTF-8 are escaped, so a peer cannot write lines of its own or move a terminal's cursor.

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "base/time.h"
#include "telemetry/level.h"

namespace felix::telemetry {

enum class LogFormat : std::uint8_t { text, json };

// "text" or "json".
Result<LogFormat> parse_log_format(std::string_view text);

// A key (a literal: lower case, digits, underscores) and a value that must live until the line is written.
class Field {
 public:
  using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view>;

  Field(std::string_view key, bool value) : key_(key), value_(value) {}
  Field(std::string_view key, std::signed_integral auto value) : key_(key), value_(std::int64_t{value}) {}
  Field(std::string_view key, std::unsigned_integral auto value) : key_(key), value_(std::uint64_t{value}) {}
  Field(std::string_view key, double value) : key_(key), value_(value) {}
  Field(std::string_view key, std::string_view value) : key_(key), value_(value) {}
  Field(std::string_view key, const std::string& value) : key_(key), value_(std::string_view(value)) {}
  Field(std::string_view key, const char* value) : key_(key), value_(std::string_view(value)) {}

  std::string_view key() const { return key_; }
  const Value& value() const { return value_; }

 private:
  std::string_view key_;
  Value value_;
};

using Fields = std::initializer_list<Field>;

class LogLine {
 public:
  static constexpr std::size_t kMaxLineBytes = 4096;
  static constexpr std::size_t kMaxValueBytes = 1024;  // of a value as written, escapes included

  // The complete line, newline included.
  LogLine(LogFormat format, WallTime at, Level level, std::string_view module, std::string_view message,
          Fields fields, Fields more = {});

  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  void put(std::string_view text);
  void put_time(WallTime at);
  void put_quoted(std::string_view text);
  void put_escaped(std::string_view text);
  void put_field(const Field& field);
  void put_value(const Field::Value& value);
  std::size_t room() const;

  LogFormat format_;
  std::size_t size_ = 0;
  bool truncated_ = false;  // a value was shortened or a field left out
  bool cut_ = false;        // put() met the end of the line
  std::array<char, kMaxLineBytes> bytes_;
};

}  // namespace felix::telemetry
