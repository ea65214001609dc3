#include "io/file_error.h"

#include <errno.h>
#include <string.h>

namespace felix::io {
namespace {

std::string_view remedy(int reason) {
  switch (reason) {
    case ENOENT:
      return "; check the path";
    case EACCES:
    case EPERM:
      return "; check the owner and mode of it and its directories";
    case ENOSPC:
    case EDQUOT:
      return "; free some space";
    case EROFS:
      return "; choose a writable file system";
    case ENOTDIR:
      return "; a part of the path is a file";
    case EISDIR:
      return "; give a file, not a directory";
    case EMFILE:
    case ENFILE:
      return "; raise the limit of open files";
    default:
      return "";
  }
}

Errc code_of(int reason) {
  switch (reason) {
    case ENOENT:
      return Errc::not_found;
    case EEXIST:
      return Errc::already_exists;
    case ENOSPC:
    case EDQUOT:
      return Errc::overloaded;
    default:
      return Errc::storage;
  }
}

}  // namespace

std::unexpected<Error> file_error(std::string_view verb, const std::string& path, int reason) {
  return fail(code_of(reason), "cannot " + std::string(verb) + " '" + path + "': " + strerror(reason) +
                                   std::string(remedy(reason)));
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace felix::io
