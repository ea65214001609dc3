#pragma once
// A refusal of the file system in our words.

#include <string>
#include <string_view>

#include "base/error.h"

namespace felix::io {

// "cannot VERB 'PATH': reason; remedy" for an errno value: not_found, already_exists, overloaded when there
// is no room, storage otherwise.
std::unexpected<Error> file_error(std::string_view verb, const std::string& path, int reason);

// The directory a path lies in.
std::string directory_of(const std::string& path);

}  // namespace felix::io
