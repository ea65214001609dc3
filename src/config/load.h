#pragma once
// From what people wrote in four places to one value a setting: flag before environment before file before
// default. Whatever is not understood is an error that names its place and the remedy.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/setting.h"

namespace felix::config {

enum class Origin : std::uint8_t { fallback, file, environment, flag };

// One value a setting, in the order of the table.
class Values {
 public:
  std::span<const Setting> table() const { return table_; }
  const SettingValue& value(std::size_t index) const { return values_[index].value; }
  Origin origin(std::size_t index) const { return values_[index].origin; }
  // Where the value was written: "--max-frame", "FELIX_MAX_FRAME_BYTES", "felix.toml:3", "the default".
  const std::string& place(std::string_view name) const;
  // Somebody wrote it: it is not the default by default.
  bool given(std::string_view name) const { return entry(name).origin != Origin::fallback; }

  // By the setting's name; a name that is not in the table or of another type asserts.
  const std::string& text(std::string_view name) const { return get<std::string>(name); }
  bool boolean(std::string_view name) const { return get<bool>(name); }
  std::uint64_t number(std::string_view name) const { return get<std::uint64_t>(name); }
  Duration duration(std::string_view name) const { return get<Duration>(name); }
  const std::vector<std::string>& list(std::string_view name) const {
    return get<std::vector<std::string>>(name);
  }

 private:
  friend class Loader;
  struct Entry {
    SettingValue value;
    Origin origin = Origin::fallback;
    std::string place;
  };
  const Entry& entry(std::string_view name) const;
  template <class T>
  const T& get(std::string_view name) const {
    return std::get<T>(entry(name).value);
  }

  std::span<const Setting> table_;
  std::vector<Entry> values_;
};

struct FlagValue {
  std::string flag;  // "--max-frame"
  std::string value;
};

struct Sources {
  std::span<const FlagValue> flags{};          // the last of several wins
  std::span<const std::string> environment{};  // "NAME=value"; names outside FELIX_ are not looked at
  std::string file_path{};                     // empty: no file
};

// Errors: usage (names the flag, variable or file:line, and what is wanted), storage or not_found (the file
// cannot be read). Variables of client commands, and those a cluster manager sets for services
// (FELIX_…_SERVICE_HOST, FELIX_…_PORT_…), are passed over.
Result<Values> load(std::span<const Setting> table, const Sources& sources);
// The same with the text of the file given.
Result<Values> load(std::span<const Setting> table, const Sources& sources, std::string_view file_text);

// As a felix.toml that would give the same values, with a comment that says where each came from. Secrets are
// replaced.
std::string print_config(const Values& values);

// The variables of this process, as load() takes them.
std::vector<std::string> process_environment();

}  // namespace felix::config
