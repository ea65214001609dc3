#include "config/toml_text.h"

// The library asserts what a text like "[[[" breaks, and reports it properly when allowed to go on. (With
// NDEBUG it would promise it to the compiler instead.)
#undef NDEBUG
#define TOML_ASSERT(expression) static_cast<void>(0)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <algorithm>
#include <tuple>

#include <toml++/toml.h>

namespace felix::config {
namespace {

decltype(TomlEntry::value) value_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* boolean = node.as_boolean()) return boolean->get();
  if (node.is_floating_point()) return OtherType{"a number with a fraction"};
  const auto* array = node.as_array();
  if (array == nullptr) return OtherType{"a date or time"};
  std::vector<std::string> texts;
  for (const toml::node& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr) return OtherType{"a list of something else than texts"};
    texts.push_back(text->get());
  }
  return texts;
}

void flatten(const toml::table& table, const std::string& prefix, std::vector<TomlEntry>& entries) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const auto* inner = node.as_table())
      flatten(*inner, name + ".", entries);
    else
      entries.push_back({name, key.source().begin.line, value_of(node)});
  }
}

}  // namespace

Result<std::vector<TomlEntry>> parse_toml(const std::string& path, std::string_view text) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return fail(Errc::usage, path + ":" + std::to_string(error.source().begin.line) + ": " +
                                 std::string(error.description()));
  }
  std::vector<TomlEntry> entries;
  flatten(parsed.table(), "", entries);
  std::ranges::sort(entries, {}, [](const TomlEntry& entry) { return std::tie(entry.line, entry.name); });
  return entries;
}

std::string toml_quoted(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += "\\u00";
      quoted += kHex[byte >> 4];
      quoted += kHex[byte & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace felix::config
