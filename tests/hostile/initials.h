#pragma once
// First packets of QUIC connections that nobody means to go on with.

#include <memory>
#include <string>
#include <string_view>

#include "crypto/tls_session.h"
#include "hostile/packet_keys.h"

namespace felix::test {

class Initials {
 public:
  // With the ClientHello of `tls`, which every packet carries.
  explicit Initials(crypto::TlsSession tls);
  ~Initials();
  Initials(const Initials&) = delete;
  Initials& operator=(const Initials&) = delete;

  // One of 1200 bytes to a connection id of its own, well protected. `payload` instead of a ClientHello, when
  // given; it is padded.
  std::string next(std::string_view token = {});
  std::string next_with(std::string_view payload, std::size_t datagram_bytes = 1200,
                        std::string_view token = {});
  // The connection id the last of them was sent to.
  const std::string& destination() const { return destination_; }

 private:
  struct Donor;
  std::unique_ptr<Donor> donor_;
  std::string destination_;
};

}  // namespace felix::test
