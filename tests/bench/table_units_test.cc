#include "bench/table_units.h"

#include <catch2/catch_test_macros.hpp>

namespace felix::bench {
namespace {

TEST_CASE("Times have three digits and the unit that suits them") {
  CHECK(format_ns(0) == "0 ns");
  CHECK(format_ns(850) == "850 ns");
  CHECK(format_ns(999.6) == "1.00 µs");
  CHECK(format_ns(42'100) == "42.1 µs");
  CHECK(format_ns(999'600) == "1.00 ms");
  CHECK(format_ns(2.1e6) == "2.10 ms");
  CHECK(format_ns(1.2e9) == "1.20 s");
  CHECK(format_ns_range(40'100, 45'000) == "40.1–45.0 µs");
  CHECK(format_ns_range(850, 1'200) == "850 ns–1.20 µs");
}

TEST_CASE("Counts are short where digits do not matter and exact where they do") {
  CHECK(format_short(0) == "0");
  CHECK(format_short(950) == "950");
  CHECK(format_short(0.25) == "0.250");
  CHECK(format_short(1320) == "1,320");
  CHECK(format_short(9999.6) == "10.0k");
  CHECK(format_short(482'700) == "483k");
  CHECK(format_short(999'700) == "1.00M");
  CHECK(format_short(2.76e6) == "2.76M");
  CHECK(format_exact(0) == "0");
  CHECK(format_exact(999) == "999");
  CHECK(format_exact(1'234'567) == "1,234,567");
  CHECK(format_exact(UINT64_MAX) == "18,446,744,073,709,551,615");
}

TEST_CASE("Sizes and rates say which kind of mega they mean") {
  CHECK(format_bytes(256) == "256 B");
  CHECK(format_bytes(1024) == "1 KiB");
  CHECK(format_bytes(1536) == "1.50 KiB");
  CHECK(format_bytes(64u << 20) == "64 MiB");
  CHECK(format_mb_per_s(0.256) == "0.256 MB/s");
  CHECK(format_mb_per_s(483.2) == "483 MB/s");
  CHECK(format_mb_per_s(1200) == "1.20 GB/s");
  CHECK(format_ratio(1.354) == "1.35×");
}

TEST_CASE("The end of a figure's name is its unit") {
  CHECK(figure_label("relay_p50_ns") == "relay p50");
  CHECK(format_figure("relay_p50_ns", 42'100) == "42.1 µs");
  CHECK(format_figure("udp_send_mb_per_s", 771) == "771 MB/s");
  CHECK(figure_label("udp_send_mb_per_s") == "udp send");
  CHECK(format_figure("connects_per_s", 2100) == "2,100/s");
  CHECK(format_figure("idle_connection_bytes", 40'960) == "40 KiB");
  CHECK(format_figure("broker_cpu_us", 5.1) == "5.10 µs");
  CHECK(format_figure("things", 12) == "12");
  CHECK(figure_label("things") == "things");
}

TEST_CASE("Columns are counted in characters, and ASCII has no others") {
  CHECK(columns_of("42.1 µs × 2 → …") == 15);
  CHECK(to_ascii("42.1 µs × 2 → a · b") == "42.1 us x 2 -> a | b");
  CHECK(shortened("fan-out 10 · µs", 15) == "fan-out 10 · µs");
  CHECK(shortened("fan-out 10 · µs", 14) == "fan-out 10 · …");
  CHECK(columns_of(shortened("··········", 4)) == 4);
}

}  // namespace
}  // namespace felix::bench
