#include "wire/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "base/contract.h"

namespace felix::wire {
namespace {

// What the first bytes of a payload may allocate, on a stream that has shown nothing yet; from one that has
// shown larger frames, as many bytes as its last one had, up to a full batch.
constexpr std::size_t kHeadStartBytes = 4096 - 64;
constexpr std::size_t kShownHeadStartBytes = 256 * 1024 + 1024;

}  // namespace

FrameReader::FrameReader(std::uint32_t max_payload_bytes, std::uint32_t magic)
    : max_payload_bytes_(max_payload_bytes), magic_(magic) {}

FrameReader::~FrameReader() {
  if (frame_ != nullptr) frame_->release();
}

void FrameReader::push(Bytes bytes) {
  if (defect_) return;
  if (holding_)
    held_.insert(held_.end(), bytes.begin(), bytes.end());
  else
    consume(bytes);
}

Result<bool> FrameReader::next(IncomingFrame& frame) {
  if (!ready_.empty()) {
    frame = ready_.pop_front();
    return true;
  }
  if (holding_) {
    defect_ =
        Error{Errc::too_large, "frame of " + std::to_string(header_->payload_bytes) + " bytes, at most " +
                                   std::to_string(max_payload_bytes_) + " are accepted here"};
    holding_ = false;
    held_ = {};
  }
  if (defect_) return std::unexpected(*defect_);
  return false;
}

void FrameReader::set_max_payload_bytes(std::uint32_t max_payload_bytes) {
  max_payload_bytes_ = max_payload_bytes;
  if (!holding_ || header_->payload_bytes > max_payload_bytes_) return;
  holding_ = false;
  const std::vector<std::byte> held = std::exchange(held_, {});
  consume(held);
}

void FrameReader::abandon() {
  if (frame_ != nullptr) std::exchange(frame_, nullptr)->release();
  while (!ready_.empty()) ready_.pop_front();
  held_ = {};
  holding_ = false;
  received_ = header_filled_ = 0;
  header_.reset();
  defect_ = Error{Errc::malformed, "the rest of a frame did not come"};
}

StreamEnd FrameReader::end_state() const {
  if (header_) return StreamEnd::in_payload;
  return header_filled_ == 0 ? StreamEnd::at_boundary : StreamEnd::in_header;
}

std::size_t FrameReader::assembly_bytes() const {
  return held_.capacity() + (frame_ == nullptr ? 0 : frame_->capacity());
}

void FrameReader::consume(Bytes bytes) {
  while (!bytes.empty()) {
    if (!header_) {
      const std::size_t taken = std::min(kHeaderBytes - header_filled_, bytes.size());
      std::memcpy(header_bytes_.data() + header_filled_, bytes.data(), taken);
      header_filled_ += taken;
      bytes = bytes.subspan(taken);
      if (header_filled_ < kHeaderBytes) return;
      if (!begin_payload()) {
        if (holding_) held_.assign(bytes.begin(), bytes.end());
        return;
      }
      if (!header_ || bytes.empty()) continue;
    }
    take_payload(bytes);
  }
}

// Judges the complete header. False: nothing after it can be read now.
bool FrameReader::begin_payload() {
  auto header = parse_header(header_bytes_, magic_);
  if (!header) {
    defect_ = std::move(header).error();
    return false;
  }
  header_ = *header;
  if (header_->payload_bytes > max_payload_bytes_) {
    holding_ = true;
    return false;
  }
  if (header_->payload_bytes == 0) complete();
  return true;
}

void FrameReader::take_payload(Bytes& bytes) {
  const std::size_t taken = std::min<std::size_t>(header_->payload_bytes - received_, bytes.size());
  if (frame_ == nullptr || taken > frame_->capacity() - received_) grow(taken);
  std::memcpy(frame_->data() + received_, bytes.data(), taken);
  received_ += taken;
  bytes = bytes.subspan(taken);
  if (received_ == header_->payload_bytes) complete();
}

void FrameReader::grow(std::size_t incoming) {
  const std::size_t head_start = std::max(
      kHeadStartBytes, std::min(last_payload_bytes_ + last_payload_bytes_ / 8, kShownHeadStartBytes));
  // What is allocated may be a quarter more than is asked for (flow/frame_cache.h): never twice what came.
  const std::size_t wanted = std::max(head_start, (received_ + incoming) * 8 / 5);
  flow::Frame* const bigger = flow::Frame::allocate(std::min<std::size_t>(header_->payload_bytes, wanted));
  if (frame_ != nullptr) {
    std::memcpy(bigger->data(), frame_->data(), received_);
    frame_->release();
  }
  frame_ = bigger;
}

void FrameReader::complete() {
  IncomingFrame frame{header_->flags, {}};
  if (frame_ != nullptr) frame.payload = flow::Slice::adopt(std::exchange(frame_, nullptr), 0, received_);
  ready_.push_back(std::move(frame));
  last_payload_bytes_ = std::exchange(received_, 0);
  header_filled_ = 0;
  header_.reset();
}

}  // namespace felix::wire
