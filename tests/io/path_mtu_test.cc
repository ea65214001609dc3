#include "io/path_mtu.h"

#include <catch2/catch_test_macros.hpp>

using namespace felix;

TEST_CASE("the way to this host carries what one IPv4 packet can") {
  for (const char* text : {"127.0.0.1:5000", "[::ffff:127.0.0.1]:5000"}) {
    CAPTURE(text);
    CHECK(io::largest_payload_towards(io::Address::parse(text).value()) == 65535 - 48);
  }
}

TEST_CASE("a peer without a route has no path") { CHECK(io::largest_payload_towards(io::Address()) == 0); }
