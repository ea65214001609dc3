#include "bench/scrape.h"

#include <array>
#include <charconv>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace felix::bench {
namespace {

constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};
constexpr std::string_view kRequest = "GET /metrics HTTP/1.0\r\n\r\n";

std::string answer_of(const io::Address& http) {
  std::string answer;
  const int connection = ::socket(http.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0) return answer;
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  if (::connect(connection, http.raw(), http.length()) == 0 &&
      ::send(connection, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(kRequest.size())) {
    std::array<char, 16 * 1024> buffer;
    for (ssize_t got = 0; (got = ::recv(connection, buffer.data(), buffer.size(), 0)) > 0;)
      answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(connection);
  return answer;
}

}  // namespace

std::optional<double> scrape(const io::Address& http, std::string_view series) {
  const std::string answer = answer_of(http);
  const std::string line = "\n" + std::string(series) + " ";
  const std::size_t at = answer.find(line);
  if (at == std::string::npos) return {};
  double value = 0;
  const char* const first = answer.data() + at + line.size();
  if (std::from_chars(first, answer.data() + answer.size(), value).ec != std::errc()) return {};
  return value;
}

}  // namespace felix::bench
