#include "config/context.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "config/closest.h"
#include "config/files.h"
#include "config/places.h"
#include "config/toml_text.h"

namespace felix::config {
namespace {

struct Field {
  std::string_view key;
  std::string Context::* member;
  std::string_view env;
  std::string_view other_env;
};
constexpr std::array kFields{
    Field{"server", &Context::server, "FELIX_SERVER", ""},
    Field{"server_name", &Context::server_name, "FELIX_SERVER_NAME", ""},
    Field{"ca_file", &Context::ca_file, "FELIX_CA", ""},
    Field{"token", &Context::token, "FELIX_TOKEN", "FELIX_AUTH_TOKEN"},
    Field{"token_file", &Context::token_file, "FELIX_TOKEN_FILE", ""},
    Field{"tenant", &Context::tenant, "FELIX_TENANT", "FELIX_AUTH_TENANT"},
    Field{"namespace", &Context::ns, "FELIX_NAMESPACE", ""},
};
constexpr std::array<std::string_view, 10> kClientVariables{
    "FELIX_CONTEXT",    "FELIX_SERVER",     "FELIX_SERVER_NAME", "FELIX_CA",          "FELIX_TOKEN",
    "FELIX_AUTH_TOKEN", "FELIX_TOKEN_FILE", "FELIX_TENANT",      "FELIX_AUTH_TENANT", "FELIX_NAMESPACE"};
constexpr std::string_view kSuffix = ".toml";

// A file name and nothing more.
Status check_context_name(std::string_view name) {
  const bool plain =
      !name.empty() && name.size() <= 64 && !name.starts_with('.') && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
      });
  if (plain) return {};
  return fail(Errc::usage, "context name '" + std::string(name) +
                               "': use 1 to 64 letters, digits, '-', '_' and '.', not beginning with '.'");
}

std::string context_path(const std::string& config_directory, std::string_view name) {
  return config_directory + "/contexts/" + std::string(name) + std::string(kSuffix);
}

}  // namespace

Result<Context> load_context(const std::string& config_directory, std::string_view name) {
  FELIX_CHECK(check_context_name(name));
  const std::string path = context_path(config_directory, name);
  const auto text = read_file(path);
  if (!text && text.error().code == Errc::not_found)
    return fail(Errc::not_found, "context '" + std::string(name) + "': there is no " + path);
  if (!text) return std::unexpected(text.error());
  FELIX_TRY(const auto entries, parse_toml(path, *text));
  Context context;
  for (const TomlEntry& entry : entries) {
    const std::string place = path + ":" + std::to_string(entry.line) + ": ";
    const auto field = std::ranges::find(kFields, entry.name, &Field::key);
    if (field == kFields.end()) {
      std::vector<std::string_view> keys;
      for (const Field& known : kFields) keys.push_back(known.key);
      return fail(Errc::usage,
                  place + "a context has no '" + entry.name + "'" + did_you_mean(entry.name, keys));
    }
    const auto* value = std::get_if<std::string>(&entry.value);
    if (value == nullptr) return fail(Errc::usage, place + entry.name + " wants a text in quotes");
    context.*field->member = *value;
  }
  return context;
}

Status save_context(const std::string& config_directory, std::string_view name, const Context& context) {
  FELIX_CHECK(check_context_name(name));
  std::string text;
  for (const Field& field : kFields) {
    const std::string& value = context.*field.member;
    if (!value.empty()) text.append(field.key).append(" = ").append(toml_quoted(value)).append("\n");
  }
  return write_private_file(context_path(config_directory, name), text);
}

Result<std::vector<std::string>> list_contexts(const std::string& config_directory) {
  std::vector<std::string> names;
  std::error_code error;
  const std::string folder = config_directory + "/contexts";
  std::filesystem::directory_iterator at(folder, error);
  if (error == std::errc::no_such_file_or_directory) return names;
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const std::string file = at->path().filename().string();
    if (!file.ends_with(kSuffix)) continue;
    std::string name = file.substr(0, file.size() - kSuffix.size());
    if (check_context_name(name)) names.push_back(std::move(name));
  }
  if (error) return fail(Errc::storage, "reading " + folder + ": " + error.message());
  std::ranges::sort(names);
  return names;
}

Result<std::string> current_context(const std::string& config_directory) {
  auto text = read_file(config_directory + "/current");
  if (!text && text.error().code == Errc::not_found) return std::string(kDefaultContext);
  if (!text) return text;
  const std::size_t end = text->find_last_not_of(" \t\r\n");
  std::string name = text->substr(0, end == std::string::npos ? 0 : end + 1);
  if (name.empty()) return std::string(kDefaultContext);
  FELIX_CHECK(check_context_name(name));
  return name;
}

Status set_current_context(const std::string& config_directory, std::string_view name) {
  FELIX_CHECK(check_context_name(name));
  return write_private_file(config_directory + "/current", std::string(name) + "\n");
}

Context context_from_environment(std::span<const std::string> environment) {
  Context context;
  for (const Field& field : kFields) {
    std::string value = variable(environment, field.env);
    if (value.empty() && !field.other_env.empty()) value = variable(environment, field.other_env);
    context.*field.member = std::move(value);
  }
  return context;
}

Context merge(const Context& over, const Context& under) {
  Context merged = over;
  for (const Field& field : kFields) {
    if ((merged.*field.member).empty()) merged.*field.member = under.*field.member;
  }
  if (over.token.empty() && !over.token_file.empty()) merged.token.clear();
  return merged;
}

std::span<const std::string_view> client_variables() { return kClientVariables; }

}  // namespace felix::config
