#include "client/close_error.h"

#include <catch2/catch_test_macros.hpp>

#include "client/backoff.h"
#include "support/seed.h"

using namespace felix;
using namespace felix::client;
using transport::CloseReason;
using Kind = transport::CloseReason::Kind;

TEST_CASE("Why no connection was made is one word and one line") {
  const auto code = [](Kind kind, std::uint64_t number = 0) {
    return connect_error({kind, number, "text"}, "b:5000", std::chrono::seconds(5)).code;
  };
  CHECK(code(Kind::handshake_failed) == Errc::tls_failed);
  CHECK(code(Kind::handshake_timeout) == Errc::connect_failed);
  CHECK(code(Kind::refused) == Errc::connect_failed);
  CHECK(code(Kind::peer_transport, transport::kQuicConnectionRefused) == Errc::connect_failed);
  CHECK(code(Kind::peer_transport, transport::kQuicNoApplicationProtocol) == Errc::tls_failed);
  CHECK(code(Kind::peer_transport, 0x12a) == Errc::tls_failed);
  CHECK(code(Kind::peer_transport, 0xa) == Errc::connect_failed);
  CHECK(code(Kind::peer_application, transport::kCloseNormal) == Errc::draining);
  CHECK(code(Kind::stateless_reset) == Errc::connect_failed);
  CHECK(connect_error({Kind::handshake_timeout, 0, ""}, "b:5000", std::chrono::milliseconds(1500)).context ==
        "no answer from b:5000 within 1.5 s; is the broker running?");
}

TEST_CASE("How a connection was lost tells shutdown, missing authentication and silence apart") {
  const auto code = [](Kind kind, std::uint64_t number = 0) {
    return lost_error({kind, number, ""}, "b:5000").code;
  };
  CHECK(code(Kind::peer_application, transport::kCloseNormal) == Errc::draining);
  CHECK(code(Kind::peer_application, transport::kCloseAuthTimeout) == Errc::unauthenticated);
  CHECK(code(Kind::peer_application, 77) == Errc::connection_lost);
  for (const Kind kind :
       {Kind::local, Kind::peer_transport, Kind::idle_timeout, Kind::stateless_reset, Kind::transport_error})
    CHECK(code(kind) == Errc::connection_lost);
}

TEST_CASE("Waiting times double to their bound, and differ between clients") {
  const std::uint64_t seed = felix::test::seed();
  CAPTURE(seed);
  using std::chrono::milliseconds;
  Backoff backoff(milliseconds(50), milliseconds(2000), seed);
  Duration step = milliseconds(50);
  for (int i = 0; i < 12; ++i) {
    const Duration wait = backoff.next();
    CHECK(wait >= step / 2);
    CHECK(wait <= step);
    step = std::min<Duration>(step * 2, milliseconds(2000));
  }
  backoff.reset();
  CHECK(backoff.next() <= milliseconds(50));
  Backoff other(milliseconds(50), milliseconds(2000), seed + 1);
  backoff.reset();
  bool differ = false;
  for (int i = 0; i < 8; ++i) differ = differ || backoff.next() != other.next();
  CHECK(differ);
}
