#pragma once
// Cuts the bytes of one QUIC stream into frames (wire protocol section 2). Each payload is copied once, into
// a Frame of its own, as its bytes arrive; nothing is allocated on the word of a header alone.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ring.h"
#include "flow/frame.h"
#include "wire/header.h"

namespace felix::wire {

// Flags are as received: judging them (check_flags) and answering is the session's.
struct IncomingFrame {
  std::uint16_t flags = 0;
  flow::Slice payload;
};

// Where a stream stood when its FIN or reset came.
enum class StreamEnd : std::uint8_t { at_boundary, in_header, in_payload };

// Use: push() what arrived, then next() until it says false. A defect of the stream shows in next() only
// after every good frame before it was taken, and for ever after.
//
// Memory: for the frame in progress at most 2 x bytes received + 4 KiB, or a little more than the frame
// before it had when that was up to 256 KiB; plus a small constant per frame not taken.
class FrameReader {
 public:
  // `magic`: kMagic, or kInternalMagic for a stream between brokers.
  explicit FrameReader(std::uint32_t max_payload_bytes, std::uint32_t magic = kMagic);
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;
  ~FrameReader();

  // Consumes all of `bytes`. After a defect they are dropped.
  void push(Bytes bytes);

  // True: `frame` is the oldest complete one. False: none is complete. Errors, each final: malformed (magic),
  // unsupported (version), too_large (length over the cap as it stands at this call, so that a session which
  // raises the cap while it handles `auth` may be sent a large frame right behind it).
  Result<bool> next(IncomingFrame& frame);

  // Applies to every header not yet judged.
  void set_max_payload_bytes(std::uint32_t max_payload_bytes);

  // Meaningful when next() says false or fails.
  StreamEnd end_state() const;
  // Bytes received of the frame in progress, its header included.
  std::size_t partial_bytes() const { return header_filled_ + received_ + held_.size(); }
  // Bytes of its payload yet to come; 0 while that is not known, or more than is accepted.
  std::size_t missing_bytes() const { return header_ && !holding_ ? header_->payload_bytes - received_ : 0; }
  // Drops what was not taken, and its memory; nothing more is read.
  void abandon();
  // Bytes allocated for the frame in progress.
  std::size_t assembly_bytes() const;

 private:
  void consume(Bytes bytes);
  bool begin_payload();
  void take_payload(Bytes& bytes);
  void grow(std::size_t incoming);
  void complete();

  std::uint32_t max_payload_bytes_;
  const std::uint32_t magic_;
  Ring<IncomingFrame> ready_;
  std::array<std::byte, kHeaderBytes> header_bytes_;
  std::size_t header_filled_ = 0;
  std::optional<FrameHeader> header_;  // of the frame in progress
  flow::Frame* frame_ = nullptr;       // its payload so far, at least one byte
  std::size_t received_ = 0;
  std::size_t last_payload_bytes_ = 0;
  std::vector<std::byte> held_;  // behind a header whose length waits for a higher cap
  bool holding_ = false;
  std::optional<Error> defect_;
};

}  // namespace felix::wire
