#pragma once
// What the answers of one turn add up to on their way to a Port: small bytes are joined into few writes,
// a large body goes by reference between them.

#include <cstddef>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "flow/frame.h"
#include "flow/port.h"

namespace felix::broker {

class AnswerBuffer {
 public:
  // A body of at least so many bytes is shared; copying fewer costs less than a write of its own.
  static constexpr std::size_t kSharedBytes = 512;

  // Complete frames are appended here.
  std::vector<std::byte>& bytes() { return bytes_; }
  // One frame: what is in front of the body, and the body.
  void append(const flow::InlineBytes& head, flow::Slice body) {
    append(head.bytes());
    if (body.size() < kSharedBytes) return append(body.bytes());
    shared_bytes_ += body.size();
    bodies_.push_back({bytes_.size(), std::move(body)});
  }

  std::size_t size() const { return bytes_.size() + shared_bytes_; }
  bool empty() const { return bytes_.empty() && bodies_.empty(); }

  void flush(flow::Port& port) {
    std::size_t written = 0;
    for (Body& body : bodies_) {
      write(port, Bytes(bytes_).subspan(written, body.behind - written), std::move(body.slice));
      written = body.behind;
    }
    if (written < bytes_.size()) port.write({}, flow::Slice::copy_of(Bytes(bytes_).subspan(written)));
    bodies_.clear();
    shared_bytes_ = 0;
    bytes_.clear();
    if (bytes_.capacity() > kKeptBytes) bytes_.shrink_to_fit();
  }

 private:
  static constexpr std::size_t kKeptBytes = 64 * 1024;
  // A shared body, and how many of bytes_ go before it.
  struct Body {
    std::size_t behind;
    flow::Slice slice;
  };

  void append(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  static void write(flow::Port& port, Bytes before, flow::Slice body) {
    if (before.size() <= flow::InlineBytes::kCapacity)
      return port.write(flow::InlineBytes(before), std::move(body));
    port.write({}, flow::Slice::copy_of(before));
    port.write({}, std::move(body));
  }

  std::vector<std::byte> bytes_;
  std::vector<Body> bodies_;
  std::size_t shared_bytes_ = 0;
};

}  // namespace felix::broker
