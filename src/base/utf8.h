#pragma once

#include "base/bytes.h"

namespace felix {

// True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
bool is_utf8(Bytes bytes);

}  // namespace felix
