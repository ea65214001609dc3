#pragma once
// Assertions, alive in release: a broken invariant of ours ends the process with the place that saw it.
// What the outside world does wrong is an Error, never an assertion.

namespace felix {

[[noreturn]] void contract_violation(const char* expression, const char* file, int line) noexcept;

}  // namespace felix

#define FELIX_ASSERT(expression) \
  (static_cast<bool>(expression) ? void(0) : ::felix::contract_violation(#expression, __FILE__, __LINE__))
#define FELIX_UNREACHABLE(reason) ::felix::contract_violation("unreachable: " reason, __FILE__, __LINE__)
