#include "io/line_splitter.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace felix::io {
namespace {

constexpr std::size_t kLengthBytes = sizeof(std::uint32_t);

}  // namespace

void LineSplitter::append(Bytes chunk) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(head_));
  scanned_ -= head_;
  head_ = 0;
  buffer_.insert(buffer_.end(), chunk.begin(), chunk.end());
}

Result<std::optional<Bytes>> LineSplitter::next() {
  return framing_ == Framing::lines ? next_line() : next_delimited();
}

Result<std::optional<Bytes>> LineSplitter::next_line() {
  const std::byte* begin = buffer_.data() + scanned_;
  const void* newline =
      scanned_ < buffer_.size() ? std::memchr(begin, '\n', buffer_.size() - scanned_) : nullptr;
  if (newline == nullptr) {
    scanned_ = buffer_.size();
    const std::size_t rest = buffer_.size() - head_;
    if (rest > max_record_bytes_) return too_large(rest);
    if (!finished_ || rest == 0) return std::nullopt;
    return take(rest, 0, 0);
  }
  const auto end = static_cast<std::size_t>(static_cast<const std::byte*>(newline) - buffer_.data());
  if (end - head_ > max_record_bytes_) return too_large(end - head_);
  return take(end - head_, 0, 1);
}

Result<std::optional<Bytes>> LineSplitter::next_delimited() {
  const std::size_t have = buffer_.size() - head_;
  if (have == 0) return std::nullopt;
  std::size_t wanted = kLengthBytes;
  if (have >= kLengthBytes) {
    const std::size_t record_bytes = load_be<std::uint32_t>(buffer_.data() + head_);
    if (record_bytes > max_record_bytes_) return too_large(record_bytes);
    wanted += record_bytes;
    if (have >= wanted) return take(record_bytes, kLengthBytes, 0);
  }
  if (!finished_) return std::nullopt;
  return fail(Errc::malformed, "record " + std::to_string(records_ + 1) + ": the input ends after " +
                                   std::to_string(have) + " of its " + std::to_string(wanted) +
                                   " bytes (length included); was it cut off?");
}

Bytes LineSplitter::take(std::size_t record_bytes, std::size_t framing_bytes_before,
                         std::size_t framing_bytes_after) {
  const Bytes record = Bytes(buffer_).subspan(head_ + framing_bytes_before, record_bytes);
  head_ += framing_bytes_before + record_bytes + framing_bytes_after;
  scanned_ = head_;
  ++records_;
  return record;
}

std::unexpected<Error> LineSplitter::too_large(std::size_t at_least_bytes) const {
  const bool lines = framing_ == Framing::lines;
  return fail(Errc::too_large, (lines ? "line " : "record ") + std::to_string(records_ + 1) + " has " +
                                   (lines ? "at least " : "") + std::to_string(at_least_bytes) +
                                   " bytes, more than the " + std::to_string(max_record_bytes_) +
                                   " a record may have" +
                                   (lines ? "" : "; is the input length-delimited (u32, big-endian)?"));
}

}  // namespace felix::io
