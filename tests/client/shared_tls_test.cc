#include "client/shared_tls.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/pki.h"

using namespace felix;
using client::shared_tls_context;

namespace {

const WallTime kNow = std::chrono::system_clock::now();

crypto::TlsClientOptions options_for(const std::string& server_name) {
  static const crypto::TlsIdentity ca =
      crypto::generate_ca("test authority", crypto::validity_from(kNow, std::chrono::hours(1))).value();
  crypto::TlsClientOptions options;
  options.ca = ca.certificate_chain;
  options.server_name = server_name;
  return options;
}

}  // namespace

TEST_CASE("The same trust and name share a context, and nothing else does") {
  const auto first = shared_tls_context(options_for("one"), kNow).value();
  CHECK(shared_tls_context(options_for("one"), kNow).value() == first);
  CHECK(shared_tls_context(options_for("two"), kNow).value() != first);
  crypto::TlsClientOptions named = options_for("one");
  named.offer_alpn = true;
  CHECK(shared_tls_context(named, kNow).value() != first);
  crypto::TlsClientOptions trusting_more = options_for("one");
  trusting_more.ca.text +=
      crypto::generate_ca("another authority", crypto::validity_from(kNow, std::chrono::hours(1)))
          .value()
          .certificate_chain.text;
  CHECK(shared_tls_context(trusting_more, kNow).value() != first);
}

TEST_CASE("Only the last few contexts are kept") {
  const std::weak_ptr<const crypto::TlsClientContext> first =
      shared_tls_context(options_for("first"), kNow).value();
  for (int i = 0; i < 100; ++i) {
    const auto other = shared_tls_context(options_for("other" + std::to_string(i)), kNow);
    REQUIRE(other.has_value());
  }
  CHECK(first.expired());
}

TEST_CASE("What cannot be used is refused each time") {
  crypto::TlsClientOptions options = options_for("one");
  options.ca.text = "no certificate";
  CHECK_FALSE(shared_tls_context(options, kNow).has_value());
  CHECK_FALSE(shared_tls_context(options, kNow).has_value());
}
