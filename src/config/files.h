#pragma once
// Small files, whole. Blocking; start-up and command-line use only.

#include <string>
#include <string_view>

#include "base/error.h"

namespace felix::config {

inline constexpr std::size_t kMaxFileBytes = 1u << 20;

// Errors name the path: not_found, storage, too_large.
Result<std::string> read_file(const std::string& path);
// Replaces the file at once (write aside, rename), readable by its owner only; missing directories are made,
// closed to others. Errc::storage.
Status write_private_file(const std::string& path, std::string_view text);

}  // namespace felix::config
