#include "transport/handshake_gate.h"

#include <catch2/catch_test_macros.hpp>

#include "transport/token_bucket.h"

using namespace felix;
using transport::HandshakeGate;
using transport::HandshakeLimits;
using transport::Rate;
using transport::TokenBucket;
using Verdict = HandshakeGate::Verdict;

namespace {

io::Address at(const std::string& text) { return io::Address::parse(text).value(); }
constexpr MonoTime kStart{std::chrono::seconds(1000)};

}  // namespace

TEST_CASE("a bucket gives its burst and then its rate") {
  constexpr Rate kRate{10, 3};
  TokenBucket bucket;
  for (int i = 0; i < 3; ++i) CHECK(bucket.take(kRate, kStart));
  CHECK_FALSE(bucket.take(kRate, kStart));
  CHECK_FALSE(bucket.take(kRate, kStart + std::chrono::milliseconds(99)));
  CHECK(bucket.take(kRate, kStart + std::chrono::milliseconds(100)));
  CHECK_FALSE(bucket.take(kRate, kStart + std::chrono::milliseconds(100)));
  bucket.give_back(kRate);
  CHECK(bucket.take(kRate, kStart + std::chrono::milliseconds(100)));
  CHECK_FALSE(bucket.take(kRate, kStart + std::chrono::hours(1), 4));
  CHECK(bucket.take(kRate, kStart + std::chrono::hours(1), 3));
}

TEST_CASE("new peers prove their address when many handshakes are unfinished in all or in their network") {
  HandshakeLimits limits;
  limits.prove_from = 4;
  limits.prove_from_per_network = 2;
  HandshakeGate gate(limits, 1);
  const io::Address one = at("10.0.0.1:1"), neighbour = at("10.0.0.77:9"), far = at("10.0.1.1:1");
  for (const io::Address& from : {one, neighbour}) {
    CHECK(gate.judge(from, false, kStart) == Verdict::begin);
    gate.began(from, false);
  }
  CHECK(gate.judge(one, false, kStart) == Verdict::prove);
  CHECK(gate.judge(one, true, kStart) == Verdict::begin);
  CHECK(gate.judge(far, false, kStart) == Verdict::begin);
  gate.began(far, false);
  gate.began(at("[2001:db8::1]:1"), false);
  CHECK(gate.judge(at("10.0.2.1:1"), false, kStart) == Verdict::prove);
  gate.over(one);
  CHECK(gate.judge(at("10.0.2.1:1"), false, kStart) == Verdict::begin);
  CHECK(gate.unfinished() == 3);
}

TEST_CASE("too many unfinished handshakes of proven addresses are refused") {
  HandshakeLimits limits;
  limits.refuse_from = 3;
  limits.refuse_from_per_network = 2;
  HandshakeGate gate(limits, 1);
  const io::Address one = at("[2001:db8::1]:1"), neighbour = at("[2001:db8::ffff]:1");
  gate.began(one, true);
  gate.began(neighbour, true);
  CHECK(gate.judge(one, true, kStart) == Verdict::refuse);
  CHECK(gate.judge(at("10.0.0.1:1"), true, kStart) == Verdict::begin);
  gate.began(at("10.0.0.1:1"), true);
  CHECK(gate.judge(at("10.0.1.1:1"), true, kStart) == Verdict::refuse);
}

TEST_CASE("first packets that lead to nothing make everyone prove their address for a while") {
  HandshakeLimits limits;
  limits.fruitless = {1, 5};
  HandshakeGate gate(limits, 1);
  const io::Address from = at("10.0.0.1:1");
  for (int i = 0; i < 5; ++i) gate.was_fruitless(kStart);
  CHECK(gate.judge(from, false, kStart) == Verdict::begin);
  gate.was_fruitless(kStart);
  CHECK(gate.judge(from, false, kStart) == Verdict::prove);
  CHECK(gate.judge(from, true, kStart) == Verdict::begin);
  CHECK(gate.judge(from, false, kStart + std::chrono::seconds(2)) == Verdict::begin);
}

TEST_CASE("only so many handshakes begin in one turn without a proof") {
  HandshakeLimits limits;
  limits.unproven_per_turn = 2;
  HandshakeGate gate(limits, 1);
  const io::Address from = at("10.0.0.1:1");
  gate.began(from, false);
  gate.began(from, false);
  CHECK(gate.judge(from, false, kStart) == Verdict::prove);
  gate.end_turn();
  CHECK(gate.judge(from, false, kStart) == Verdict::begin);
}
