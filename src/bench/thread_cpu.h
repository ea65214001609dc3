#pragma once
// CPU time of the calling thread.

#include <cstdint>
#include <sys/resource.h>

namespace felix::bench {

inline std::uint64_t thread_cpu_ns() {
  rusage used{};
  ::getrusage(RUSAGE_THREAD, &used);
  const auto ns = [](const timeval& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(time.tv_usec) * 1000;
  };
  return ns(used.ru_utime) + ns(used.ru_stime);
}

}  // namespace felix::bench
