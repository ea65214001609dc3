#include "felix/setting_options.h"

namespace felix::command {

std::string setting_section(const config::Setting& setting) {
  std::string section(setting.name.substr(0, setting.name.find('.')));
  if (section == "tls" || section == "quic") {
    for (char& c : section) c = static_cast<char>(c - 'a' + 'A');
  } else {
    section.front() = static_cast<char>(section.front() - 'a' + 'A');
  }
  return section;
}

void declare_settings(Syntax& syntax, std::span<const config::Setting> table,
                      std::vector<config::FlagValue>& into) {
  for (const config::Setting& setting : table) {
    std::string sentence(setting.sentence);
    if (sentence.ends_with('.')) sentence.pop_back();
    syntax.option({std::string(setting.flag), config::placeholder(setting), std::move(sentence),
                   [&setting, &into](std::string_view text) -> Status {
                     if (!config::parse_value(setting, text))
                       return fail(Errc::usage, "wants " + config::wanted(setting));
                     into.push_back({std::string(setting.flag), std::string(text)});
                     return {};
                   },
                   std::string(setting.fallback), std::string(setting.env), setting_section(setting)});
  }
}

}  // namespace felix::command
