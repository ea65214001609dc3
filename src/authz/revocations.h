#pragma once
// Who is let in no more, whatever token is shown: a list an operator writes, one entry a line.
//
//   principal TENANT SUBJECT [before SECONDS]    with `before`: tokens issued before that time (Unix) only
//   token TENANT JTI
//
// Blank lines and what follows a # are nothing. Immutable once parsed; any thread.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.h"

namespace felix::authz {

class Revocations {
 public:
  // malformed names the line and what it should be; too_large over 100,000 entries.
  static Result<Revocations> parse(std::string_view text);

  // Whether a token of `tenant` for `subject`, issued at `issued_at` (Unix seconds) and with this id (empty:
  // none), is in the list.
  bool covers(std::string_view tenant, std::string_view subject, std::int64_t issued_at,
              std::string_view token_id) const;
  std::size_t size() const { return entries_.size(); }

 private:
  // By kind, tenant and name; the value is the time before which a token must have been issued to be covered.
  std::unordered_map<std::string, std::int64_t> entries_;
};

}  // namespace felix::authz
