#pragma once
// One sleep in epoll, as fine as the kernel allows.

#include <span>
#include <sys/epoll.h>

#include "base/time.h"

namespace felix::io {

// How a kernel measures a sleep: in nanoseconds (epoll_pwait2, Linux 5.11), or in milliseconds.
enum class SleepUnit : unsigned char { nanosecond, millisecond };

// Waits at most `timeout` (negative: for ever) and returns the number of `events` filled; 0 also when a
// signal interrupts. In milliseconds the timeout is rounded up, so that no deadline is woken for early.
// `unit` falls back for good when the kernel, or a system-call filter, refuses the finer one.
std::size_t wait_for_events(int epoll_fd, std::span<epoll_event> events, Duration timeout, SleepUnit& unit);

}  // namespace felix::io
