#pragma once
// Two TLS sessions joined by memory, for tests.

#include <string>

#include "crypto/tls_context.h"

namespace felix::crypto::test {

struct Outcome {
  int client = 0;        // the library's last result; 0 when the handshake completed
  int server = 0;        // likewise
  int client_alert = 0;  // the alert each side received; -1 when none
  int server_alert = 0;
};

// Moves bytes until both sides are done, one failed, or nothing moves.
Outcome shake_hands(TlsSession& client, TlsSession& server);

// One application message from client to server after a completed handshake.
std::string pass(TlsSession& client, TlsSession& server, const std::string& text);

// What the library says to `to` when `from` sends a KeyUpdate after a completed handshake.
int pass_key_update(TlsSession& from, TlsSession& to);

}  // namespace felix::crypto::test
