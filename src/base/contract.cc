#include "base/contract.h"

#include <cstdio>
#include <cstdlib>

namespace felix {

void contract_violation(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "felix: broken invariant at %s:%d: %s\n", file, line, expression);
  std::abort();
}

}  // namespace felix
