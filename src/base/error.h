#pragma once
// One error vocabulary for the whole program: what the world does wrong is a value, not an exception.
// Bugs of ours are assertions (base/contract.h).

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace felix {

// Why something failed. Each word has one row in the table of error.cc: its name, wire code, retry class
// and exit code. Add a word only together with its row.
enum class Errc : std::uint8_t {
  usage,            // the caller's words are wrong (command line, settings)
  unauthenticated,  // no token, or one that does not verify
  forbidden,        // a verified principal without the grant, or of another tenant
  not_found,        // unknown tenant, namespace, stream, cache or file
  already_exists,   // created before, with other properties
  invalid_request,  // well framed, but not a request that can be served
  malformed,        // bytes that do not parse
  too_large,        // over a declared limit of bytes or items
  unsupported,      // a flag, message, version or command this build does not serve
  limit_exceeded,   // a count limit of the peer is used up
  overloaded,       // a bound was reached; try again later
  unavailable,      // the owner of the data cannot answer now
  not_leader,       // another node answers for this shard
  too_old,          // cursor below the oldest record kept
  in_future,        // cursor above the tail
  draining,         // shutting down
  timed_out,        // a deadline passed before anything was sent or decided
  outcome_unknown,  // sent, and never learned whether it was done
  connect_failed,   // no connection could be made
  tls_failed,       // the peer is reached, but not trusted (or we are not)
  connection_lost,  // a connection that stood is gone
  storage,          // the disk or a file refused
  corrupt,          // committed data does not verify
  newer_version,    // written by a newer build
  interrupted,      // SIGINT or SIGTERM
  internal,         // none of the above: a defect worth reporting
};

// What a client may do after a refusal. Values are those of the wire (wire protocol section 9).
enum class RetryClass : std::uint8_t {
  retry = 1,
  retry_after = 2,
  redirect = 3,
  outcome_unknown = 4,
  fatal = 5
};

// Process exit codes, the same for every subcommand.
enum class ExitCode : int {
  done = 0,
  failed = 1,
  usage = 2,
  could_not_connect = 3,
  refused = 4,
  data_invalid = 5,
  interrupted = 130,
};

// The row of one Errc. `wire_name` is empty and `wire_code` 0 for errors that never travel.
struct ErrorRow {
  Errc code;
  std::string_view name;
  std::uint16_t wire_code;
  std::string_view wire_name;
  RetryClass retry;
  ExitCode exit;
};

// Never fails: every Errc has a row.
const ErrorRow& error_row(Errc code);

// `context` names the thing, the value and, where there is one, the remedy: one line, no trailing stop.
struct Error {
  Errc code = Errc::internal;
  std::string context;

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(Errc code, std::string context) {
  return std::unexpected(Error{code, std::move(context)});
}

// Puts `where` in front of the context ("where: context"); for use at module edges.
Error with_context(std::string_view where, Error error);

// "name: context", for logs and the command line.
std::string to_string(const Error& error);

inline ExitCode exit_code(const Error& error) { return error_row(error.code).exit; }

}  // namespace felix

// FELIX_TRY(value, expression): binds the value of a Result, or returns its error from this function.
#define FELIX_TRY_CONCAT_(a, b) a##b
#define FELIX_TRY_NAME_(line) FELIX_TRY_CONCAT_(felix_try_, line)
#define FELIX_TRY(declaration, expression)                                                              \
  auto FELIX_TRY_NAME_(__LINE__) = (expression);                                                        \
  if (!FELIX_TRY_NAME_(__LINE__)) return std::unexpected(std::move(FELIX_TRY_NAME_(__LINE__)).error()); \
  declaration = std::move(*FELIX_TRY_NAME_(__LINE__))

// FELIX_CHECK(expression): the same for a Status.
#define FELIX_CHECK(expression)                                \
  do {                                                         \
    if (auto felix_status = (expression); !felix_status)       \
      return std::unexpected(std::move(felix_status).error()); \
  } while (false)
