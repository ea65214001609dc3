#pragma once
// Whole small files: keys, tokens, settings, state. Blocking; not for a reactor's turn.
// Errors name the path, the system's reason and a remedy: not_found when the file or its directory is
// missing, overloaded when there is no room, too_large, storage otherwise.

#include <string>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/error.h"

namespace felix::io {

// The whole content. A file (or pipe) longer than `max_bytes` is refused.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

// Replaces or creates `path`, with exactly `mode`: written to a temporary file beside it, synced, renamed,
// and the directory synced. After a crash there is the old content or the new, never a mixture.
Status write_file_atomically(const std::string& path, Bytes bytes, mode_t mode);

// Creates `path` and its missing parents; `mode` (less the umask) is for those it creates.
Status make_directories(const std::string& path, mode_t mode);

}  // namespace felix::io
