#include "storage/batch_scan.h"

#include <algorithm>
#include <cstring>

namespace felix::storage {

bool is_blank(Bytes bytes) {
  // Each byte equals its neighbour, and the first is zero.
  return bytes.empty() ||
         (bytes[0] == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

BatchScan::BatchScan(io::DiskFile& file, std::uint64_t seed, std::uint32_t position, Offset next_offset,
                     std::uint64_t end, std::size_t window_bytes)
    : file_(file),
      seed_(seed),
      position_(position),
      next_offset_(next_offset),
      end_(end),
      window_bytes_(window_bytes) {}

Result<Bytes> BatchScan::window(std::uint64_t bytes) {
  const std::uint64_t wanted = std::min(bytes, end_ - position_);
  const bool have = position_ >= buffer_at_ && position_ + wanted <= buffer_at_ + buffered_;
  if (!have) {
    const std::uint64_t size = std::min(std::max<std::uint64_t>(wanted, window_bytes_), end_ - position_);
    if (buffer_.size() < size) buffer_.resize(size);
    FELIX_TRY(buffered_, file_.read(MutableBytes(buffer_).first(size), position_));
    buffer_at_ = position_;
  }
  const Bytes seen = Bytes(buffer_).first(buffered_).subspan(position_ - buffer_at_);
  return seen.first(std::min<std::uint64_t>(seen.size(), wanted));
}

std::optional<BatchScan::Found> BatchScan::stopped(Stop why) {
  stop_ = why;
  return std::nullopt;
}

Result<std::optional<BatchScan::Found>> BatchScan::next() {
  FELIX_TRY(const Bytes head, window(kBatchHeaderBytes));
  if (head.empty()) return stopped(Stop::end);
  if (is_blank(head)) return stopped(Stop::blank);
  if (head.size() < kBatchHeaderBytes) return stopped(Stop::cut_off);
  const auto header = parse_batch_header(head, seed_);
  if (!header) return stopped(Stop::bad_header);
  const std::uint64_t extent = header->extent_bytes();
  if (extent > end_ - position_) return stopped(Stop::cut_off);
  FELIX_TRY(const Bytes whole, window(extent));
  if (whole.size() < extent) return stopped(Stop::cut_off);
  Found found{*header, static_cast<std::uint32_t>(position_),
              whole.subspan(kBatchHeaderBytes, header->extension_bytes),
              whole.subspan(kBatchHeaderBytes + header->extension_bytes, header->records_bytes)};
  if (body_checksum(found.extension, found.records, seed_) != header->body_checksum)
    return stopped(Stop::bad_body);
  if (header->base_offset != next_offset_ || header->generation < generation_)
    return stopped(Stop::bad_place);
  position_ += extent;
  next_offset_ = header->end_offset();
  generation_ = header->generation;
  return std::optional(found);
}

}  // namespace felix::storage
