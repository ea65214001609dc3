#include "bench/floor_socket.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace felix::bench {
namespace {

constexpr int kBufferBytes = 8 << 20;  // the kernel grants what its limit allows

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::unexpected<Error> refused(const char* call) {
  return fail(Errc::unavailable, std::string(call) + " on 127.0.0.1: " + std::strerror(errno));
}

}  // namespace

Result<FloorSocket> FloorSocket::open() {
  FloorSocket socket;
  socket.fd_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket.fd_ < 0) return refused("socket");
  ::setsockopt(socket.fd_, SOL_SOCKET, SO_RCVBUF, &kBufferBytes, sizeof kBufferBytes);
  ::setsockopt(socket.fd_, SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof kBufferBytes);
  const timeval patience{0, 100'000};
  ::setsockopt(socket.fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (::bind(socket.fd_, reinterpret_cast<sockaddr*>(&address), length) != 0) return refused("bind");
  if (::getsockname(socket.fd_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return refused("getsockname");
  }
  socket.port_ = ntohs(address.sin_port);
  return socket;
}

FloorSocket::FloorSocket(FloorSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), port_(other.port_) {}

FloorSocket& FloorSocket::operator=(FloorSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(port_, other.port_);
  return *this;
}

FloorSocket::~FloorSocket() {
  if (fd_ >= 0) ::close(fd_);
}

Status FloorSocket::connect(std::uint16_t port) {
  const sockaddr_in to = loopback(port);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return refused("connect");
  return {};
}

bool FloorSocket::send(std::span<const std::byte> bytes) {
  return ::send(fd_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
}

std::size_t FloorSocket::receive(std::span<std::byte> buffer) {
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

}  // namespace felix::bench
