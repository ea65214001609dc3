#include "io/address.h"

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using felix::io::Address;

TEST_CASE("Numeric addresses come back as they were written") {
  for (const char* text : {"127.0.0.1:5000", "0.0.0.0:0", "[::1]:5000", "[::]:65535", "[2001:db8::7]:443"}) {
    CAPTURE(text);
    const auto address = Address::parse(text);
    REQUIRE(address);
    CHECK(address->to_string() == text);
    CHECK(*address == Address(address->raw(), address->length()));
  }
}

TEST_CASE("What is not a numeric address with a port is refused with the text and the remedy") {
  for (const char* text :
       {"", ":5000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:5x", "[::1",
        "[::1]", "[::1]5000", "::1", "localhost:5000", "1.2.3:4", "[127.0.0.1:1", "1.2.3.4:5:6"}) {
    CAPTURE(text);
    const auto address = Address::parse(text);
    REQUIRE_FALSE(address);
    CHECK(address.error().code == Errc::usage);
    CHECK(address.error().context.find(std::string("'") + text + "'") != std::string::npos);
    CHECK(address.error().context.find("write host:port") != std::string::npos);
  }
}

TEST_CASE("A host without a port takes the default one") {
  const auto same = [](std::string_view text, std::string_view host, std::uint16_t port) {
    const auto parts = Address::split(text, 5000);
    return parts && parts->first == host && parts->second == port;
  };
  CHECK(same("broker.example", "broker.example", 5000));
  CHECK(same("broker.example:7", "broker.example", 7));
  CHECK(same("[::1]", "::1", 5000));
  CHECK(same("[::1]:7", "::1", 7));
  CHECK(same("::1", "::1", 5000));
  CHECK_FALSE(Address::split("", 1));
  CHECK_FALSE(Address::split("host:port", 1));
}

TEST_CASE("Resolving takes numbers without asking, and names of this host") {
  const auto numeric = Address::resolve("[::1]", 5000);
  REQUIRE(numeric);
  CHECK(numeric->front().to_string() == "[::1]:5000");
  const auto named = Address::resolve("localhost:7", 5000);
  REQUIRE(named);
  for (const Address& address : *named) {
    CHECK(address.is_loopback());
    CHECK(address.port() == 7);
  }
}

TEST_CASE("A name that cannot exist is reported by name, as a failed connection") {
  const auto unknown = Address::resolve("no such host", 5000);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Errc::connect_failed);
  CHECK(unknown.error().context.find("'no such host'") != std::string::npos);
}

TEST_CASE("An IPv4 peer of a dual-stack socket is shown, and recognised, as IPv4") {
  const Address mapped = *Address::parse("[::ffff:127.0.0.1]:9");
  CHECK(mapped.to_string() == "127.0.0.1:9");
  CHECK(mapped.host_string() == "127.0.0.1");
  CHECK(mapped.is_loopback());
  CHECK_FALSE(Address::parse("[::ffff:8.8.8.8]:9")->is_loopback());
  CHECK_FALSE(mapped == *Address::parse("127.0.0.1:9"));
}

TEST_CASE("Addresses differ by host, port and family") {
  const Address one = *Address::parse("127.0.0.1:1");
  CHECK(one == *Address::parse("127.0.0.1:1"));
  CHECK_FALSE(one == *Address::parse("127.0.0.1:2"));
  CHECK_FALSE(one == *Address::parse("127.0.0.2:1"));
  CHECK_FALSE(one == Address());
  CHECK_FALSE(*Address::parse("[::1]:1") == *Address::parse("[::2]:1"));
  Address moved = one;
  moved.set_port(2);
  CHECK(moved.port() == 2);
}
