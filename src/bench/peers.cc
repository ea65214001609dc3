#include "bench/peers.h"

#include <charconv>

#include "json/reader.h"

namespace felix::bench {
namespace {

constexpr std::uint64_t kFormat = 1;
constexpr json::Limits kLimits{.max_bytes = 1u << 20, .max_depth = 8, .max_values = 1u << 14};

std::string text_of(const json::Value* value) {
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

}  // namespace

Result<Peers> parse_peers(std::string_view text) {
  FELIX_TRY(const json::Document document, json::parse(text, kLimits));
  const json::Value& root = document.root();
  const json::Value* format = root.find("felix_peers");
  const json::Value* figures = root.find("figures");
  if (format == nullptr || format->to_u64() != kFormat || figures == nullptr || !figures->is_object())
    return fail(Errc::malformed, "not a file of scripts/peers; expected \"felix_peers\":1 and \"figures\"");
  Peers peers;
  peers.taken_at = text_of(root.find("taken_at"));
  peers.cpu_model = text_of(root.find("cpu_model"));
  for (const json::Value& member : figures->members()) {
    double value = 0;
    const std::string_view number = member.is_number() ? member.number_text() : std::string_view();
    if (std::from_chars(number.data(), number.data() + number.size(), value).ec != std::errc{} ||
        !(value > 0))
      return fail(Errc::malformed, "the figure \"" + std::string(member.name()) + "\" is no positive number");
    peers.figures.emplace(member.name(), value);
  }
  return peers;
}

}  // namespace felix::bench
