#include <memory>

#include "base/contract.h"
#include "base/utf8.h"
#include "client/cache_client.h"
#include "felix/client_shell.h"
#include "felix/command.h"
#include "felix/standard_streams.h"
#include "felix/values.h"
#include "json/writer.h"

namespace felix::command {
namespace {

enum class Action : unsigned char { put, get, remove };

struct Options {
  ClientFlags client;
  Action action = Action::get;
  client::CacheKey key;
  std::optional<std::string> value;
  std::optional<Duration> ttl;
  bool json = false;
};

Status check(const Options& options) {
  if (options.key.cache.empty()) return fail(Errc::usage, "NAME is empty; name a cache");
  if (!is_utf8(as_bytes(options.key.key)))
    return fail(Errc::usage, "KEY is not UTF-8; keys are text, values may be any bytes");
  if (options.action == Action::put) return {};
  if (options.value)
    return fail(Errc::usage, "'" + *options.value + "' is one argument too many; only put takes a VALUE");
  if (options.ttl) return fail(Errc::usage, "--ttl is for put; leave it out");
  return {};
}

// The object every form of JSON output begins with; `body` adds to it.
Status print_json(const client::CacheKey& key, const std::function<void(json::Writer&)>& body) {
  std::string out;
  {
    json::Writer json(out);
    json.begin_object();
    json.member("cache", key.cache);
    json.member("key", key.key);
    body(json);
    json.end_object();
  }
  return write_output(out + "\n");
}

Result<ExitCode> put(const Options& options, client::CacheClient& cache, std::string value) {
  std::optional<std::uint64_t> ttl_ms;
  if (options.ttl)
    ttl_ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(*options.ttl).count());
  FELIX_CHECK(cache.put_and_wait(options.key, flow::Slice::copy_of(as_bytes(value)), ttl_ms));
  if (options.json)
    FELIX_CHECK(print_json(options.key, [&](json::Writer& json) { json.member("bytes", value.size()); }));
  return ExitCode::done;
}

Result<ExitCode> get(const Options& options, client::CacheClient& cache) {
  FELIX_TRY(const client::CacheEntry entry, cache.get_and_wait(options.key));
  if (options.json) {
    FELIX_CHECK(print_json(options.key, [&entry](json::Writer& json) {
      json.member("found", entry.value.has_value());
      if (!entry.value) return;
      const Bytes value = entry.value->bytes();
      if (is_utf8(value)) {
        json.member("value", as_text(value));
      } else {
        json.member_base64("value_base64", value);
      }
      if (entry.version) json.member("version", *entry.version);
    }));
  } else if (entry.value) {
    FELIX_CHECK(write_output(as_text(entry.value->bytes())));
  }
  if (entry.value) return ExitCode::done;
  say("felix cache: no value for key '" + options.key.key + "' in cache '" + options.key.cache +
      "': it was never put, was deleted, or has expired");
  return ExitCode::failed;
}

Result<ExitCode> remove(const Options& options, client::CacheClient& cache) {
  FELIX_CHECK(cache.remove_and_wait(options.key));
  if (options.json)
    FELIX_CHECK(print_json(options.key, [](json::Writer& json) { json.member("deleted", true); }));
  return ExitCode::done;
}

Result<ExitCode> run_action(const Options& options) {
  FELIX_CHECK(check(options));
  std::string value;
  if (options.action == Action::put) {
    const bool piped = !options.value || *options.value == "-";
    if (!piped) value = *options.value;
    if (piped) {
      FELIX_TRY(value, read_input(wire::kDefaultMaxPayloadBytes));
    }
  }
  FELIX_TRY(auto shell, ClientShell::open(options.client));
  client::CacheClient cache(shell->session(), {});
  switch (options.action) {
    case Action::put:
      return put(options, cache, std::move(value));
    case Action::get:
      return get(options, cache);
    case Action::remove:
      return remove(options, cache);
  }
  FELIX_UNREACHABLE("every action has a case");
}

}  // namespace

Run declare_cache(Syntax& syntax) {
  auto options = std::make_shared<Options>();
  syntax.about(
      "Puts one value under KEY of the cache NAME, prints it, or deletes it. Values are any bytes: get "
      "prints\n"
      "exactly what was put. A get that finds nothing has exit code 1.");
  syntax.argument(
      {"put|get|delete", "what to do",
       choice_into<Action>(options->action,
                           {{"put", Action::put}, {"get", Action::get}, {"delete", Action::remove}}),
       true});
  syntax.argument({"NAME", "the cache", text_into(options->key.cache), true});
  syntax.argument({"KEY", "the key, UTF-8", text_into(options->key.key), true});
  syntax.argument({"VALUE", "the value to put; without it, or with -, standard input is read to its end",
                   text_into(options->value)});
  syntax.option({"--ttl", "TIME", "with put: forget the value after this time; without it the value stays",
                 duration_into(options->ttl)});
  syntax.option({"--output", "text|json",
                 "get prints the bytes alone, or one JSON object (value, or value_base64)",
                 choice_into<bool>(options->json, {{"text", false}, {"json", true}}), "text"});
  declare_client_flags(syntax, options->client);
  syntax.example("felix cache put sessions alice '{\"role\":\"admin\"}' --ttl 60s",
                 "keep a value for a minute");
  syntax.example("felix cache get sessions alice", "print it");
  syntax.example("felix cache put images logo < logo.png", "keep a file");
  return [options] { return run_action(*options); };
}

}  // namespace felix::command
