// Whatever is written as felix.toml, environment or flag is understood or refused in words, and what a broker
// says it understood gives the same values again. Input: one byte that says where the text stands, then the
// text.

#include <string>

#include "config/broker_config.h"
#include "config/broker_settings.h"
#include "config/context.h"
#include "fuzz/fuzz.h"

namespace {

using namespace felix;
using namespace felix::config;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

void check_values(const Result<Values>& values) {
  if (!values) {
    FELIX_ASSERT(!values.error().context.empty());
    return;
  }
  static const Places places{"/var/lib/felix", "/etc/felix", ""};
  (void)make_broker_config(*values, places);
  const std::string printed = print_config(*values);
  const auto again = load(broker_settings(), {}, printed);
  FELIX_ASSERT(again.has_value());
  for (std::size_t i = 0; i < broker_settings().size(); ++i) {
    if (!broker_settings()[i].secret) FELIX_ASSERT(again->value(i) == values->value(i));
  }
}

// A value of one setting, as a flag takes it, survives being shown.
void check_value(std::uint8_t which, std::string_view text) {
  const Setting& setting = broker_settings()[which % broker_settings().size()];
  const auto value = parse_value(setting, text, plain_number_of(setting.env));
  if (!value) return;
  const auto again = parse_value(setting, format_value(setting, *value));
  FELIX_ASSERT(again && *again == *value);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text = as_text(fuzz::input(data, size)).substr(2);
  switch (data[0] % 4) {
    case 0: {
      Sources sources;
      sources.file_path = "felix.toml";
      check_values(load(broker_settings(), sources, text));
      break;
    }
    case 1: {
      const std::vector<std::string> environment = lines_of(text);
      check_values(load(broker_settings(), {.environment = environment}, {}));
      (void)merge(context_from_environment(environment), {});
      break;
    }
    case 2: {
      const std::vector<FlagValue> flags{
          {std::string(broker_settings()[data[1] % broker_settings().size()].flag), std::string(text)}};
      check_values(load(broker_settings(), {.flags = flags}, {}));
      break;
    }
    default:
      check_value(data[1], text);
  }
  return 0;
}
