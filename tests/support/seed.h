#pragma once
// The one source of randomness in tests: FELIX_TEST_SEED replays a run, otherwise a fresh seed is drawn.

#include <cstdint>

namespace felix::test {

// The same value for the whole process; printed to stderr once, so that every failing log names it.
std::uint64_t seed();

}  // namespace felix::test
