#pragma once

#include <string_view>

#include "base/error.h"

namespace felix::metadata {

inline constexpr std::size_t kMaxNameBytes = 255;

// What may be registered as a tenant, namespace, stream, cache or region: 1 to 255 bytes of UTF-8 without
// '*', ':', '/' and control characters. (The wire carries other names too; they are never found.)
// Errc::invalid_request; `what` is the word for the message, "stream".
Status check_name(std::string_view what, std::string_view name);

}  // namespace felix::metadata
