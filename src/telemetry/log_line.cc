#include "telemetry/log_line.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/utf8.h"

namespace felix::telemetry {
namespace {

// Kept free until the end of the line.
constexpr std::string_view kTextTail = " truncated=true\n";
constexpr std::string_view kJsonTail = ",\"truncated\":true}\n";
constexpr std::size_t kTailBytes = std::max(kTextTail.size(), kJsonTail.size());

// Bytes of the well-formed, printable UTF-8 character at the start of `text`; 0 when it must be escaped.
std::size_t printable_prefix(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (text.size() < length || !is_utf8(as_bytes(text.substr(0, length)))) return 0;
  // U+0080..U+009F are control characters that terminals obey; U+2028 and U+2029 end lines for some readers.
  if (first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0) return 0;
  if (text.starts_with("\xe2\x80\xa8") || text.starts_with("\xe2\x80\xa9")) return 0;
  return length;
}

bool needs_quotes(std::string_view text) {
  const auto plain = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '='; };
  return text.empty() || !std::all_of(text.begin(), text.end(), plain);
}

}  // namespace

Result<LogFormat> parse_log_format(std::string_view text) {
  if (text == "text") return LogFormat::text;
  if (text == "json") return LogFormat::json;
  return fail(Errc::usage, "log format '" + std::string(text) + "' is unknown; use text or json");
}

LogLine::LogLine(LogFormat format, WallTime at, Level level, std::string_view module,
                 std::string_view message, Fields fields, Fields more)
    : format_(format) {
  if (format == LogFormat::json) {
    put("{\"time\":\"");
    put_time(at);
    put("\",\"level\":\"");
    put(to_string(level));
    put("\",\"module\":");
    put_quoted(module);
    put(",\"message\":");
    put_quoted(message);
  } else {
    put_time(at);
    put(" ");
    put(to_string(level));
    put(level == Level::info || level == Level::warn ? "  " : " ");
    put_escaped(module);
    put(": ");
    put_escaped(message);
  }
  for (const Field& field : fields) put_field(field);
  for (const Field& field : more) put_field(field);
  const std::string_view tail = format == LogFormat::json ? (truncated_ ? kJsonTail : std::string_view("}\n"))
                                                          : (truncated_ ? kTextTail : std::string_view("\n"));
  std::memcpy(bytes_.data() + size_, tail.data(), tail.size());
  size_ += tail.size();
}

std::size_t LogLine::room() const { return kMaxLineBytes - kTailBytes - size_; }

void LogLine::put(std::string_view text) {
  const std::size_t count = std::min(text.size(), room());
  cut_ = cut_ || count < text.size();
  std::memcpy(bytes_.data() + size_, text.data(), count);
  size_ += count;
}

void LogLine::put_time(WallTime at) {
  using namespace std::chrono;
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss time(floor<microseconds>(at - day));
  char text[40];
  const auto result = fmt::format_to_n(
      text, sizeof(text), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
      time.minutes().count(), time.seconds().count(), time.subseconds().count());
  put({text, std::min(result.size, sizeof(text))});
}

void LogLine::put_escaped(std::string_view text) {
  // One byte stays free for the closing quote.
  const std::size_t end = size_ + std::min(kMaxValueBytes, std::max<std::size_t>(room(), 1) - 1);
  while (!text.empty()) {
    const std::size_t plain = printable_prefix(text);
    const char first = text.front();
    char escape[8];
    std::string_view written = text.substr(0, plain);
    if (first == '"' || first == '\\') {
      escape[0] = '\\';
      escape[1] = first;
      written = {escape, 2};
    } else if (plain == 0) {
      // JSON has no byte escape: an offending byte appears as the code point of the same number.
      const auto value = static_cast<unsigned char>(first);
      const auto result = format_ == LogFormat::json
                              ? fmt::format_to_n(escape, sizeof(escape), "\\u{:04x}", value)
                              : fmt::format_to_n(escape, sizeof(escape), "\\x{:02x}", value);
      written = {escape, result.size};
    }
    if (written.size() > end - size_) {
      truncated_ = true;
      return;
    }
    put(written);
    text.remove_prefix(std::max<std::size_t>(plain, 1));
  }
}

void LogLine::put_quoted(std::string_view text) {
  put("\"");
  put_escaped(text);
  put("\"");
}

void LogLine::put_field(const Field& field) {
  // A field that does not fit is left out whole, so that JSON stays JSON.
  const std::size_t start = size_;
  cut_ = false;
  put(format_ == LogFormat::json ? ",\"" : " ");
  put(field.key());
  put(format_ == LogFormat::json ? "\":" : "=");
  put_value(field.value());
  if (!cut_) return;
  size_ = start;
  truncated_ = true;
}

void LogLine::put_value(const Field::Value& value) {
  char text[40];
  const auto put_number = [&](auto number) {
    const auto result = fmt::format_to_n(text, sizeof(text), "{}", number);
    put({text, std::min(result.size, sizeof(text))});
  };
  if (const auto* flag = std::get_if<bool>(&value)) {
    put(*flag ? "true" : "false");
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    put_number(*number);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&value)) {
    put_number(*natural);
  } else if (const auto* real = std::get_if<double>(&value)) {
    if (std::isfinite(*real)) {
      put_number(*real);
    } else {
      put(format_ == LogFormat::json ? "null" : "nan");
    }
  } else {
    const std::string_view string = std::get<std::string_view>(value);
    if (format_ == LogFormat::json || needs_quotes(string)) {
      put_quoted(string);
    } else {
      put_escaped(string);
    }
  }
}

}  // namespace felix::telemetry
