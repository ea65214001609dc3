#include "transport/connection_id.h"

#include "crypto/random.h"

namespace felix::transport {

ConnectionId new_connection_id(std::uint32_t reactor, std::uint32_t reactor_count) {
  ConnectionId id;
  id.size = kLocalIdBytes;
  crypto::random_bytes(MutableBytes(id.data.data(), kLocalIdBytes));
  const std::uint32_t random = std::to_integer<std::uint32_t>(id.data[0]);
  std::uint32_t first = random - random % reactor_count + reactor;
  if (first > 0xff) first -= reactor_count;
  id.data[0] = static_cast<std::byte>(first);
  return id;
}

}  // namespace felix::transport
