#include "support/seed.h"

#include <cstdio>
#include <cstdlib>
#include <random>

namespace felix::test {

std::uint64_t seed() {
  static const std::uint64_t value = [] {
    const char* given = std::getenv("FELIX_TEST_SEED");
    const std::uint64_t drawn = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::fprintf(stderr, "FELIX_TEST_SEED=%llu\n", static_cast<unsigned long long>(drawn));
    return drawn;
  }();
  return value;
}

}  // namespace felix::test
