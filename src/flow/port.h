#pragma once
// The byte sink of one ordered stream towards a peer: a QUIC channel in production, a queue in tests and
// in the simulator. One of the three virtual seams of the house.

#include <array>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "base/contract.h"
#include "flow/frame.h"

namespace felix::flow {

// A few bytes carried by value: frame headers and prefixes in front of a shared body.
class InlineBytes {
 public:
  static constexpr std::size_t kCapacity = 64;

  InlineBytes() = default;
  explicit InlineBytes(Bytes bytes) { append(bytes); }

  // The result must fit kCapacity.
  void append(Bytes bytes) {
    FELIX_ASSERT(bytes.size() <= kCapacity - size_);
    if (!bytes.empty()) std::memcpy(bytes_.data() + size_, bytes.data(), bytes.size());
    size_ = static_cast<std::uint8_t>(size_ + bytes.size());
  }
  template <class T>
  void append_be(T value) {
    FELIX_ASSERT(sizeof(T) <= kCapacity - size_);
    store_be(bytes_.data() + size_, value);
    size_ = static_cast<std::uint8_t>(size_ + sizeof(T));
  }

  Bytes bytes() const { return Bytes(bytes_.data(), size_); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::array<std::byte, kCapacity> bytes_;
  std::uint8_t size_ = 0;
};

// Threads: used on the reactor that owns it.
class Port {
 public:
  virtual ~Port() = default;

  // Queues `prefix` then `body`, sent in call order. Never refuses: callers look at queued_bytes() against
  // their own bound first. Ignored after finish() or once the peer is gone.
  virtual void write(const InlineBytes& prefix, Slice body) = 0;
  // Bytes accepted and not yet acknowledged by the peer.
  virtual std::size_t queued_bytes() const = 0;
  // Bytes accepted and not yet handed to the network.
  virtual std::size_t unsent_bytes() const = 0;
  // Memory the queue takes beside the bytes in it: with small writes, more than they.
  virtual std::size_t table_bytes() const = 0;
  // Ends our direction after what is queued.
  virtual void finish() = 0;
  // Tells the peer that no more of its bytes will be read. Idempotent.
  virtual void stop_reading() = 0;
  // Gives `bytes` of received data back to the peer's flow-control window.
  virtual void consume(std::size_t bytes) = 0;
};

}  // namespace felix::flow
