#include "base/error.h"

#include <array>

#include "base/contract.h"

namespace felix {
namespace {

constexpr std::array kRows{
    ErrorRow{Errc::usage, "usage", 0, "", RetryClass::fatal, ExitCode::usage},
    ErrorRow{Errc::unauthenticated, "unauthenticated", 1, "unauthenticated", RetryClass::fatal,
             ExitCode::refused},
    ErrorRow{Errc::forbidden, "forbidden", 2, "forbidden", RetryClass::fatal, ExitCode::refused},
    ErrorRow{Errc::not_found, "not found", 3, "not_found", RetryClass::retry_after, ExitCode::refused},
    ErrorRow{Errc::already_exists, "already exists", 4, "invalid_request", RetryClass::fatal,
             ExitCode::refused},
    ErrorRow{Errc::invalid_request, "invalid request", 4, "invalid_request", RetryClass::fatal,
             ExitCode::refused},
    ErrorRow{Errc::malformed, "malformed", 4, "invalid_request", RetryClass::fatal, ExitCode::data_invalid},
    ErrorRow{Errc::too_large, "too large", 11, "limit_exceeded", RetryClass::fatal, ExitCode::refused},
    ErrorRow{Errc::unsupported, "unsupported", 4, "invalid_request", RetryClass::fatal, ExitCode::failed},
    ErrorRow{Errc::limit_exceeded, "limit exceeded", 11, "limit_exceeded", RetryClass::fatal,
             ExitCode::refused},
    ErrorRow{Errc::overloaded, "overloaded", 10, "overloaded", RetryClass::retry_after, ExitCode::refused},
    ErrorRow{Errc::unavailable, "unavailable", 5, "shard_unavailable", RetryClass::retry, ExitCode::failed},
    ErrorRow{Errc::not_leader, "not leader", 6, "not_leader", RetryClass::redirect, ExitCode::failed},
    ErrorRow{Errc::too_old, "cursor too old", 4, "invalid_request", RetryClass::fatal, ExitCode::refused},
    ErrorRow{Errc::in_future, "cursor in the future", 4, "invalid_request", RetryClass::fatal,
             ExitCode::refused},
    ErrorRow{Errc::draining, "draining", 12, "draining", RetryClass::retry, ExitCode::failed},
    ErrorRow{Errc::timed_out, "timed out", 0, "", RetryClass::retry, ExitCode::failed},
    ErrorRow{Errc::outcome_unknown, "outcome unknown", 9, "unacknowledged", RetryClass::outcome_unknown,
             ExitCode::failed},
    ErrorRow{Errc::connect_failed, "could not connect", 0, "", RetryClass::retry,
             ExitCode::could_not_connect},
    ErrorRow{Errc::tls_failed, "not trusted", 0, "", RetryClass::fatal, ExitCode::could_not_connect},
    ErrorRow{Errc::connection_lost, "connection lost", 0, "", RetryClass::retry, ExitCode::could_not_connect},
    ErrorRow{Errc::storage, "storage", 14, "storage", RetryClass::outcome_unknown, ExitCode::failed},
    ErrorRow{Errc::corrupt, "corrupt data", 14, "storage", RetryClass::fatal, ExitCode::data_invalid},
    ErrorRow{Errc::newer_version, "newer version", 0, "", RetryClass::fatal, ExitCode::data_invalid},
    ErrorRow{Errc::interrupted, "interrupted", 0, "", RetryClass::fatal, ExitCode::interrupted},
    ErrorRow{Errc::internal, "internal error", 13, "internal", RetryClass::outcome_unknown, ExitCode::failed},
};

constexpr bool rows_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].code) != i) return false;
  }
  return kRows.size() == static_cast<std::size_t>(Errc::internal) + 1;
}
static_assert(rows_in_order(), "every Errc has exactly one row, in the order of the enum");

}  // namespace

const ErrorRow& error_row(Errc code) {
  const auto index = static_cast<std::size_t>(code);
  FELIX_ASSERT(index < kRows.size());
  return kRows[index];
}

Error with_context(std::string_view where, Error error) {
  std::string context(where);
  if (!error.context.empty()) context.append(": ").append(error.context);
  return Error{error.code, std::move(context)};
}

std::string to_string(const Error& error) {
  std::string text(error_row(error.code).name);
  if (!error.context.empty()) text.append(": ").append(error.context);
  return text;
}

}  // namespace felix
