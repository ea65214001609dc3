#include "crypto/verified_chains.h"

#include <catch2/catch_test_macros.hpp>

namespace felix::crypto {
namespace {

using namespace std::chrono_literals;

Sha256 chain(unsigned number) { return sha256(std::as_bytes(std::span(&number, 1))); }

const WallTime kNow{1'000'000h};

TEST_CASE("a chain is known from its verification until it ends, and no other is") {
  VerifiedChains chains;
  CHECK_FALSE(chains.knows(chain(1), kNow));
  chains.remember(chain(1), kNow, kNow + 10min);
  CHECK(chains.knows(chain(1), kNow));
  CHECK(chains.knows(chain(1), kNow + 10min - 1s));
  CHECK_FALSE(chains.knows(chain(1), kNow + 10min));
  CHECK_FALSE(chains.knows(chain(1), kNow - 1s));  // the clock was set back
  CHECK_FALSE(chains.knows(chain(2), kNow));
}

TEST_CASE("a chain that lives long is verified again after a while") {
  VerifiedChains chains;
  chains.remember(chain(1), kNow, kNow + 1000h);
  CHECK(chains.knows(chain(1), kNow + VerifiedChains::kLongest - 1s));
  CHECK_FALSE(chains.knows(chain(1), kNow + VerifiedChains::kLongest));
}

TEST_CASE("a chain verified again is known for longer") {
  VerifiedChains chains;
  chains.remember(chain(1), kNow, kNow + 1000h);
  chains.remember(chain(1), kNow + 30min, kNow + 1000h);
  CHECK(chains.knows(chain(1), kNow + 80min));
  CHECK(chains.size() == 1);
}

TEST_CASE("however many chains come, few are kept") {
  VerifiedChains chains;
  for (unsigned i = 0; i < 1000; ++i) {
    chains.remember(chain(i), kNow, kNow + 1h);
    CHECK(chains.knows(chain(i), kNow));
    REQUIRE(chains.size() <= VerifiedChains::kMaxChains);
  }
}

}  // namespace
}  // namespace felix::crypto
