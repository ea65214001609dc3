#include "crypto/tls_context.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "crypto/certificate.h"
#include "crypto/test_pki.h"

namespace felix::crypto {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

TEST_CASE("loading a server identity refuses what could not work, by file and remedy") {
  auto options = test::server_options();
  options.identity.certificate_chain.origin = "/etc/felix/server.pem";
  options.identity.private_key.origin = "/etc/felix/server.key";

  SECTION("the key of another certificate") {
    options.identity.private_key.text = test::ca().private_key.text;
    const auto context = TlsServerContext::create(options, test::now());
    REQUIRE_FALSE(context.has_value());
    CHECK(context.error().code == Errc::tls_failed);
    CHECK_THAT(
        context.error().context,
        StartsWith("/etc/felix/server.key: not the private key of the certificate in /etc/felix/server.pem"));
  }
  SECTION("an expired certificate") {
    const auto context = TlsServerContext::create(options, test::now() + 6 * test::kDay);
    REQUIRE_FALSE(context.has_value());
    CHECK_THAT(context.error().context, StartsWith("/etc/felix/server.pem: certificate expired on 2"));
    CHECK_THAT(context.error().context, ContainsSubstring("replace it"));
  }
  SECTION("no certificate in the file") {
    options.identity.certificate_chain.text = "hello";
    const auto context = TlsServerContext::create(options, test::now());
    REQUIRE_FALSE(context.has_value());
    CHECK_THAT(context.error().context, StartsWith("/etc/felix/server.pem: no PEM certificate"));
  }
  SECTION("no key in the file") {
    options.identity.private_key.text = "";
    const auto context = TlsServerContext::create(options, test::now());
    REQUIRE_FALSE(context.has_value());
    CHECK_THAT(context.error().context, StartsWith("/etc/felix/server.key: no usable PEM private key"));
  }
  SECTION("a client CA without a certificate") {
    options.client_ca = Pem{"", "/etc/felix/clients.pem"};
    const auto context = TlsServerContext::create(options, test::now());
    REQUIRE_FALSE(context.has_value());
    CHECK_THAT(context.error().context, StartsWith("/etc/felix/clients.pem: "));
  }
}

TEST_CASE("a context knows when its certificate ends") {
  const auto context = TlsServerContext::create(test::server_options(), test::now()).value();
  CHECK(context->expires_at() ==
        read_certificate(test::server_identity().certificate_chain).value().not_after);
}

TEST_CASE("a client context wants a server name and a CA") {
  auto options = test::client_options("");
  CHECK(TlsClientContext::create(options, test::now()).error().code == Errc::usage);
  options = test::client_options();
  options.ca = {"", "/home/me/ca.pem"};
  CHECK_THAT(TlsClientContext::create(options, test::now()).error().context, StartsWith("/home/me/ca.pem: "));
}

TEST_CASE("an identity is read from its two files or the missing one is named") {
  const auto identity = read_tls_identity("/nonexistent/server.pem", "/nonexistent/server.key");
  REQUIRE_FALSE(identity.has_value());
  CHECK(identity.error().code == Errc::not_found);
  CHECK_THAT(identity.error().context, ContainsSubstring("/nonexistent/server.pem"));
}

}  // namespace
}  // namespace felix::crypto
