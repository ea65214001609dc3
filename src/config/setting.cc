#include "config/setting.h"

#include <algorithm>
#include <arpa/inet.h>

#include "base/contract.h"
#include "base/utf8.h"
#include "config/units.h"

namespace felix::config {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) pieces.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pieces;
}

bool is_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const auto port = parse_integer(text.substr(colon + 1));
  if (!port || *port > 65535) return false;
  std::string host(text.substr(0, colon));
  unsigned char binary[sizeof(in6_addr)];
  if (host.starts_with('[') && host.ends_with(']'))
    return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), binary) == 1;
  return inet_pton(AF_INET, host.c_str(), binary) == 1;
}

std::optional<SettingValue> read(const Setting& setting, std::string_view text, PlainNumber plain) {
  const auto in_range = [&](std::optional<std::uint64_t> value) {
    return value && *value >= setting.least && *value <= setting.most ? value : std::nullopt;
  };
  switch (setting.type) {
    case SettingType::text:
    case SettingType::path:
      if (text.contains('\0')) return std::nullopt;
      return std::string(text);
    case SettingType::boolean:
      if (text == "true" || text == "1") return true;
      if (text == "false" || text == "0") return false;
      return std::nullopt;
    case SettingType::integer:
      if (const auto value = in_range(parse_integer(text))) return *value;
      return std::nullopt;
    case SettingType::size:
      if (const auto value = in_range(parse_size(text))) return *value;
      return std::nullopt;
    case SettingType::duration: {
      std::string with_unit(text);
      if (plain != PlainNumber::refused && parse_integer(text))
        with_unit += plain == PlainNumber::milliseconds ? "ms" : "us";
      if (const auto value = in_range(parse_duration(with_unit)))
        return Duration(static_cast<std::int64_t>(*value));
      return std::nullopt;
    }
    case SettingType::address:
      return is_address(text) ? std::optional<SettingValue>(std::string(text)) : std::nullopt;
    case SettingType::word: {
      const auto words = split(setting.words, '|');
      if (std::ranges::find(words, text) == words.end()) return std::nullopt;
      return std::string(text);
    }
    case SettingType::list:
      return split(text, ',');
  }
  FELIX_UNREACHABLE("setting type");
}

std::string range(const Setting& setting, std::string (*format)(std::uint64_t)) {
  if (setting.most == UINT64_MAX) return setting.least == 0 ? "" : " of at least " + format(setting.least);
  return " from " + format(setting.least) + " to " + format(setting.most);
}

std::string format_integer(std::uint64_t value) { return std::to_string(value); }

std::string_view example_of(const Setting& setting) {
  switch (setting.type) {
    case SettingType::size:
      return " (\"64KiB\", \"16MiB\")";
    case SettingType::duration:
      return " (\"250ms\", \"6s\")";
    case SettingType::address:
      return " (\"127.0.0.1:5000\", \"[::1]:5000\")";
    default:
      return "";
  }
}

}  // namespace

PlainNumber plain_number_of(std::string_view env) {
  if (env.ends_with("_MS")) return PlainNumber::milliseconds;
  if (env.ends_with("_US")) return PlainNumber::microseconds;
  return PlainNumber::refused;
}

Result<SettingValue> parse_value(const Setting& setting, std::string_view text, PlainNumber plain) {
  // A felix.toml could not say it, nor --print-config show it.
  if (!is_utf8(as_bytes(text)))
    return fail(Errc::usage, "wants " + wanted(setting) + ", not bytes that are not UTF-8");
  if (auto value = read(setting, text, plain)) return std::move(*value);
  const std::string shown = setting.secret ? "this one (not shown)" : "'" + std::string(text) + "'";
  return fail(Errc::usage, "wants " + wanted(setting) + std::string(example_of(setting)) + ", not " + shown);
}

std::string format_value(const Setting& setting, const SettingValue& value) {
  switch (setting.type) {
    case SettingType::boolean:
      return std::get<bool>(value) ? "true" : "false";
    case SettingType::integer:
      return format_integer(std::get<std::uint64_t>(value));
    case SettingType::size:
      return format_size(std::get<std::uint64_t>(value));
    case SettingType::duration:
      return format_duration(static_cast<std::uint64_t>(std::get<Duration>(value).count()));
    case SettingType::list: {
      std::string joined;
      for (const std::string& item : std::get<std::vector<std::string>>(value))
        joined.append(joined.empty() ? "" : ",").append(item);
      return joined;
    }
    default:
      return std::get<std::string>(value);
  }
}

std::string wanted(const Setting& setting) {
  switch (setting.type) {
    case SettingType::text:
      return "text";
    case SettingType::path:
      return "a path";
    case SettingType::boolean:
      return "true or false";
    case SettingType::integer:
      return "a whole number" + range(setting, format_integer);
    case SettingType::size:
      return "a size" + range(setting, format_size);
    case SettingType::duration:
      return "a duration" + range(setting, format_duration);
    case SettingType::address:
      return "a numeric address with a port";
    case SettingType::list:
      return "a list of texts";
    case SettingType::word:
      break;
  }
  std::string all;
  const auto words = split(setting.words, '|');
  for (std::size_t i = 0; i < words.size(); ++i)
    all.append(i == 0 ? "" : i + 1 == words.size() ? " or " : ", ").append(words[i]);
  return all;
}

std::string placeholder(const Setting& setting) {
  switch (setting.type) {
    case SettingType::text:
      return "TEXT";
    case SettingType::path:
      return setting.name.ends_with("directory") ? "DIR" : "FILE";
    case SettingType::boolean:
      return "true|false";
    case SettingType::integer:
      return "NUMBER";
    case SettingType::size:
      return "SIZE";
    case SettingType::duration:
      return "DURATION";
    case SettingType::address:
      return "ADDRESS";
    case SettingType::list:
      return "LIST";
    case SettingType::word:
      return std::string(setting.words);
  }
  FELIX_UNREACHABLE("setting type");
}

const Setting* find_by_name(std::span<const Setting> table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Setting::name);
  return found == table.end() ? nullptr : &*found;
}

const Setting* find_by_env(std::span<const Setting> table, std::string_view env) {
  const auto found = std::ranges::find(table, env, &Setting::env);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace felix::config
