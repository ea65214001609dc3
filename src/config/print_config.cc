#include "config/load.h"
#include "config/toml_text.h"

namespace felix::config {
namespace {

std::string toml_value(const Setting& setting, const SettingValue& value) {
  if (setting.secret) return format_value(setting, value).empty() ? "\"\"" : "\"(not shown)\"";
  switch (setting.type) {
    case SettingType::boolean:
    case SettingType::integer:
      return format_value(setting, value);
    case SettingType::list: {
      std::string items;
      for (const std::string& item : std::get<std::vector<std::string>>(value))
        items += (items.empty() ? "" : ", ") + toml_quoted(item);
      return "[" + items + "]";
    }
    default:
      return toml_quoted(format_value(setting, value));
  }
}

}  // namespace

std::string print_config(const Values& values) {
  std::string out;
  std::string_view table;
  for (std::size_t i = 0; i < values.table().size(); ++i) {
    const Setting& setting = values.table()[i];
    const std::size_t dot = setting.name.rfind('.');
    if (const std::string_view own = setting.name.substr(0, dot); own != table) {
      out.append(out.empty() ? "" : "\n").append("[").append(own).append("]\n");
      table = own;
    }
    out.append(setting.name.substr(dot + 1)).append(" = ").append(toml_value(setting, values.value(i)));
    if (values.origin(i) != Origin::fallback) out.append("  # ").append(values.place(setting.name));
    out += '\n';
  }
  return out;
}

}  // namespace felix::config
