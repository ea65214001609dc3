#include "client/dialer.h"

#include <sys/socket.h>
#include <utility>

#include "client/close_error.h"
#include "client/shared_tls.h"
#include "crypto/pem_file.h"

namespace felix::client {

// Outlives the Dialer's interest in it: the connection's events hold it.
struct Dialer::Attempt {
  enum class State : std::uint8_t { trying, won, dropped };
  State state = State::trying;
  std::string server;
  transport::Connection* connection = nullptr;
};

Dialer::Dialer(io::Loop& loop, const ConnectOptions& options, DialerEvents events)
    : loop_(loop),
      options_(options),
      events_(std::move(events)),
      next_timer_(loop, [this] { start_next(); }) {}

Dialer::~Dialer() { drop_attempts(nullptr); }

Result<crypto::Pem> Dialer::ca() const {
  if (!options_.ca_pem.empty()) return crypto::Pem{options_.ca_pem, "the given CA certificate"};
  return crypto::read_pem_file(options_.ca_file);
}

Status Dialer::collect_candidates() {
  candidates_.clear();
  FELIX_TRY(const crypto::Pem authority, ca());
  for (const std::string& server : options_.servers) {
    FELIX_TRY(auto parts, io::Address::split(server, kDefaultPort));
    crypto::TlsClientOptions tls;
    tls.ca = authority;
    tls.server_name = options_.server_name.empty() ? parts.first : options_.server_name;
    tls.offer_alpn = options_.offer_alpn;
    FELIX_TRY(auto context, shared_tls_context(std::move(tls), loop_.clock().wall_now()));
    auto addresses = io::Address::resolve(server, kDefaultPort);
    if (!addresses) {
      failure_ = with_context(server, std::move(addresses).error());
      failed_ = true;
      continue;
    }
    for (const io::Address& address : *addresses) candidates_.push_back({server, address, context});
  }
  return {};
}

Result<transport::Endpoint*> Dialer::endpoint(int family) {
  auto& slot = endpoints_[family == AF_INET6 ? 1 : 0];
  if (slot == nullptr) {
    FELIX_TRY(slot, transport::Endpoint::client(loop_, family, io::UdpOptions{}));
  }
  return slot.get();
}

void Dialer::dial() {
  drop_attempts(nullptr);
  next_candidate_ = 0;
  failed_ = false;
  failure_ = Error{Errc::connect_failed, "no server to connect to"};
  dialing_ = true;
  if (Status status = collect_candidates(); !status) {
    candidates_.clear();
    failure_ = std::move(status).error();
  }
  next_timer_.arm(loop_.now());
}

void Dialer::start_next() {
  if (!dialing_) return;
  if (next_candidate_ < candidates_.size()) {
    begin(candidates_[next_candidate_++]);
    if (dialing_ && next_candidate_ < candidates_.size()) next_timer_.arm(loop_.now() + kStagger);
    return;
  }
  if (attempts_.empty()) {
    dialing_ = false;
    events_.on_failed(failure_);
  }
}

void Dialer::begin(Candidate candidate) {
  auto attempt = std::make_shared<Attempt>();
  attempt->server = candidate.server;
  transport::ConnectOptions connect;
  connect.transport = options_.transport;
  connect.transport.handshake_timeout = options_.connect_timeout;
  connect.tls = candidate.tls;
  transport::ConnectionEvents events;
  events.on_ready = [this, attempt] { on_ready(attempt); };
  events.on_channel = [this, attempt](transport::Channel& channel) {
    if (attempt->state == Attempt::State::won) events_.on_channel(channel);
  };
  events.on_channel_credit = [this, attempt] {
    if (attempt->state == Attempt::State::won) events_.on_channel_credit();
  };
  events.on_closed = [this, attempt](const transport::CloseReason& reason) { on_closed(attempt, reason); };

  auto socket = endpoint(candidate.address.family());
  if (!socket) return fail_attempt(std::move(socket).error());
  auto connection = (*socket)->connect(candidate.address, std::move(connect), std::move(events));
  if (!connection) return fail_attempt(std::move(connection).error());
  attempt->connection = *connection;
  attempts_.push_back(std::move(attempt));
}

void Dialer::on_ready(const std::shared_ptr<Attempt>& attempt) {
  if (attempt->state != Attempt::State::trying) return;
  attempt->state = Attempt::State::won;
  dialing_ = false;
  next_timer_.disarm();
  drop_attempts(attempt.get());
  events_.on_connected(*attempt->connection, attempt->server);
}

void Dialer::on_closed(const std::shared_ptr<Attempt>& attempt, const transport::CloseReason& reason) {
  if (attempt->state == Attempt::State::dropped) return;
  const bool won = attempt->state == Attempt::State::won;
  attempt->state = Attempt::State::dropped;
  attempt->connection = nullptr;
  std::erase(attempts_, attempt);
  if (won) return events_.on_closed(reason);
  fail_attempt(connect_error(reason, attempt->server, options_.connect_timeout));
}

void Dialer::fail_attempt(Error error) {
  // An answer, even a refusal, says more than silence does; among equals the first counts.
  if (!failed_ || (failure_.code == Errc::connect_failed && error.code != Errc::connect_failed))
    failure_ = std::move(error);
  failed_ = true;
  next_timer_.arm(loop_.now());
}

void Dialer::drop_attempts(const Attempt* except) {
  for (const auto& attempt : attempts_) {
    if (attempt.get() == except || attempt->state == Attempt::State::dropped) continue;
    attempt->state = Attempt::State::dropped;
    attempt->connection->close(transport::kCloseNormal, "not needed");
  }
  std::erase_if(attempts_, [](const auto& attempt) { return attempt->state == Attempt::State::dropped; });
}

void Dialer::close(const std::string& reason) {
  dialing_ = false;
  next_timer_.disarm();
  drop_attempts(nullptr);
  for (const auto& socket : endpoints_) {
    if (socket == nullptr) continue;
    socket->close_all(transport::kCloseNormal, reason);
    socket->flush();
  }
}

}  // namespace felix::client
