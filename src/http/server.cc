#include "http/server.h"

#include <array>
#include <microhttpd.h>
#include <unistd.h>
#include <utility>

#include "http/listen_socket.h"
#include "io/clock.h"

namespace felix::http {

struct Server::State {
  ServerOptions options;
  Handler handler;
  io::Address address;
  MHD_Daemon* daemon = nullptr;
};

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

MHD_Result add_pair(void* context, MHD_ValueKind, const char* name, const char* value) {
  static_cast<Pairs*>(context)->emplace_back(name, value == nullptr ? "" : value);
  return MHD_YES;
}

void free_body(void* body) { delete static_cast<std::string*>(body); }

MHD_Result send(MHD_Connection* connection, Response answer, const char* allow = nullptr) {
  auto* body = new std::string(std::move(answer.body));
  MHD_Response* response =
      MHD_create_response_from_buffer_with_free_callback_cls(body->size(), body->data(), free_body, body);
  if (response == nullptr) {
    delete body;
    return MHD_NO;
  }
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.content_type.c_str());
  if (allow != nullptr) MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
  const MHD_Result queued =
      MHD_queue_response(connection, static_cast<unsigned int>(answer.status), response);
  MHD_destroy_response(response);
  return queued;
}

// Called once when the headers are read, then for the body: a body is never read, the answer ends it.
MHD_Result on_request(void* context, MHD_Connection* connection, const char* path, const char* method,
                      const char* /*version*/, const char* /*body*/, std::size_t* /*body_bytes*/,
                      void** /*per_request*/) {
  Request request{method, path, {}, {}};
  if (request.method != "GET" && request.method != "HEAD")
    return send(connection, {405, "text/plain; charset=utf-8", "only GET and HEAD are served here\n"},
                "GET, HEAD");
  MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_pair, &request.query);
  MHD_get_connection_values(connection, MHD_HEADER_KIND, add_pair, &request.headers);
  return send(connection, (*static_cast<Handler*>(context))(request));
}

Status check_identity(const std::optional<crypto::TlsIdentity>& tls) {
  if (!tls) return {};
  if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
    return fail(Errc::unsupported, "this build's HTTP library has no TLS; serve plain HTTP on loopback");
  auto context =
      crypto::TlsServerContext::create({.identity = *tls, .client_ca = {}}, io::SystemClock().wall_now());
  if (!context) return std::unexpected(with_context("HTTPS", std::move(context).error()));
  return {};
}

}  // namespace

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler handler) {
  FELIX_CHECK(check_identity(options.tls));
  FELIX_TRY(const ListenSocket socket, listen_on(options.bind));
  auto state = std::make_unique<State>(std::move(options), std::move(handler), socket.address);
  const ServerOptions& kept = state->options;  // the library keeps pointers into the PEM texts

  unsigned int flags = MHD_USE_AUTO_INTERNAL_THREAD;
  std::array<MHD_OptionItem, 4> tls{};
  tls[0] = {MHD_OPTION_END, 0, nullptr};
  if (kept.tls) {
    flags |= MHD_USE_TLS;
    tls[0] = {MHD_OPTION_HTTPS_MEM_CERT, 0, const_cast<char*>(kept.tls->certificate_chain.text.c_str())};
    tls[1] = {MHD_OPTION_HTTPS_MEM_KEY, 0, const_cast<char*>(kept.tls->private_key.text.c_str())};
    tls[2] = {MHD_OPTION_HTTPS_PRIORITIES, 0,
              const_cast<char*>("NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2")};
    tls[3] = {MHD_OPTION_END, 0, nullptr};
  }
  state->daemon = MHD_start_daemon(flags, 0, nullptr, nullptr, on_request, &state->handler,
                                   MHD_OPTION_LISTEN_SOCKET, socket.fd, MHD_OPTION_CONNECTION_LIMIT,
                                   kept.max_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                                   kept.max_connection_bytes, MHD_OPTION_CONNECTION_TIMEOUT,
                                   kept.idle_timeout_seconds, MHD_OPTION_ARRAY, tls.data(), MHD_OPTION_END);
  if (state->daemon == nullptr) {
    ::close(socket.fd);
    return fail(Errc::internal, "cannot start the HTTP server on " + socket.address.to_string() +
                                    "; look for a limit on threads or descriptors");
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::~Server() { MHD_stop_daemon(state_->daemon); }

const io::Address& Server::address() const { return state_->address; }

Response not_found(const Request& request) {
  return {404, "text/plain; charset=utf-8", "no such path: " + request.path + "\n"};
}

}  // namespace felix::http
