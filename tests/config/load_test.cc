#include "config/load.h"

#include <catch2/catch_test_macros.hpp>

#include "config/broker_settings.h"

using namespace felix;
using config::FlagValue;
using config::Origin;

namespace {

struct Input {
  std::vector<FlagValue> flags{};
  std::vector<std::string> environment{};
  std::string file{};
};

Result<config::Values> load(const Input& input) {
  return config::load(config::broker_settings(),
                      {.flags = input.flags, .environment = input.environment, .file_path = "felix.toml"},
                      input.file);
}

std::string refusal(const Input& input) {
  const auto values = load(input);
  if (values) return "accepted";
  CHECK(values.error().code == Errc::usage);
  CHECK(values.error().context.find('\n') == std::string::npos);
  return values.error().context;
}

}  // namespace

TEST_CASE("a flag wins over the environment, that over the file, that over the default") {
  Input input;
  CHECK(load(input)->number("limits.max_subscriptions") == 4096);
  CHECK(load(input)->place("limits.max_subscriptions") == "the default");
  input.file = "[limits]\nmax_subscriptions = 1\n";
  CHECK(load(input)->number("limits.max_subscriptions") == 1);
  CHECK(load(input)->place("limits.max_subscriptions") == "felix.toml:2");
  input.environment = {"PATH=/bin", "FELIX_MAX_SUBSCRIPTIONS_PER_CONN=2"};
  CHECK(load(input)->number("limits.max_subscriptions") == 2);
  input.flags = {{"--max-subscriptions", "3"}};
  CHECK(load(input)->number("limits.max_subscriptions") == 3);
  input.flags.push_back({"--max-subscriptions", "4"});
  CHECK(load(input)->number("limits.max_subscriptions") == 4);
  CHECK(load(input)->place("limits.max_subscriptions") == "--max-subscriptions");
}

