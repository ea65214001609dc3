#include "broker/running_broker.h"

#include <filesystem>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "authz/claims.h"
#include "crypto/token.h"
#include "io/file.h"
#include "telemetry/exposition.h"

namespace felix::test {

RunningBroker::RunningBroker(std::uint32_t reactors, broker::ServerOptions options, Duration ahead) {
  clock_.step(ahead);
  options.listen = io::Address::parse("127.0.0.1:0").value();
  options.http = io::Address::parse("127.0.0.1:0").value();
  options.state_dir = directory_.path() + "/state";
  options.reactors = reactors;
  options.handle_signals = false;
  auto server = broker::Server::create(std::move(options), clock_);
  if (!server) FAIL(to_string(server.error()));
  server_ = std::move(*server);
  thread_ = std::thread([this] { (void)server_->run(); });
}

RunningBroker::~RunningBroker() { stop(); }

Duration RunningBroker::stop() {
  const MonoTime began = clock_.now();
  if (thread_.joinable()) {
    server_->request_stop();
    thread_.join();
  }
  return clock_.now() - began;
}

std::string RunningBroker::admin_token() const {
  std::string token = io::read_file(server_->identity().admin_token_path, 1 << 16).value();
  while (!token.empty() && token.back() == '\n') token.pop_back();
  return token;
}

std::string RunningBroker::token(std::vector<std::string> permissions, std::string tenant,
                                 std::int64_t expires_in_seconds, std::string subject, std::string token_id,
                                 std::string audience) const {
  const auto key = crypto::SigningKey::from_pem(crypto::read_pem_file(state("token.key")).value()).value();
  authz::Claims claims;
  claims.issuer = authz::kTokenIssuer;
  claims.subject = std::move(subject);
  claims.token_id = std::move(token_id);
  claims.tenant = std::move(tenant);
  claims.audiences = {std::move(audience)};
  claims.issued_at = unix_seconds(clock_.wall_now());
  claims.expires_at = claims.issued_at + expires_in_seconds;
  claims.permissions = std::move(permissions);
  return crypto::sign_token(authz::encode_claims(claims), key, key.key_id()).value();
}

void RunningBroker::write_state(const std::string& name, std::string_view text) const {
  std::filesystem::create_directories(std::filesystem::path(state(name)).parent_path());
  REQUIRE(io::write_file_atomically(state(name), as_bytes(text), 0600));
}

void RunningBroker::move_state(const std::string& from, const std::string& to) const {
  std::filesystem::create_directories(std::filesystem::path(state(to)).parent_path());
  std::filesystem::rename(state(from), state(to));
}

void RunningBroker::remove_state(const std::string& name) const { std::filesystem::remove(state(name)); }

bool RunningBroker::has_state(const std::string& name) const { return std::filesystem::exists(state(name)); }

client::ConnectOptions RunningBroker::client_options(std::string token) const {
  client::ConnectOptions options;
  options.servers = {address()};
  options.server_name = "localhost";
  options.ca_file = server_->identity().ca_path;
  options.token = token.empty() ? admin_token() : std::move(token);
  options.reconnect.enabled = false;
  return options;
}

double RunningBroker::metric(const std::string& name_and_labels) const {
  std::istringstream lines(server_->exposition());
  double sum = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name_and_labels)) sum += std::stod(line.substr(line.rfind(' ')));
  }
  return sum;
}

TestClient::TestClient(const RunningBroker& broker, std::string token)
    : TestClient(broker, broker.client_options(std::move(token))) {}

TestClient::TestClient(const RunningBroker& broker, client::ConnectOptions options)
    : loop(io::Loop::create(broker.clock()).value()) {
  session = client::Session::create(*loop, std::move(options)).value();
}

TestClient::~TestClient() {
  if (session) session->close();
}

wire::RecordRun records(const std::vector<std::string>& texts) {
  wire::RecordRunBuilder builder;
  for (const std::string& text : texts) builder.append(as_bytes(text));
  return builder.finish();
}

std::vector<std::string> texts_of(const wire::RecordRun& run) {
  std::vector<std::string> texts;
  for (const Bytes record : run) texts.emplace_back(as_text(record));
  return texts;
}

}  // namespace felix::test
