#include "crypto/handshake.h"

#include <algorithm>
#include <deque>
#include <memory>

#include <gnutls/gnutls.h>

namespace felix::crypto::test {
namespace {

using Pipe = std::deque<char>;

struct End {
  gnutls_session_t session;
  Pipe* in;
  Pipe* out;
};

ssize_t push(gnutls_transport_ptr_t pointer, const void* data, size_t size) {
  auto& end = *static_cast<End*>(pointer);
  const auto* bytes = static_cast<const char*>(data);
  end.out->insert(end.out->end(), bytes, bytes + size);
  return static_cast<ssize_t>(size);
}

ssize_t pull(gnutls_transport_ptr_t pointer, void* data, size_t size) {
  auto& end = *static_cast<End*>(pointer);
  if (end.in->empty()) {
    gnutls_transport_set_errno(end.session, EAGAIN);
    return -1;
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min(size, end.in->size()));
  std::copy_n(end.in->begin(), count, static_cast<char*>(data));
  end.in->erase(end.in->begin(), end.in->begin() + count);
  return count;
}

void attach(End& end) {
  gnutls_transport_set_ptr(end.session, &end);
  gnutls_transport_set_push_function(end.session, push);
  gnutls_transport_set_pull_function(end.session, pull);
}

bool is_final(int result) { return result == 0 || gnutls_error_is_fatal(result) != 0; }

int step(gnutls_session_t session, int before) {
  if (before == 0) {
    // A finished side still has to read what came later, such as the other's alert.
    char byte = 0;
    const auto result = gnutls_record_recv(session, &byte, 1);
    return result < 0 && gnutls_error_is_fatal(static_cast<int>(result)) != 0 ? static_cast<int>(result) : 0;
  }
  if (is_final(before)) return before;
  const int result = gnutls_handshake(session);
  if (result < 0 && gnutls_error_is_fatal(result) != 0) gnutls_alert_send_appropriate(session, result);
  return result;
}

// Two sessions that hear each other while it lives.
class Link {
 public:
  Link(TlsSession& first, TlsSession& second)
      : first_end_{first.native(), &to_first_, &to_second_},
        second_end_{second.native(), &to_second_, &to_first_} {
    attach(first_end_);
    attach(second_end_);
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

 private:
  Pipe to_first_;
  Pipe to_second_;
  End first_end_;
  End second_end_;
};

int alert_of(gnutls_session_t session, int result) {
  return result == GNUTLS_E_FATAL_ALERT_RECEIVED ? static_cast<int>(gnutls_alert_get(session)) : -1;
}

}  // namespace

Outcome shake_hands(TlsSession& client, TlsSession& server) {
  const Link link(client, server);
  Outcome outcome{GNUTLS_E_AGAIN, GNUTLS_E_AGAIN, -1, -1};
  for (int turn = 0; turn < 20; ++turn) {
    outcome.client = step(client.native(), outcome.client);
    outcome.server = step(server.native(), outcome.server);
  }
  outcome.client_alert = alert_of(client.native(), outcome.client);
  outcome.server_alert = alert_of(server.native(), outcome.server);
  return outcome;
}

std::string pass(TlsSession& client, TlsSession& server, const std::string& text) {
  const Link link(client, server);
  gnutls_record_send(client.native(), text.data(), text.size());
  std::string got(text.size() + 1, '\0');
  const auto count = gnutls_record_recv(server.native(), got.data(), got.size());
  got.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return got;
}

int pass_key_update(TlsSession& from, TlsSession& to) {
  const Link link(from, to);
  gnutls_session_key_update(from.native(), 0);
  char byte = 0;
  return static_cast<int>(gnutls_record_recv(to.native(), &byte, 1));
}

}  // namespace felix::crypto::test
