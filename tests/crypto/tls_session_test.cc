#include "crypto/tls_session.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <gnutls/gnutls.h>

#include "crypto/certificate.h"
#include "crypto/handshake.h"
#include "crypto/test_pki.h"

namespace felix::crypto {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using test::client_options;
using test::client_session;
using test::server_options;
using test::server_session;
using test::shake_hands;

constexpr int kNoApplicationProtocol = 120;  // QUIC error 0x178

TEST_CASE("a client that trusts the CA completes a TLS 1.3 handshake and is heard") {
  TlsSession client = client_session();
  TlsSession server = server_session();
  const auto outcome = shake_hands(client, server);
  REQUIRE(outcome.client == 0);
  REQUIRE(outcome.server == 0);
  CHECK(gnutls_protocol_get_version(client.native()) == GNUTLS_TLS1_3);
  CHECK(server.server_name() == "localhost");
  CHECK(client.alpn().empty());
  CHECK(client.verify_failure_text().empty());
  CHECK(client.cipher() == server.cipher());
  CHECK_THAT(client.cipher(), StartsWith("AES-128") || StartsWith("CHACHA20"));
  CHECK_FALSE(server.peer_identity().has_value());
  REQUIRE(client.peer_identity().has_value());
  CHECK(client.peer_identity()->common_name == "localhost");
  CHECK(test::pass(client, server, "hello") == "hello");
}

TEST_CASE("an IP address is matched against the certificate and not sent as a name") {
  for (const char* address : {"127.0.0.1", "::1"}) {
    TlsSession client = client_session(client_options(address));
    TlsSession server = server_session();
    CAPTURE(address);
    CHECK(shake_hands(client, server).client == 0);
    CHECK(server.server_name().empty());
  }
}

TEST_CASE("the server's ALPN rule tells no offer from a foreign one") {
  struct Row {
    const char* what;
    std::vector<std::string> offered;
    bool required;
    bool accepted;
    const char* agreed;
  };
  const Row rows[] = {
      {"no extension", {}, false, true, ""},
      {"ours", {"felix/1"}, false, true, "felix/1"},
      {"ours among others", {"h3", "felix/1"}, false, true, "felix/1"},
      {"others only", {"h3", "hq-interop"}, false, false, ""},
      {"a near miss", {"felix/2"}, false, false, ""},
      {"ours, required", {"felix/1"}, true, true, "felix/1"},
      {"no extension, required", {}, true, false, ""},
      {"others only, required", {"h3"}, true, false, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    auto client_side = client_options();
    client_side.offer_alpn = !row.offered.empty();
    client_side.alpn = row.offered;
    auto server_side = server_options();
    server_side.require_alpn = row.required;
    TlsSession client = client_session(client_side);
    TlsSession server = server_session(server_side);
    const auto outcome = shake_hands(client, server);
    CHECK((outcome.client == 0 && outcome.server == 0) == row.accepted);
    CHECK(server.alpn() == row.agreed);
    if (!row.accepted) {
      CHECK(outcome.server == GNUTLS_E_NO_APPLICATION_PROTOCOL);
      CHECK(outcome.client_alert == kNoApplicationProtocol);
    }
  }
}

TEST_CASE("a refused certificate says which of its faults it was") {
  const auto expired_life = Validity{test::now() - 3 * test::kDay, test::now() - 1 * test::kDay};
  const auto future_life = Validity{test::now() + 1 * test::kDay, test::now() + 3 * test::kDay};
  const auto expired = issue_server_certificate(test::ca(), {{"localhost"}, {}}, expired_life).value();
  const auto future = issue_server_certificate(test::ca(), {{"localhost"}, {}}, future_life).value();
  const auto as_client =
      issue_client_certificate(test::ca(), "localhost", {}, validity_from(test::now(), test::kDay)).value();

  SECTION("signed by another CA") {
    auto options = client_options();
    options.ca = test::other_ca().certificate_chain;
    TlsSession client = client_session(options);
    TlsSession server = server_session();
    CHECK(shake_hands(client, server).client == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
    CHECK_THAT(client.verify_failure_text(), ContainsSubstring("not signed by the given CA"));
    CHECK_FALSE(client.peer_identity().has_value());
  }
  SECTION("for another name") {
    TlsSession client = client_session(client_options("db.example"));
    TlsSession server = server_session();
    CHECK(shake_hands(client, server).client == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
    CHECK_THAT(client.verify_failure_text(),
               StartsWith("certificate is for localhost, broker.example, 127.0.0.1, ::1, not db.example"));
  }
  SECTION("expired") {
    auto options = server_options();
    options.identity = expired;
    TlsSession client = client_session();
    TlsSession server = server_session(options, test::now() - 2 * test::kDay);
    CHECK(shake_hands(client, server).client == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
    CHECK_THAT(client.verify_failure_text(),
               StartsWith("certificate expired on " + date_text(expired_life.not_after).substr(0, 10)));
  }
  SECTION("not valid yet") {
    auto options = server_options();
    options.identity = future;
    TlsSession client = client_session();
    TlsSession server = server_session(options);
    CHECK(shake_hands(client, server).client == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
    CHECK_THAT(client.verify_failure_text(), StartsWith("certificate is not valid before "));
  }
  SECTION("issued for clients") {
    auto options = server_options();
    options.identity = as_client;
    TlsSession client = client_session();
    TlsSession server = server_session(options);
    CHECK(shake_hands(client, server).client == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
    CHECK_FALSE(client.verify_failure_text().empty());
  }
}

TEST_CASE("a server that has a client CA learns whom the client's certificate names") {
  const auto life = validity_from(test::now(), test::kDay);
  const auto known =
      issue_client_certificate(test::ca(), "node-7", {"felix:node/7", "felix:region/eu"}, life);
  const auto stranger = issue_client_certificate(test::other_ca(), "node-7", {"felix:node/7"}, life);
  auto server_side = server_options();
  server_side.client_ca = test::ca().certificate_chain;
  auto client_side = client_options();

  SECTION("signed by that CA") {
    client_side.identity = known.value();
    TlsSession client = client_session(client_side);
    TlsSession server = server_session(server_side);
    REQUIRE(shake_hands(client, server).server == 0);
    const auto peer = server.peer_identity();
    REQUIRE(peer.has_value());
    CHECK(peer->common_name == "node-7");
    CHECK(peer->uris == std::vector<std::string>{"felix:node/7", "felix:region/eu"});
  }
  SECTION("signed by another") {
    // A client may hold back a certificate the server says it will not trust: required makes either fail.
    server_side.require_client_certificate = true;
    client_side.identity = stranger.value();
    TlsSession client = client_session(client_side);
    TlsSession server = server_session(server_side);
    CHECK(shake_hands(client, server).server < 0);
    CHECK_FALSE(server.peer_identity().has_value());
  }
  SECTION("none, where it is optional") {
    TlsSession client = client_session(client_side);
    TlsSession server = server_session(server_side);
    CHECK(shake_hands(client, server).server == 0);
    CHECK_FALSE(server.peer_identity().has_value());
    CHECK(server.verify_failure_text().empty());
  }
  SECTION("none, where it is required") {
    server_side.require_client_certificate = true;
    TlsSession client = client_session(client_side);
    TlsSession server = server_session(server_side);
    CHECK(shake_hands(client, server).server < 0);
  }
}

// The library's clock, for as long as one lives: what it verifies, it judges as of a year from now.
struct LibraryAYearOn {
  LibraryAYearOn() {
    gnutls_global_set_time_function([](time_t* out) {
      const time_t later = ::time(nullptr) + 365 * 24 * 3600;
      if (out != nullptr) *out = later;
      return later;
    });
  }
  ~LibraryAYearOn() { gnutls_global_set_time_function(::time); }
};

TEST_CASE("a chain that verified is not verified again for the same trust and name, for a while") {
  constexpr int kRefused = GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
  const auto outcome = [](TlsClientOptions options, WallTime now = test::now()) {
    const auto context = TlsClientContext::create(std::move(options), now).value();
    TlsSession client = context->make_session(now).value();
    TlsSession server = server_session();
    return shake_hands(client, server).client;
  };
  REQUIRE(outcome(client_options()) == 0);
  TlsClientOptions trusting_more = client_options();
  trusting_more.ca.text += test::other_ca().certificate_chain.text;
  const LibraryAYearOn later;  // would refuse the certificate if it was asked
  CHECK(outcome(client_options()) == 0);
  CHECK(outcome(client_options("broker.example")) == kRefused);
  CHECK(outcome(trusting_more) == kRefused);
  CHECK(outcome(client_options(), test::now() + std::chrono::hours(2)) == kRefused);
  CHECK(outcome(client_options(), test::now() - std::chrono::hours(2)) == kRefused);
}

TEST_CASE("what one chain proved says nothing of another") {
  const auto context = TlsClientContext::create(client_options(), test::now()).value();
  TlsSession client = context->make_session(test::now()).value();
  TlsSession server = server_session();
  REQUIRE(shake_hands(client, server).client == 0);
  const auto validity = validity_from(test::now(), test::kDay);
  for (const auto& [authority, name] :
       {std::pair(&test::other_ca(), "localhost"), std::pair(&test::ca(), "elsewhere")}) {
    TlsServerOptions options = server_options();
    options.identity = issue_server_certificate(*authority, {{name}, {}}, validity).value();
    TlsSession other_client = context->make_session(test::now()).value();
    TlsSession other_server = server_session(options);
    CHECK(shake_hands(other_client, other_server).client == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR);
    CHECK_FALSE(other_client.verify_failure_text().empty());
  }
}

// How many key shares of its groups a client sends ahead.
std::size_t key_shares_of(TlsSession& client) {
  constexpr unsigned kKeyShareExtension = 51;
  static std::size_t bytes;  // of the list
  gnutls_handshake_set_hook_function(
      client.native(), GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_PRE,
      [](gnutls_session_t, unsigned, unsigned, unsigned, const gnutls_datum_t* hello) {
        return gnutls_ext_raw_parse(
            nullptr,
            [](void*, unsigned extension, const unsigned char* data, unsigned) {
              if (extension == kKeyShareExtension) bytes = data[0] * 256u + data[1];
              return 0;
            },
            hello, GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO);
      });
  TlsSession server = server_session();
  bytes = 0;
  shake_hands(client, server);
  constexpr std::size_t kX25519Share = 4 + 32;
  return bytes / kX25519Share;
}

TEST_CASE("a client makes one key share, and another when it is asked for") {
  TlsSession first = client_session();
  CHECK(key_shares_of(first) == 1);
  TlsSession client = client_session();
  TlsSession server = server_session();
  REQUIRE(gnutls_priority_set_direct(
              server.native(), "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP256R1", nullptr) == 0);
  CHECK(shake_hands(client, server).client == 0);
  CHECK(gnutls_group_get(client.native()) == GNUTLS_GROUP_SECP256R1);
}

TEST_CASE("a client takes no KeyUpdate") {
  TlsSession client = client_session();
  TlsSession server = server_session();
  REQUIRE(shake_hands(client, server).client == 0);
  CHECK(test::pass_key_update(server, client) == GNUTLS_E_UNEXPECTED_PACKET);
}

TEST_CASE("a session keeps its context alive, and moves") {
  TlsSession client = client_session();
  TlsSession first = server_session();  // its context has no other owner
  TlsSession server = std::move(first);
  CHECK(shake_hands(client, server).server == 0);
}

}  // namespace
}  // namespace felix::crypto
