#include "config/load.h"

#include <algorithm>
#include <unistd.h>

#include "base/contract.h"
#include "config/closest.h"
#include "config/context.h"
#include "config/files.h"
#include "config/toml_text.h"

namespace felix::config {
namespace {

// Variables that Kubernetes derives from the names of services.
bool is_service_variable(std::string_view name) {
  const std::size_t port = name.rfind("_PORT_");
  const bool numbered = port != std::string_view::npos && port + 6 < name.size() && name[port + 6] >= '0' &&
                        name[port + 6] <= '9';
  return numbered || name.ends_with("_PORT") || name.ends_with("_SERVICE_HOST") ||
         name.find("_SERVICE_PORT") != std::string_view::npos;
}

// Other programs' of this project: the client commands and the test suite.
bool is_foreign_variable(std::string_view name) {
  return name.starts_with("FELIX_TEST_") ||
         std::ranges::find(client_variables(), name) != client_variables().end();
}

std::vector<std::string_view> column(std::span<const Setting> table, std::string_view Setting::* member) {
  std::vector<std::string_view> names;
  for (const Setting& setting : table) names.push_back(setting.*member);
  return names;
}

}  // namespace

const Values::Entry& Values::entry(std::string_view name) const {
  const Setting* setting = find_by_name(table_, name);
  FELIX_ASSERT(setting != nullptr);
  return values_[static_cast<std::size_t>(setting - table_.data())];
}

const std::string& Values::place(std::string_view name) const { return entry(name).place; }

class Loader {
 public:
  explicit Loader(std::span<const Setting> table) {
    values_.table_ = table;
    for (const Setting& setting : table) {
      auto value = parse_fallback(setting);
      values_.values_.push_back({std::move(value), Origin::fallback, "the default"});
    }
  }

  Status take_file(const std::string& path, std::string_view text) {
    FELIX_TRY(const auto entries, parse_toml(path, text));
    for (const TomlEntry& entry : entries) {
      const std::string place = path + ":" + std::to_string(entry.line);
      const Setting* setting = find_by_name(values_.table_, entry.name);
      if (setting == nullptr)
        return fail(Errc::usage, place + ": no setting is called '" + entry.name + "'" +
                                     did_you_mean(entry.name, column(values_.table_, &Setting::name)));
      auto value = from_toml(*setting, entry);
      if (!value) return std::unexpected(with_context(place + ": " + entry.name, value.error()));
      set(*setting, std::move(*value), Origin::file, place);
    }
    return {};
  }

  Status take_environment(std::span<const std::string> environment) {
    for (const std::string& line : environment) {
      const std::size_t equals = line.find('=');
      if (!line.starts_with("FELIX_") || equals == std::string::npos) continue;
      const std::string_view name = std::string_view(line).substr(0, equals);
      const Setting* setting = find_by_env(values_.table_, name);
      if (setting == nullptr) {
        if (is_foreign_variable(name) || is_service_variable(name)) continue;
        const std::string hint = did_you_mean(name, column(values_.table_, &Setting::env));
        return fail(Errc::usage, "environment: no setting is called " + std::string(name) +
                                     (hint.empty() ? "; unset it" : hint));
      }
      auto value = parse_value(*setting, std::string_view(line).substr(equals + 1), plain_number_of(name));
      if (!value) return std::unexpected(with_context(name, value.error()));
      set(*setting, std::move(*value), Origin::environment, std::string(name));
    }
    return {};
  }

  Status take_flags(std::span<const FlagValue> flags) {
    for (const auto& [flag, text] : flags) {
      const auto setting = std::ranges::find(values_.table_, flag, &Setting::flag);
      if (setting == values_.table_.end())
        return fail(Errc::usage, "no option is called " + flag +
                                     did_you_mean(flag, column(values_.table_, &Setting::flag)));
      auto value = parse_value(*setting, text);
      if (!value) return std::unexpected(with_context(flag, value.error()));
      set(*setting, std::move(*value), Origin::flag, flag);
    }
    return {};
  }

  Values finish() && { return std::move(values_); }

 private:
  static SettingValue parse_fallback(const Setting& setting) {
    auto value = parse_value(setting, setting.fallback);
    FELIX_ASSERT(value.has_value());  // the table is wrong
    return std::move(*value);
  }

  static Result<SettingValue> from_toml(const Setting& setting, const TomlEntry& entry) {
    const auto mismatch = [&](const std::string& got) {
      return fail(Errc::usage, "wants " + wanted(setting) + ", not " + got);
    };
    if (const auto* other = std::get_if<OtherType>(&entry.value)) return mismatch(other->name);
    if (const auto* texts = std::get_if<std::vector<std::string>>(&entry.value)) {
      if (setting.type != SettingType::list) return mismatch("a list");
      return *texts;
    }
    if (const auto* truth = std::get_if<bool>(&entry.value)) {
      if (setting.type != SettingType::boolean) return mismatch(*truth ? "true" : "false");
      return *truth;
    }
    if (const auto* integer = std::get_if<std::int64_t>(&entry.value)) {
      if (setting.type == SettingType::duration && *integer != 0)
        return mismatch("a number without a unit; write \"" + std::to_string(*integer) +
                        "ms\" or another unit");
      const bool numeric = setting.type == SettingType::integer || setting.type == SettingType::size ||
                           setting.type == SettingType::duration;
      if (!numeric) return mismatch("the number " + std::to_string(*integer));
      return parse_value(setting, std::to_string(*integer));
    }
    if (setting.type == SettingType::boolean || setting.type == SettingType::integer ||
        setting.type == SettingType::list)
      return mismatch("a text; write it without quotes");
    return parse_value(setting, std::get<std::string>(entry.value));
  }

  void set(const Setting& setting, SettingValue value, Origin origin, std::string place) {
    values_.values_[static_cast<std::size_t>(&setting - values_.table_.data())] = {std::move(value), origin,
                                                                                   std::move(place)};
  }

  Values values_;
};

Result<Values> load(std::span<const Setting> table, const Sources& sources, std::string_view file_text) {
  Loader loader(table);
  FELIX_CHECK(loader.take_file(sources.file_path, file_text));
  FELIX_CHECK(loader.take_environment(sources.environment));
  FELIX_CHECK(loader.take_flags(sources.flags));
  return std::move(loader).finish();
}

Result<Values> load(std::span<const Setting> table, const Sources& sources) {
  std::string text;
  if (!sources.file_path.empty()) {
    FELIX_TRY(text, read_file(sources.file_path));
  }
  return load(table, sources, text);
}

std::vector<std::string> process_environment() {
  std::vector<std::string> lines;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) lines.emplace_back(*at);
  return lines;
}

}  // namespace felix::config
