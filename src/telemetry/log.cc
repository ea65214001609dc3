#include "telemetry/log.h"

#include <algorithm>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "telemetry/log_output.h"

namespace felix::telemetry {
namespace {

Duration read_clock(clockid_t id) {
  timespec at{};
  ::clock_gettime(id, &at);
  return std::chrono::seconds(at.tv_sec) + Duration(at.tv_nsec);
}

// The process-wide part of logging. Never destroyed: a line may be written while statics go.
struct LogState {
  LogConfig config;
  std::unique_ptr<LogOutput> output = std::make_unique<LogOutput>(2);
  std::uint64_t dropped_before = 0;  // by earlier outputs
};

LogState& state() {
  static LogState* const instance = new LogState;
  return *instance;
}

// Constant-initialised, so that Loggers of any file can enter it during static initialisation.
constinit Logger* loggers = nullptr;

}  // namespace

Status configure_logging(const LogConfig& config) {
  for (const auto& [module, level] : config.levels.modules) {
    std::vector<std::string_view> known;
    for (const Logger* at = loggers; at != nullptr; at = at->next_) known.push_back(at->module());
    if (std::find(known.begin(), known.end(), module) != known.end()) continue;
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    std::string names;
    for (const std::string_view name : known) names.append(names.empty() ? "" : ", ").append(name);
    return fail(Errc::usage, "log levels name module '" + module + "', which is not one of: " + names);
  }
  LogState& log = state();
  log.dropped_before += log.output->dropped();
  log.config = config;
  log.output = std::make_unique<LogOutput>(config.fd);
  for (Logger* at = loggers; at != nullptr; at = at->next_)
    at->level_.store(config.levels.level_of(at->module_), std::memory_order_relaxed);
  return {};
}

std::uint64_t dropped_log_lines() { return state().dropped_before + state().output->dropped(); }

LogLimiter::Verdict LogLimiter::admit(MonoTime now) {
  const std::int64_t now_ns = now.time_since_epoch().count();
  std::int64_t start = window_start_ns_.load(std::memory_order_relaxed);
  if ((start == INT64_MIN || now_ns - start >= interval_.count()) &&
      window_start_ns_.compare_exchange_strong(start, now_ns, std::memory_order_relaxed))
    used_.store(0, std::memory_order_relaxed);
  if (used_.fetch_add(1, std::memory_order_relaxed) < lines_)
    return {true, suppressed_.exchange(0, std::memory_order_relaxed)};
  used_.fetch_sub(1, std::memory_order_relaxed);
  suppressed_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

Logger::Logger(std::string_view module)
    : module_(module), level_(state().config.levels.level_of(module)), next_(loggers) {
  loggers = this;
}

Logger::~Logger() {
  Logger** at = &loggers;
  while (*at != this) at = &(*at)->next_;
  *at = next_;
}

void Logger::write(Level level, std::string_view message, Fields fields) const {
  const LogConfig& config = state().config;
  const WallTime at = config.wall_now != nullptr ? config.wall_now() : WallTime(read_clock(CLOCK_REALTIME));
  state().output->write(LogLine(config.format, at, level, module_, message, fields).text());
}

void Logger::write_limited(LogLimiter& limiter, Level level, std::string_view message, Fields fields) const {
  const LogConfig& config = state().config;
  const auto verdict =
      limiter.admit(config.now != nullptr ? config.now() : MonoTime(read_clock(CLOCK_MONOTONIC)));
  if (!verdict.admitted) return;
  const WallTime at = config.wall_now != nullptr ? config.wall_now() : WallTime(read_clock(CLOCK_REALTIME));
  const Fields more = {{"suppressed", verdict.suppressed}};
  state().output->write(
      LogLine(config.format, at, level, module_, message, fields, verdict.suppressed > 0 ? more : Fields{})
          .text());
}

}  // namespace felix::telemetry
