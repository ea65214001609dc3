#pragma once

#include <cstdint>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <vector>

#include "base/error.h"

namespace felix::io {

// An IPv4 or IPv6 address with a port, as the socket calls want it.
class Address {
 public:
  Address() = default;
  Address(const sockaddr* address, socklen_t length);

  // Numeric only: "127.0.0.1:5000", "[::1]:5000". usage error otherwise, naming the text.
  static Result<Address> parse(std::string_view text);
  // Host names too, by the system resolver (blocking): every address, in resolver order.
  static Result<std::vector<Address>> resolve(std::string_view host_and_port, std::uint16_t default_port);
  // "host:port", "[v6]:port" or "host" → (host, port).
  static Result<std::pair<std::string, std::uint16_t>> split(std::string_view text,
                                                             std::uint16_t default_port);

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage_); }
  socklen_t length() const { return length_; }
  int family() const { return storage_.ss_family; }
  std::uint16_t port() const;
  void set_port(std::uint16_t port);
  bool is_loopback() const;
  std::string to_string() const;
  // Without the port; the key for per-source limits.
  std::string host_string() const;

  bool operator==(const Address& other) const;

 private:
  sockaddr_storage storage_{};
  socklen_t length_ = 0;
};

}  // namespace felix::io
