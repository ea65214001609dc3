#pragma once
// Structured log lines: `FELIX_LOG(logger, warn, "peer refused", {"peer", address}, {"reason", text});`
//
// A module declares one Logger a file that logs, at namespace scope. The composition root calls
// configure_logging() once, before threads start. A line is one write(2); a line that cannot be taken at once
// (a pipe nobody reads) is dropped and counted: logging never blocks a reactor.
// Never pass secrets: tokens, keys, payloads.

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "telemetry/level.h"
#include "telemetry/log_line.h"

namespace felix::telemetry {

struct LogConfig {
  int fd = 2;  // not closed by us; writing to a closed pipe needs SIGPIPE ignored
  LogFormat format = LogFormat::text;
  LevelSpec levels;
  WallTime (*wall_now)() = nullptr;  // null: CLOCK_REALTIME
  MonoTime (*now)() = nullptr;       // null: CLOCK_MONOTONIC; used by LogLimiter only
};

// Errc::usage when the levels name a module that has no Logger. Until the first call: text on stderr, level
// info. Not to be called while other threads log.
Status configure_logging(const LogConfig& config);

// Lines that could not be written since the start of the process. Any thread.
std::uint64_t dropped_log_lines();

// Bounds what one call site may say when peers decide how often it is reached: at most `lines` lines an
// `interval`; the first line after a pause carries suppressed=N. Any thread.
class LogLimiter {
 public:
  constexpr explicit LogLimiter(std::uint32_t lines = 5, Duration interval = std::chrono::seconds(10))
      : lines_(lines), interval_(interval) {}

  struct Verdict {
    bool admitted = false;
    std::uint64_t suppressed = 0;  // lines refused since the last one admitted
  };
  Verdict admit(MonoTime now);

 private:
  std::uint32_t lines_;
  Duration interval_;
  std::atomic<std::int64_t> window_start_ns_{INT64_MIN};
  std::atomic<std::uint32_t> used_{0};
  std::atomic<std::uint64_t> suppressed_{0};
};

// Threads: constructed and destroyed while no other thread logs or configures; used by any.
class Logger {
 public:
  // `module` is a literal.
  explicit Logger(std::string_view module);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  std::string_view module() const { return module_; }
  bool enabled(Level level) const { return level >= level_.load(std::memory_order_relaxed); }
  // Writes whatever the level; use FELIX_LOG, which asks enabled() before it evaluates the fields.
  void write(Level level, std::string_view message, Fields fields) const;
  void write_limited(LogLimiter& limiter, Level level, std::string_view message, Fields fields) const;

 private:
  friend Status configure_logging(const LogConfig& config);

  std::string_view module_;
  std::atomic<Level> level_;
  Logger* next_;
};

}  // namespace felix::telemetry

#define FELIX_LOG(logger, level, message, ...)                                    \
  do {                                                                            \
    if ((logger).enabled(::felix::telemetry::Level::level))                       \
      (logger).write(::felix::telemetry::Level::level, (message), {__VA_ARGS__}); \
  } while (false)

#define FELIX_LOG_LIMITED(logger, limiter, level, message, ...)                                      \
  do {                                                                                               \
    if ((logger).enabled(::felix::telemetry::Level::level))                                          \
      (logger).write_limited((limiter), ::felix::telemetry::Level::level, (message), {__VA_ARGS__}); \
  } while (false)
