#include "broker/server.h"

#include <utility>

#include "crypto/certificate.h"
#include "crypto/random.h"
#include "crypto/tls_context.h"
#include "io/file.h"
#include "telemetry/exposition.h"
#include "telemetry/log.h"

namespace felix::broker {
namespace {

telemetry::Logger logger("broker");

constexpr Duration kDrainCheck = std::chrono::milliseconds(5);
constexpr Duration kMinDrainWait = std::chrono::seconds(1);
// Before the end of a certificate that is not of our making.
constexpr Duration kCertificateNotice = std::chrono::hours(24 * 30);

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  crypto::random_bytes(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

}  // namespace

Server::Server(ServerOptions options, const io::Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      admission_(options_.admission, random_seed()),
      memory_(options_.fanout_bytes, options_.memory.control_bytes),
      common_{admission_, memory_, 1, 0, {}},
      ready_gauge_(
          process_metrics_.gauge("felix_ready_state", "1 while the broker serves and is not draining.")),
      certificate_end_gauge_(process_metrics_.gauge("felix_tls_certificate_not_after_seconds",
                                                    "When the certificate ends, in seconds of Unix time.")) {}

Result<std::unique_ptr<Server>> Server::create(ServerOptions options, const io::Clock& clock) {
  std::unique_ptr<Server> server(new Server(std::move(options), clock));
  FELIX_CHECK(server->open());
  return server;
}

Status Server::open() {
  FELIX_TRY(loop_, io::Loop::create(clock_));
  if (options_.handle_signals) {
    // First of all: one that comes while we open is heard when we run, and drains.
    FELIX_TRY(signals_, io::Signals::install(*loop_, {.on_terminate = [this](int) { begin_drain(); },
                                                      .on_hangup = [this] { reload(); }}));
  }
  FELIX_CHECK(io::make_directories(options_.state_dir, 0700));
  FELIX_TRY(store::MetadataStore store, store::MetadataStore::open(options_.state_dir));
  outboxes_.resize(options_.reactors);
  metadata_ = std::make_unique<MetadataOwner>(
      *loop_, std::move(store), options_.reactors,
      [this](std::uint32_t reactor, MainMessage&& message) { post(reactor, std::move(message)); });
  FELIX_CHECK(metadata_->ensure_namespace(kDefaultTenant, kDefaultNamespace));
  FELIX_TRY(identity_,
            open_standalone_identity(options_.state_dir, options_.certificate_names, clock_.wall_now()));
  FELIX_TRY(auto tls, load_tls());
  note_certificate(*tls);
  if (options_.tls_certificate_path.empty()) {
    certificate_timer_ = std::make_unique<io::Timer>(*loop_, [this] { renew_certificate(); });
    certificate_timer_->arm(loop_->clock().now() + options_.certificate_check);
  }
  FELIX_CHECK(open_reactors(std::move(tls)));
  FELIX_CHECK(open_http());
  loop_->at_end_of_turn([this] { return turn(); });
  return {};
}

Result<std::shared_ptr<const crypto::TlsServerContext>> Server::load_tls() const {
  crypto::TlsServerOptions tls;
  tls.identity = identity_.server;
  tls.require_alpn = options_.require_alpn;
  if (!options_.tls_certificate_path.empty()) {
    FELIX_TRY(tls.identity, crypto::read_tls_identity(options_.tls_certificate_path, options_.tls_key_path));
  }
  if (!options_.tls_client_ca_path.empty()) {
    FELIX_TRY(tls.client_ca, crypto::read_pem_file(options_.tls_client_ca_path));
    tls.require_client_certificate = true;
  }
  return crypto::TlsServerContext::create(std::move(tls), clock_.wall_now());
}

Status Server::open_reactors(std::shared_ptr<const crypto::TlsServerContext> tls) {
  common_.request_creation = [this](std::uint32_t reactor, CreateRequest&& request) {
    return metadata_->request(reactor, std::move(request));
  };
  ReactorOptions options = options_.reactor;
  crypto::random_bytes(options.secrets.stateless_reset);
  crypto::random_bytes(options.secrets.address_token);
  options.homes.reactors = options_.reactors;
  options.homes.seed = random_seed();
  FELIX_TRY(const auto policy, load_policy());
  io::Address address = options_.listen;
  if (options_.reactors > 1 && address.port() != 0) {
    // Sockets that share a port share it with any other process of ours, too: ask for it alone first.
    FELIX_TRY(const auto alone, io::UdpSocket::bind(address, {}));
  }
  for (std::uint32_t i = 0; i < options_.reactors; ++i) {
    FELIX_TRY(auto reactor, Reactor::create(i, options_.reactors, address, clock_, common_, options, tls,
                                            policy, metadata_->routes()));
    address = reactor->local();  // port 0 was chosen by the first
    reactors_.push_back(std::move(reactor));
  }
  std::vector<Reactor*> peers;
  for (const auto& reactor : reactors_) peers.push_back(reactor.get());
  for (const auto& reactor : reactors_) reactor->connect_to(peers);
  memory_.show_in(process_metrics_);
  return {};
}

Status Server::open_http() {
  FELIX_TRY(http_, http::Server::start({.bind = options_.http, .tls = std::nullopt},
                                       [this](const http::Request& request) { return respond(request); }));
  return {};
}

// HTTP thread.
http::Response Server::respond(const http::Request& request) const {
  if (request.path == "/live") return {.body = "ok\n"};
  if (request.path == "/ready") {
    if (ready()) return {.body = "ready\n"};
    return {.status = 503, .body = "not ready\n"};
  }
  if (request.path == "/metrics")
    return {.content_type = std::string(telemetry::kExpositionContentType), .body = exposition()};
  return http::not_found(request);
}

std::string Server::exposition() const {
  std::vector<const telemetry::MetricSet*> sets{&process_metrics_};
  for (const auto& reactor : reactors_) sets.push_back(&reactor->metrics());
  return telemetry::expose(sets);
}

Server::~Server() {
  http_.reset();  // its handler reads what goes next
  for (const auto& reactor : reactors_) {
    reactor->stop();
    reactor->join();
  }
}

// --- running
// -------------------------------------------------------------------------------------------------

Status Server::run() {
  for (const auto& reactor : reactors_) reactor->start();
  ready_ = true;
  ready_gauge_.set(1);
  FELIX_LOG(logger, info, "serving", {"address", address().to_string()}, {"http", http_address().to_string()},
            {"reactors", reactors_.size()}, {"steered", steered()});
  log_steering();
  log_socket_buffers();
  log_memory();
  heap_trim_ = std::make_unique<HeapTrim>(*loop_, [this] {
    std::uint64_t datagrams = 0;
    for (const auto& reactor : reactors_) datagrams += reactor->datagrams_received();
    return datagrams;
  });
  loop_->run();
  for (const auto& reactor : reactors_) reactor->join();
  FELIX_LOG(logger, info, "stopped");
  return {};
}

void Server::log_steering() const {
  if (reactors_.size() == 1 || steered()) return;
  FELIX_LOG(logger, warn, "the system does not steer packets: reactors hand them on to each other, at a cost",
            {"refused", "SO_ATTACH_REUSEPORT_CBPF"}, {"remedy", "Linux 4.5 or newer, or one reactor"});
}

// A burst that does not fit the kernel's buffer is lost, and costs a round trip.
void Server::log_socket_buffers() const {
  const io::SocketBuffers granted = reactors_.front()->granted_buffers();
  const io::SocketBuffers& asked = options_.reactor.udp.buffers;
  FELIX_LOG(logger, info, "socket buffers", {"receive", granted.receive_bytes}, {"send", granted.send_bytes});
  if (granted.receive_bytes < asked.receive_bytes)
    FELIX_LOG(logger, warn, "the system grants a smaller receive buffer than quic.udp_recv_buffer",
              {"asked", asked.receive_bytes}, {"granted", granted.receive_bytes},
              {"remedy", "sysctl net.core.rmem_max"});
  if (granted.send_bytes < asked.send_bytes)
    FELIX_LOG(logger, warn, "the system grants a smaller send buffer than quic.udp_send_buffer",
              {"asked", asked.send_bytes}, {"granted", granted.send_bytes},
              {"remedy", "sysctl net.core.wmem_max"});
}

void Server::log_memory() const {
  const MemoryPlan& memory = options_.memory;
  if (memory.terms.empty()) return;
  FELIX_LOG(logger, info, "memory", {"at_most", memory.total_bytes()}, {"limit", memory.limit.bytes},
            {"limit_is", memory.limit.origin}, {"connections", memory.settings.limits.max_connections},
            {"ingress", memory.ingress_bytes}, {"retained", memory.retained_bytes},
            {"fanout", memory.fanout_bytes}, {"control", memory.control_bytes},
            {"subscriptions", memory.subscription_bytes});
  for (const MemoryPlan::Term& term : memory.terms)
    FELIX_LOG(logger, debug, "memory", {"term", term.name}, {"bytes", term.bytes}, {"sum", term.how});
}

void Server::request_stop() {
  stop_requested_.store(true, std::memory_order_release);
  loop_->wake();
}

void Server::request_reload() {
  reload_requested_.store(true, std::memory_order_release);
  loop_->wake();
}

bool Server::turn() {
  if (reload_requested_.exchange(false, std::memory_order_acq_rel)) reload();
  if (stop_requested_.load(std::memory_order_acquire)) begin_drain();
  const bool more = metadata_->serve();
  return flush_outboxes() || more;
}

void Server::begin_drain() {
  if (std::exchange(draining_, true)) return;
  ready_ = false;
  ready_gauge_.set(0);
  drain_began_ = loop_->now();
  const MonoTime deadline = drain_began_ + std::max<Duration>(options_.drain_timeout / 2, kMinDrainWait);
  FELIX_LOG(logger, info, "draining");
  for (std::uint32_t i = 0; i < reactors_.size(); ++i) post(i, BeginDrain{deadline});
  drain_timer_ = std::make_unique<io::Timer>(*loop_, [this] {
    bool finished = true;
    for (const auto& reactor : reactors_) finished &= reactor->finished();
    const bool late = loop_->now() - drain_began_ > options_.drain_timeout;
    if (late && !finished) {
      FELIX_LOG(logger, warn, "drain took too long, stopping");
      for (const auto& reactor : reactors_) reactor->stop();
    }
    if (finished || late) {
      loop_->stop();
    } else {
      drain_timer_->arm(loop_->now() + kDrainCheck);
    }
  });
  drain_timer_->arm(loop_->now() + kDrainCheck);
}

Result<std::shared_ptr<const AccessPolicy>> Server::load_policy() {
  FELIX_TRY(authz::Revocations revocations, read_revocations(options_.state_dir));
  return std::make_shared<const AccessPolicy>(
      AccessPolicy{++policy_version_, crypto::TokenVerifier(identity_.token_keys), std::move(revocations)});
}

void Server::reload() {
  auto identity = open_standalone_identity(options_.state_dir, options_.certificate_names, clock_.wall_now());
  if (identity) {
    // The places never change, and others read them.
    identity_.server = std::move(identity->server);
    identity_.token_keys = std::move(identity->token_keys);
  } else {
    FELIX_LOG(logger, error, "token keys not reloaded, the old ones stay",
              {"why", to_string(identity.error())});
  }
  reload_tls();
  reload_policy();
}

void Server::reload_policy() {
  auto policy = load_policy();
  if (!policy) {
    FELIX_LOG(logger, error, "revocations not reloaded, the old ones stay",
              {"why", to_string(policy.error())});
    return;
  }
  FELIX_LOG(logger, info, "tokens are judged anew", {"policy", (*policy)->version},
            {"keys", identity_.token_keys.size()}, {"revocations", (*policy)->revocations.size()});
  for (std::uint32_t i = 0; i < reactors_.size(); ++i) post(i, NewPolicy{*policy});
}

void Server::reload_tls() {
  auto tls = load_tls();
  if (!tls) {
    FELIX_LOG(logger, error, "certificate not reloaded, the old one stays", {"why", to_string(tls.error())});
    return;
  }
  for (std::uint32_t i = 0; i < reactors_.size(); ++i) post(i, NewTls{*tls});
  FELIX_LOG(logger, info, "certificate reloaded");
  note_certificate(**tls);
}

// Judged by the time of day each time, so that a clock that is set makes no difference.
void Server::renew_certificate() {
  certificate_timer_->arm(loop_->now() + options_.certificate_check);
  const WallTime now = clock_.wall_now();
  if (now < identity_.renew_server_at) return;
  if (const auto renewed =
          renew_server_certificate(identity_, options_.state_dir, options_.certificate_names, now);
      !renewed) {
    FELIX_LOG(logger, error, "certificate not renewed, the old one stays",
              {"why", to_string(renewed.error())});
    return;
  }
  reload_tls();
}

void Server::note_certificate(const crypto::TlsServerContext& tls) {
  certificate_end_gauge_.set(unix_seconds(tls.expires_at()));
  if (options_.tls_certificate_path.empty() || tls.expires_at() > clock_.wall_now() + kCertificateNotice)
    return;
  FELIX_LOG(logger, warn, "the certificate ends soon", {"file", options_.tls_certificate_path},
            {"ends", crypto::date_text(tls.expires_at())});
}

void Server::post(std::uint32_t reactor, MainMessage&& message) {
  outboxes_[reactor].push_back(std::move(message));
  flush_outboxes();
}

bool Server::flush_outboxes() {
  bool left = false;
  for (std::size_t i = 0; i < reactors_.size(); ++i) {
    Ring<MainMessage>& outbox = outboxes_[i];
    while (!outbox.empty() && reactors_[i]->try_post(std::move(outbox.front()))) outbox.pop_front();
    left |= !outbox.empty();
  }
  return left;
}

}  // namespace felix::broker
