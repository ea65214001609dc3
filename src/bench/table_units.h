#pragma once
// Figures as people read them: three digits and a unit. UTF-8 ("µs"); to_ascii() for where that fails. Pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace felix::bench {

// "850 ns", "42.1 µs", "2.10 ms", "1.20 s".
std::string format_ns(double nanos);
// "40.1–45.0 µs", "850 ns–1.20 µs".
std::string format_ns_range(double low, double high);
// "950", "1,320", "48.3k", "483k", "2.76M", "1.10G".
std::string format_short(double number);
// "1,234,567".
std::string format_exact(std::uint64_t number);
// "256 B", "1 KiB", "64 KiB", "1.50 MiB".
std::string format_bytes(std::uint64_t bytes);
// "0.26 MB/s", "483 MB/s", "1.20 GB/s"; MB are 10^6 bytes.
std::string format_mb_per_s(double mb_per_s);
// "1.35×".
std::string format_ratio(double ratio);
// Three significant digits, no exponent: "0.123", "12.3", "1230".
std::string format_three(double number);

// A figure of Run::figures or Run::floor, by the unit its name ends with: "relay_p50_ns" is called
// "relay p50" and 42100 reads "42.1 µs".
std::string figure_label(std::string_view name);
std::string format_figure(std::string_view name, double value);

// µ × → · – … ≤ ≥ and "−" in ASCII; other characters stay.
std::string to_ascii(std::string_view text);

// Columns of a terminal that UTF-8 text takes when every character takes one.
std::size_t columns_of(std::string_view text);
// At most that many columns (at least 1), cut off with "…".
std::string shortened(std::string_view text, std::size_t columns);

}  // namespace felix::bench
