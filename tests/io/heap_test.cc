#include "io/heap.h"

#include <thread>

#include <catch2/catch_test_macros.hpp>

using namespace felix::io;

// This program does not count by itself, so the test can.
TEST_CASE("what threads allocate and free for each other adds up") {
  count_allocated(1000);
  const std::uint64_t before = allocated_bytes();
  std::thread([] { count_allocated(5000); }).join();
  CHECK(allocated_bytes() == before + 5000);
  count_allocated(-5000);  // made there, dropped here
  CHECK(allocated_bytes() == before);
  std::thread([] { count_allocated(-500); }).join();
  CHECK(allocated_bytes() == before - 500);
}
