#include "config/broker_settings.h"

#include <set>

#include <catch2/catch_test_macros.hpp>

#include "config/load.h"

using namespace felix;
using config::Setting;

TEST_CASE("the environment names and defaults of the original are kept") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"FELIX_QUIC_BIND", "0.0.0.0:5000"},
      {"FELIX_BROKER_METRICS_BIND", "0.0.0.0:8080"},
      {"FELIX_MAX_FRAME_BYTES", "16MiB"},
      {"FELIX_EVENT_BATCH_MAX_EVENTS", "64"},
      {"FELIX_EVENT_BATCH_MAX_BYTES", "64KiB"},
      {"FELIX_EVENT_BATCH_MAX_DELAY_US", "0"},  // here a lone event never waits
      {"FELIX_SUBSCRIBER_QUEUE_CAPACITY", "512"},
      {"FELIX_SUBSCRIBER_QUEUE_CAPACITY_MAX", "4096"},
      {"FELIX_SUB_QUEUE_MAX_BYTES", "256MiB"},
      {"FELIX_SUB_QUEUE_POLICY", "drop_new"},
      {"FELIX_MAX_SUBSCRIPTIONS_PER_CONN", "4096"},
      {"FELIX_SHUTDOWN_DRAIN_TIMEOUT_MS", "25s"},
      {"FELIX_PREAUTH_MAX_FRAME_BYTES", "64KiB"},
      {"FELIX_PREAUTH_MAX_STREAMS_PER_CONN", "16"},
      {"FELIX_AUTH_TIMEOUT_MS", "10s"},
      {"FELIX_MAX_CLIENT_CONNECTIONS", "8192"},
      {"FELIX_MAX_CLIENT_CONNECTIONS_PER_IP", "512"},
      {"FELIX_INITIAL_MTU", "1200"},
      {"FELIX_MTU_UPPER_BOUND", "0"},  // here each path has its own
      {"FELIX_UDP_SEND_BUFFER", "8MiB"},
      {"FELIX_UDP_RECV_BUFFER", "8MiB"},
      {"FELIX_MAX_IDLE_TIMEOUT_MS", "6s"},
      {"FELIX_KEEPALIVE_MS", "2s"},
      {"FELIX_REGION_ID", "local"},
      {"FELIX_TLS_CERT", ""},
      {"FELIX_TLS_KEY", ""},
      {"FELIX_TLS_CLIENT_CA", ""},
  };
  for (const auto& [env, fallback] : rows) {
    INFO(env);
    const Setting* setting = config::find_by_env(config::broker_settings(), env);
    REQUIRE(setting != nullptr);
    CHECK(setting->fallback == fallback);
  }
}

TEST_CASE("every row is complete, unique and has a default within its own range") {
  std::set<std::string_view> names;
  for (const Setting& setting : config::broker_settings()) {
    INFO(setting.name);
    CHECK(names.insert(setting.name).second);
    CHECK(names.insert(setting.env).second);
    CHECK(names.insert(setting.flag).second);
    CHECK(setting.name.find('.') != std::string_view::npos);
    CHECK(setting.env.starts_with("FELIX_"));
    CHECK(setting.flag.starts_with("--"));
    CHECK(setting.sentence.ends_with('.'));
    CHECK(setting.sentence.size() <= 90);
    CHECK((setting.type == config::SettingType::word) == !setting.words.empty());
    CHECK_FALSE(config::placeholder(setting).empty());
    const auto value = config::parse_value(setting, setting.fallback);
    REQUIRE(value);
    CHECK(config::format_value(setting, *value) == setting.fallback);
    if (setting.env.ends_with("_MS") || setting.env.ends_with("_US"))
      CHECK(setting.type == config::SettingType::duration);
    if (setting.env.ends_with("_BYTES")) CHECK(setting.type == config::SettingType::size);
  }
}

TEST_CASE("the rows of one table of the file stand together") {
  std::set<std::string_view> seen;
  std::string_view current;
  for (const Setting& setting : config::broker_settings()) {
    const std::string_view table = setting.name.substr(0, setting.name.find('.'));
    if (table == current) continue;
    INFO(table);
    CHECK(seen.insert(table).second);
    current = table;
  }
}
