#pragma once
// When an open loop intends to send: a schedule that does not care how the broker fares. Pure.
//
// A record that is sent late was late for whoever waited for it, so its latency counts from here; measuring
// from the actual time would leave out the worst of a stall (coordinated omission).

#include <cstdint>

namespace felix::bench {

struct Schedule {
  std::uint64_t start_ns = 0;    // CLOCK_MONOTONIC of the first record of publisher 0
  std::uint64_t rate = 1;        // records a second of all publishers together, > 0
  std::uint64_t batch = 1;       // records of a publish, which are due together, > 0
  std::uint64_t publishers = 1;  // take turns, > 0

  // When record `sequence` of `publisher` is due. Exact: whole seconds do not drift, whatever the rate.
  std::uint64_t due_ns(std::uint64_t publisher, std::uint64_t sequence) const {
    const std::uint64_t before = (sequence / batch * publishers + publisher) * batch;
    constexpr std::uint64_t kSecond = 1'000'000'000;
    return start_ns + before / rate * kSecond + before % rate * kSecond / rate;
  }
};

}  // namespace felix::bench
