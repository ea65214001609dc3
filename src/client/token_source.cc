#include "client/token_source.h"

#include "crypto/pem_file.h"

namespace felix::client {

Result<std::string> read_token(const ConnectOptions& options) {
  if (!options.token.empty()) return options.token;
  FELIX_TRY(const crypto::Pem file, crypto::read_pem_file(options.token_file));
  const char* const space = " \t\r\n";
  const std::size_t begin = file.text.find_first_not_of(space);
  if (begin == std::string::npos)
    return fail(Errc::unauthenticated, "the token file " + options.token_file + " is empty");
  return file.text.substr(begin, file.text.find_last_not_of(space) + 1 - begin);
}

}  // namespace felix::client
