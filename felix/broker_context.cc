#include "felix/broker_context.h"

#include <filesystem>

#include "config/context.h"

namespace felix::command {
namespace {

std::string absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path full = std::filesystem::absolute(path, error);
  return error ? path : full.lexically_normal().string();
}

// Where this host's clients reach the broker: a wildcard address is no destination.
std::string local_server(const io::Address& bound) {
  const std::string host = bound.host_string();
  const std::string port = std::to_string(bound.port());
  if (host == "0.0.0.0") return "127.0.0.1:" + port;
  if (host == "::" || host == "[::]") return "[::1]:" + port;
  return bound.to_string();
}

}  // namespace

Result<std::string> write_client_context(const std::string& config_directory,
                                         const broker::ServerOptions& options, const broker::Server& server) {
  config::Context context;
  context.server = local_server(server.address());
  // A certificate given by file is trusted itself: who signed it is not known here.
  context.ca_file = absolute(options.tls_certificate_path.empty() ? server.identity().ca_path
                                                                  : options.tls_certificate_path);
  context.token_file = absolute(server.identity().admin_token_path);
  context.tenant = broker::kDefaultTenant;
  context.ns = broker::kDefaultNamespace;
  std::string name(config::kDefaultContext);
  const auto former = config::load_context(config_directory, name);
  if (former && former->token_file != context.token_file)
    name = "local-" + std::to_string(server.address().port());
  FELIX_CHECK(config::save_context(config_directory, name, context));
  return name;
}

}  // namespace felix::command
