#pragma once
// PEM text with the name of where it came from, and the two file operations secrets need. Blocking; not for
// a reactor's thread.

#include <string>
#include <string_view>

#include "base/error.h"

namespace felix::crypto {

// `origin` is a path, or a few words such as "generated certificate": error contexts name it.
struct Pem {
  std::string text;
  std::string origin;
};

// Reads a whole file of at most 1 MiB. Errors as of io::read_file.
Result<Pem> read_pem_file(const std::string& path);

// Replaces `path` by a file of mode 0600 holding `content`: written beside it, synced, renamed, and the
// directory synced, so that a reader sees the old bytes or the new ones. Errors as of
// io::write_file_atomically.
Status write_private_file(const std::string& path, std::string_view content);

}  // namespace felix::crypto
