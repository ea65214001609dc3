#include "io/address.h"

#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <memory>
#include <net/if.h>
#include <netdb.h>
#include <optional>

#include "base/contract.h"

namespace felix::io {
namespace {

struct HostPort {
  std::string host;
  std::optional<std::uint16_t> port;
};

Error bad_address(std::string_view text, std::string_view problem) {
  return Error{Errc::usage, "address '" + std::string(text) + "': " + std::string(problem) +
                                "; write host:port or [v6-address]:port"};
}

Result<HostPort> split_text(std::string_view text) {
  std::string_view host = text;
  std::optional<std::string_view> port_text;
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::unexpected(bad_address(text, "']' is missing"));
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':')
      return std::unexpected(bad_address(text, "after ']' comes ':' and the port"));
    if (!rest.empty()) port_text = rest.substr(1);
  } else if (const std::size_t colon = text.find(':');
             colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    // One colon separates a port; more of them are an IPv6 address without one.
    host = text.substr(0, colon);
    port_text = text.substr(colon + 1);
  }
  if (host.empty()) return std::unexpected(bad_address(text, "the host is missing"));
  HostPort parts{std::string(host), std::nullopt};
  if (port_text) {
    std::uint16_t port = 0;
    const char* end = port_text->data() + port_text->size();
    const auto parsed = std::from_chars(port_text->data(), end, port);
    if (parsed.ec != std::errc() || parsed.ptr != end)
      return std::unexpected(bad_address(text, "the port is not a number from 0 to 65535"));
    parts.port = port;
  }
  return parts;
}

std::optional<Address> parse_numeric(const std::string& host, std::uint16_t port) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1)
    return Address(reinterpret_cast<const sockaddr*>(&v4), sizeof(v4));

  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  const std::size_t percent = host.find('%');
  if (percent != std::string::npos) {
    v6.sin6_scope_id = if_nametoindex(host.c_str() + percent + 1);
    if (v6.sin6_scope_id == 0) return std::nullopt;
  }
  if (inet_pton(AF_INET6, host.substr(0, percent).c_str(), &v6.sin6_addr) == 1)
    return Address(reinterpret_cast<const sockaddr*>(&v6), sizeof(v6));
  return std::nullopt;
}

const sockaddr_in& v4(const sockaddr* address) { return *reinterpret_cast<const sockaddr_in*>(address); }
const sockaddr_in6& v6(const sockaddr* address) { return *reinterpret_cast<const sockaddr_in6*>(address); }

bool is_v4_mapped(const sockaddr* address) {
  return address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6(address).sin6_addr);
}

// The IPv4 address of a v4 or v4-mapped address, in network order.
in_addr v4_part(const sockaddr* address) {
  if (address->sa_family == AF_INET) return v4(address).sin_addr;
  in_addr part{};
  std::memcpy(&part, v6(address).sin6_addr.s6_addr + 12, sizeof(part));
  return part;
}

}  // namespace

Address::Address(const sockaddr* address, socklen_t length) : length_(length) {
  FELIX_ASSERT(length <= sizeof(storage_));
  std::memcpy(&storage_, address, length);
}

Result<Address> Address::parse(std::string_view text) {
  FELIX_TRY(const HostPort parts, split_text(text));
  if (!parts.port) return std::unexpected(bad_address(text, "the port is missing"));
  const std::optional<Address> parsed = parse_numeric(parts.host, *parts.port);
  if (!parsed) return std::unexpected(bad_address(text, "not a numeric IPv4 or IPv6 address"));
  return *parsed;
}

Result<std::pair<std::string, std::uint16_t>> Address::split(std::string_view text,
                                                             std::uint16_t default_port) {
  FELIX_TRY(HostPort parts, split_text(text));
  return std::pair(std::move(parts.host), parts.port.value_or(default_port));
}

Result<std::vector<Address>> Address::resolve(std::string_view host_and_port, std::uint16_t default_port) {
  FELIX_TRY(const HostPort parts, split_text(host_and_port));
  const std::uint16_t port = parts.port.value_or(default_port);
  if (const std::optional<Address> numeric = parse_numeric(parts.host, port)) return std::vector{*numeric};

  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int refused = getaddrinfo(parts.host.c_str(), nullptr, &hints, &found);
  if (refused != 0) {
    return fail(Errc::connect_failed, "host '" + parts.host + "' does not resolve: " + gai_strerror(refused) +
                                          "; check the name or give its address");
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    addresses.emplace_back(at->ai_addr, at->ai_addrlen).set_port(port);
  }
  if (addresses.empty())
    return fail(Errc::connect_failed, "host '" + parts.host + "' has no IPv4 or IPv6 address");
  return addresses;
}

std::uint16_t Address::port() const {
  switch (family()) {
    case AF_INET:
      return ntohs(v4(raw()).sin_port);
    case AF_INET6:
      return ntohs(v6(raw()).sin6_port);
    default:
      return 0;
  }
}

void Address::set_port(std::uint16_t port) {
  switch (family()) {
    case AF_INET:
      reinterpret_cast<sockaddr_in*>(raw())->sin_port = htons(port);
      break;
    case AF_INET6:
      reinterpret_cast<sockaddr_in6*>(raw())->sin6_port = htons(port);
      break;
    default:
      FELIX_UNREACHABLE("a port for no address");
  }
}

bool Address::is_loopback() const {
  if (family() == AF_INET || is_v4_mapped(raw())) return (ntohl(v4_part(raw()).s_addr) >> 24) == 127;
  return family() == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6(raw()).sin6_addr);
}

std::string Address::host_string() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET || is_v4_mapped(raw())) {
    const in_addr part = v4_part(raw());
    return inet_ntop(AF_INET, &part, text, sizeof(text));
  }
  if (family() != AF_INET6) return "unspecified";
  std::string host = inet_ntop(AF_INET6, &v6(raw()).sin6_addr, text, sizeof(text));
  char name[IF_NAMESIZE];
  const std::uint32_t scope = v6(raw()).sin6_scope_id;
  if (scope != 0) host += std::string("%") + (if_indextoname(scope, name) ? name : std::to_string(scope));
  return host;
}

std::string Address::to_string() const {
  const std::string host = host_string();
  const bool bracketed = host.find(':') != std::string::npos;
  return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port());
}

bool Address::operator==(const Address& other) const {
  if (family() != other.family()) return false;
  switch (family()) {
    case AF_INET:
      return v4(raw()).sin_port == v4(other.raw()).sin_port &&
             v4(raw()).sin_addr.s_addr == v4(other.raw()).sin_addr.s_addr;
    case AF_INET6:
      return v6(raw()).sin6_port == v6(other.raw()).sin6_port &&
             v6(raw()).sin6_scope_id == v6(other.raw()).sin6_scope_id &&
             std::memcmp(&v6(raw()).sin6_addr, &v6(other.raw()).sin6_addr, sizeof(in6_addr)) == 0;
    default:
      return true;
  }
}

}  // namespace felix::io
