#include "http/listen_socket.h"

#include <cerrno>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace felix::http {
namespace {

constexpr int kBacklog = 64;

std::string remedy(int error) {
  switch (error) {
    case EADDRINUSE:
      return "; stop the process that has it or choose another port";
    case EADDRNOTAVAIL:
      return "; bind an address of this host, or 0.0.0.0 for all";
    case EACCES:
      return "; choose a port above 1023";
    default:
      return "";
  }
}

std::unexpected<Error> refusal(const io::Address& address, int error) {
  return fail(Errc::unavailable, "cannot listen for HTTP on " + address.to_string() + ": " +
                                     std::generic_category().message(error) + remedy(error));
}

}  // namespace

Result<ListenSocket> listen_on(const io::Address& address) {
  const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return refusal(address, errno);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (::bind(fd, address.raw(), address.length()) != 0 || ::listen(fd, kBacklog) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) != 0) {
    const int error = errno;
    ::close(fd);
    return refusal(address, error);
  }
  return ListenSocket{fd, io::Address(reinterpret_cast<const sockaddr*>(&bound), length)};
}

}  // namespace felix::http
