#pragma once
// One vector, in either format. Internal to the module.

#include <string>

#include "base/error.h"
#include "conformance/report.h"
#include "json/value.h"

namespace felix::conformance {

// An element of `cases` in our format. Errors: the vector itself is malformed.
Result<CaseResult> run_own_case(const json::Value& vector);
// One of those, of `kind` "internal": a frame between brokers.
Result<CaseResult> run_internal_case(const json::Value& vector);
// A whole file in the original's format.
Result<CaseResult> run_original_case(const json::Value& vector);

inline CaseResult passed() { return {}; }
inline CaseResult failed(std::string reason) { return {{}, {}, Outcome::fail, std::move(reason), {}}; }
inline CaseResult skipped(std::string reason) { return {{}, {}, Outcome::skip, std::move(reason), {}}; }

}  // namespace felix::conformance