TEST_CASE("every type is read from every place") {
  const auto values = load({.flags = {{"--keepalive", "1500ms"}, {"--tls-names", "a.example,b.example"}},
                            .environment = {"FELIX_AUTH_TIMEOUT_MS=5000", "FELIX_MAX_FRAME_BYTES=1048576",
                                            "FELIX_BUSY_POLL=true", "FELIX_EVENT_BATCH_MAX_DELAY_US=250"},
                            .file = R"(
limits.preauth_max_frame = 32768
[listen]
quic = "[::1]:6000"
[tls]
names = ["x", "y,z"]
require_alpn = true
[quic]
max_idle_timeout = "10s"
udp_send_buffer = "1MiB"
[subscribers]
queue_policy = "block"
)"});
  REQUIRE(values);
  CHECK(values->duration("quic.keepalive") == std::chrono::milliseconds(1500));
  CHECK(values->list("tls.names") == std::vector<std::string>{"a.example", "b.example"});
  CHECK(values->duration("limits.auth_timeout") == std::chrono::seconds(5));
  CHECK(values->number("limits.max_frame") == 1u << 20);
  CHECK(values->boolean("node.busy_poll"));
  CHECK(values->duration("events.batch_max_delay") == std::chrono::microseconds(250));
  CHECK(values->number("limits.preauth_max_frame") == 32768);
  CHECK(values->text("listen.quic") == "[::1]:6000");
  CHECK(values->boolean("tls.require_alpn"));
  CHECK(values->duration("quic.max_idle_timeout") == std::chrono::seconds(10));
  CHECK(values->number("quic.udp_send_buffer") == 1u << 20);
  CHECK(values->text("subscribers.queue_policy") == "block");
}

TEST_CASE("an unknown setting is refused with its place and the likely meaning") {
  CHECK(refusal({.file = "[limits]\nmax_frames = 1\n"}) ==
        "felix.toml:2: no setting is called 'limits.max_frames'; did you mean 'limits.max_frame'?");
  CHECK(refusal({.file = "zzz = 1\n"}) == "felix.toml:1: no setting is called 'zzz'");
  CHECK(refusal({.environment = {"FELIX_MAX_FRAME_BYTE=1"}}) ==
        "environment: no setting is called FELIX_MAX_FRAME_BYTE; did you mean 'FELIX_MAX_FRAME_BYTES'?");
  CHECK(refusal({.environment = {"FELIX_ZOOKEEPER=1"}}) ==
        "environment: no setting is called FELIX_ZOOKEEPER; unset it");
  CHECK(refusal({.flags = {{"--max-frme", "1"}}}) ==
        "no option is called --max-frme; did you mean '--max-frame'?");
}

TEST_CASE("variables of the client and of service discovery are passed over") {
  CHECK(load({.environment = {"FELIX_TOKEN=x", "FELIX_CONTEXT=prod", "FELIX_SERVICE_HOST=10.0.0.1",
                              "FELIX_SERVICE_PORT=5000", "FELIX_SERVICE_PORT_QUIC=5000",
                              "FELIX_PORT=udp://10.0.0.1:5000", "FELIX_PORT_5000_UDP_ADDR=10.0.0.1",
                              "FELIX_BROKER_PORT_5000_UDP=udp://10.0.0.1:5000", "FELIX_TEST_SEED=1",
                              "NOT_FELIX_X=1"}}));
}

TEST_CASE("a wrong type is refused with the line, what is wanted and what was found") {
  CHECK(refusal({.file = "\n[limits]\nmax_frame = true\n"}) ==
        "felix.toml:3: limits.max_frame: wants a size from 1KiB to 256MiB, not true");
  CHECK(refusal({.file = "limits.max_connections = \"many\"\n"}) ==
        "felix.toml:1: limits.max_connections: wants a whole number from 0 to 1000000, not a text; write it "
        "without "
        "quotes");
  CHECK(refusal({.file = "quic.keepalive = 2000\n"}) ==
        "felix.toml:1: quic.keepalive: wants a duration from 0 to 1h, not a number without a unit; write "
        "\"2000ms\" or "
        "another unit");
  CHECK(refusal({.file = "limits.max_frame = 1.5\n"}) ==
        "felix.toml:1: limits.max_frame: wants a size from 1KiB to 256MiB, not a number with a fraction");
  CHECK(refusal({.file = "tls.names = [1]\n"}) ==
        "felix.toml:1: tls.names: wants a list of texts, not a list of something else than texts");
  CHECK(refusal({.file = "listen.quic = 5000\n"}).ends_with("not the number 5000"));
  CHECK(refusal({.file = "limits.max_connections = -1\n"}).ends_with("not '-1'"));
}

TEST_CASE("a value out of its range is refused wherever it was written") {
  CHECK(refusal({.file = "[limits]\nmax_frame = \"1GiB\"\n"})
            .starts_with("felix.toml:2: limits.max_frame: wants"));
  CHECK(refusal({.environment = {"FELIX_INITIAL_MTU=9"}}) ==
        "FELIX_INITIAL_MTU: wants a whole number from 1200 to 65000, not '9'");
  CHECK(refusal({.flags = {{"--quic-bind", "everywhere"}}}) ==
        "--quic-bind: wants a numeric address with a port (\"127.0.0.1:5000\", \"[::1]:5000\"), not "
        "'everywhere'");
}

TEST_CASE("what is not TOML is refused with the line") {
  CHECK(refusal({.file = "[limits]\n\nmax_frame ==\n"}).starts_with("felix.toml:3: "));
  CHECK(refusal({.file = "a = 1\na = 2\n"}).starts_with("felix.toml:2: "));
  CHECK(refusal({.file = "x = \"\xff\"\n"}).starts_with("felix.toml:1: "));
  CHECK(refusal({.file = "[[[\n"}).starts_with("felix.toml:1: "));
  CHECK(refusal({.file = "a = " + std::string(100'000, '[')}).starts_with("felix.toml:1: "));
  CHECK(refusal({.file = std::string(100'000, '[')}).starts_with("felix.toml:1: "));
}

TEST_CASE("a file that cannot be read is named") {
  const auto values = config::load(config::broker_settings(),
                                   {.flags = {}, .environment = {}, .file_path = "/nonexistent/felix.toml"});
  REQUIRE_FALSE(values);
  CHECK(values.error().code == Errc::not_found);
  CHECK(values.error().context.find("/nonexistent/felix.toml") != std::string::npos);
}

TEST_CASE("the printed configuration gives the same values again") {
  const auto values = load({.flags = {{"--max-frame", "1MiB"}, {"--tls-names", "a,b"}},
                            .environment = {"FELIX_KEEPALIVE_MS=1234"},
                            .file = "[log]\nlevel = \"warn,transport=debug\"\n"});
  REQUIRE(values);
  const std::string text = config::print_config(*values);
  CHECK(text.find("max_frame = \"1MiB\"  # --max-frame\n") != std::string::npos);
  CHECK(text.find("keepalive = \"1234ms\"  # FELIX_KEEPALIVE_MS\n") != std::string::npos);
  CHECK(text.find("level = \"warn,transport=debug\"  # felix.toml:2\n") != std::string::npos);
  const auto again = load({.flags = {}, .environment = {}, .file = text});
  REQUIRE(again);
  for (std::size_t i = 0; i < values->table().size(); ++i) CHECK(again->value(i) == values->value(i));
}

TEST_CASE("secrets are not printed") {
  static constexpr config::Setting kTable[] = {
      {.name = "a.secret", .env = "FELIX_A", .flag = "--a", .secret = true, .sentence = "A."},
      {.name = "a.unset", .env = "FELIX_B", .flag = "--b", .secret = true, .sentence = "B."}};
  const FlagValue flags[] = {{"--a", "hunter2"}};
  const auto values = config::load(kTable, {.flags = flags, .environment = {}, .file_path = {}});
  REQUIRE(values);
  CHECK(values->text("a.secret") == "hunter2");
  CHECK(config::print_config(*values) == "[a]\nsecret = \"(not shown)\"  # --a\nunset = \"\"\n");
}
