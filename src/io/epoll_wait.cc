#include "io/epoll_wait.h"

#include <algorithm>
#include <climits>
#include <errno.h>
#include <time.h>

#include "base/contract.h"

namespace felix::io {
namespace {

int round_up_to_ms(Duration timeout) {
  if (timeout < Duration::zero()) return -1;
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  return static_cast<int>(std::min<std::int64_t>(ms, INT_MAX));
}

int wait_nanoseconds(int epoll_fd, std::span<epoll_event> events, Duration timeout) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  const timespec limit{.tv_sec = static_cast<time_t>(seconds.count()),
                       .tv_nsec = (timeout - seconds).count()};
  return epoll_pwait2(epoll_fd, events.data(), static_cast<int>(events.size()),
                      timeout < Duration::zero() ? nullptr : &limit, nullptr);
}

}  // namespace

std::size_t wait_for_events(int epoll_fd, std::span<epoll_event> events, Duration timeout, SleepUnit& unit) {
  int count = -1;
  if (unit == SleepUnit::nanosecond) {
    count = wait_nanoseconds(epoll_fd, events, timeout);
    // EPERM is what older container filters answer to a call they do not know.
    if (count < 0 && (errno == ENOSYS || errno == EPERM)) unit = SleepUnit::millisecond;
  }
  if (count < 0 && unit == SleepUnit::millisecond)
    count = epoll_wait(epoll_fd, events.data(), static_cast<int>(events.size()), round_up_to_ms(timeout));
  FELIX_ASSERT(count >= 0 || errno == EINTR);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

}  // namespace felix::io
