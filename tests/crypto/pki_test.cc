#include "crypto/pki.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/certificate.h"
#include "crypto/test_pki.h"

namespace felix::crypto {
namespace {

TEST_CASE("an issued server certificate carries its names, its life, and no authority") {
  const auto info = read_certificate(test::server_identity().certificate_chain).value();
  CHECK(info.common_name == "localhost");
  CHECK(info.dns_names == std::vector<std::string>{"localhost", "broker.example"});
  CHECK(info.ip_addresses == std::vector<std::string>{"127.0.0.1", "::1"});
  CHECK_FALSE(info.is_ca);
  CHECK(info.not_before < test::now() - std::chrono::minutes(59));
  CHECK(info.not_after > test::now() + 4 * test::kDay);
}

TEST_CASE("a generated authority says that it is one") {
  const auto info = read_certificate(test::ca().certificate_chain).value();
  CHECK(info.is_ca);
  CHECK(info.common_name == "felix test CA");
}

TEST_CASE("a server certificate for addresses alone is named after the first") {
  const auto life = validity_from(test::now(), test::kDay);
  const auto identity = issue_server_certificate(test::ca(), {{}, {"10.1.2.3"}}, life).value();
  CHECK(read_certificate(identity.certificate_chain).value().common_name == "10.1.2.3");
}

TEST_CASE("names that cannot be issued are refused") {
  const auto life = validity_from(test::now(), test::kDay);
  CHECK(issue_server_certificate(test::ca(), {{}, {}}, life).error().code == Errc::usage);
  CHECK(issue_server_certificate(test::ca(), {{"a"}, {"10.1.2"}}, life).error().code == Errc::usage);
  TlsIdentity broken = test::ca();
  broken.private_key.text = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  CHECK(issue_server_certificate(broken, {{"a"}, {}}, life).error().code == Errc::tls_failed);
}

TEST_CASE("dates are written in UTC") {
  CHECK(date_text(WallTime(std::chrono::seconds(0))) == "1970-01-01 00:00:00 UTC");
}

}  // namespace
}  // namespace felix::crypto
