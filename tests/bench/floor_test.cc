#include "bench/floor.h"

#include <filesystem>

#include <catch2/catch_test_macros.hpp>

#include "support/temporary_directory.h"

namespace felix::bench {
namespace {

TEST_CASE("Every probe of the floor leaves a value that has a meaning") {
  const test::TemporaryDirectory directory;
  FloorOptions options;
  options.probe_time = std::chrono::milliseconds(60);
  options.disk_directory = directory.path();
  std::size_t announced = 0;
  const Floor floor = measure_floor(options, [&](std::string_view) { ++announced; });
  INFO((floor.skipped.empty() ? std::string() : floor.skipped.front()));
  CHECK(announced == 9);
  CHECK(floor.values.contains("relay_p50_ns"));
  CHECK(floor.values.contains("relay_p99_ns"));
  CHECK(floor.values.contains("seal_aes128gcm_1200_ns"));
  CHECK(floor.values.contains("open_aes128gcm_1200_ns"));
  CHECK(floor.values.contains("udp_gso_gro_4096_mb_per_s"));
  for (const auto& [name, value] : floor.values) {
    INFO(name);
    CHECK(value > 0);
    CHECK_FALSE(floor_meaning(name).empty());
  }
  CHECK(floor.values.size() == floor_names().size());
  CHECK(std::filesystem::is_empty(options.disk_directory));
}

TEST_CASE("A probe that is refused says why and stops nothing else") {
  FloorOptions options;
  options.probe_time = std::chrono::milliseconds(20);
  options.disk_directory = "/nowhere/at/all";
  const Floor floor = measure_floor(options);
  REQUIRE_FALSE(floor.skipped.empty());
  CHECK(floor.skipped.back().starts_with("fdatasync: scratch file in /nowhere/at/all: No such file"));
  CHECK(floor.values.contains("copy_mb_per_s"));
  CHECK(floor_meaning("fdatasync").empty());
}

TEST_CASE("Only latency probes run when only those are wanted") {
  FloorOptions options;
  options.probe_time = std::chrono::milliseconds(20);
  options.only_latency = true;
  options.placement = {CpuRange{0, 0}, CpuRange{0, 0}, CpuRange{0, 0}};
  const Floor floor = measure_floor(options);
  for (const auto& [name, value] : floor.values) CHECK(name.ends_with("_ns"));
  CHECK(floor.values.size() == 6);
}

}  // namespace
}  // namespace felix::bench
