#pragma once
// A flow::Port without a network: keeps what was written, and sends and acknowledges when a test says so.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "flow/port.h"

namespace felix::test {

class RecordingPort final : public flow::Port {
 public:
  void write(const flow::InlineBytes& prefix, flow::Slice body) override {
    if (finished_ || peer_gone_) return;
    ++writes_;
    const std::size_t size = prefix.size() + body.size();
    append(prefix.bytes());
    append(body.bytes());
    unsent_bytes_ += size;
    queued_bytes_ += size;
    bodies_.push_back(body.bytes());
    held_.push_back({std::move(body), size});
  }
  std::size_t queued_bytes() const override { return queued_bytes_; }
  std::size_t unsent_bytes() const override { return unsent_bytes_; }
  std::size_t table_bytes() const override { return held_.size() * sizeof(flow::InlineBytes); }
  void finish() override { finished_ = true; }
  void stop_reading() override { reading_stopped_ = true; }
  void consume(std::size_t bytes) override { consumed_bytes_ += bytes; }

  // The network takes (at most) so many bytes.
  void send(std::size_t bytes = SIZE_MAX) { unsent_bytes_ -= std::min(bytes, unsent_bytes_); }
  // The peer acknowledges so many bytes, which were then sent too; a write's body is let go with its last
  // byte.
  void acknowledge(std::size_t bytes = SIZE_MAX) {
    bytes = std::min(bytes, queued_bytes_);
    queued_bytes_ -= bytes;
    unsent_bytes_ = std::min(unsent_bytes_, queued_bytes_);
    while (bytes > 0) {
      const std::size_t part = std::min(bytes, held_.front().unacknowledged_bytes);
      held_.front().unacknowledged_bytes -= part;
      bytes -= part;
      if (held_.front().unacknowledged_bytes == 0) held_.pop_front();
    }
  }
  // The connection is gone: everything held is let go, and later writes are ignored.
  void lose_peer() {
    peer_gone_ = true;
    held_.clear();
    queued_bytes_ = unsent_bytes_ = 0;
  }

  // Every byte written so far, in order.
  Bytes written() const { return written_; }
  // The bytes written since the last call.
  std::vector<std::byte> take_written() {
    std::vector<std::byte> taken(written_.begin() + static_cast<std::ptrdiff_t>(taken_), written_.end());
    taken_ = written_.size();
    return taken;
  }
  std::size_t writes() const { return writes_; }
  // The body of each write, as it was given: valid while it is unacknowledged.
  const std::vector<Bytes>& bodies() const { return bodies_; }
  bool finished() const { return finished_; }
  bool reading_stopped() const { return reading_stopped_; }
  std::size_t consumed_bytes() const { return consumed_bytes_; }

 private:
  struct Held {
    flow::Slice body;
    std::size_t unacknowledged_bytes;
  };
  void append(Bytes bytes) { written_.insert(written_.end(), bytes.begin(), bytes.end()); }

  std::vector<std::byte> written_;
  std::vector<Bytes> bodies_;
  std::size_t taken_ = 0;
  std::deque<Held> held_;
  std::size_t writes_ = 0;
  std::size_t queued_bytes_ = 0;
  std::size_t unsent_bytes_ = 0;
  std::size_t consumed_bytes_ = 0;
  bool finished_ = false;
  bool reading_stopped_ = false;
  bool peer_gone_ = false;
};

}  // namespace felix::test
