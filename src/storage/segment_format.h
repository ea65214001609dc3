#pragma once
// The bytes of a segment file: docs/LOG_FORMAT.md. All integers are big-endian.
//
//   header page   4096 bytes: the segment's header, two places for promises, an end mark
//   batches       header, extension, records, end mark; one behind the other without a gap
//   seal          in a segment that is complete: the index behind its own header, then 64 bytes that end the
//                 file
//
// Every length stands in a header whose own checksum is looked at first. Checksums are seeded with the
// segment's identity, so that bytes of another segment never pass for bytes of this one.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"

namespace felix::storage {

inline constexpr std::uint16_t kFormatVersion = 1;
inline constexpr std::size_t kHeaderPageBytes = 4096;  // where the first batch begins
inline constexpr std::size_t kSegmentHeaderBytes = 64;
inline constexpr std::size_t kPromiseBytes = 32;
inline constexpr std::array<std::uint32_t, 2> kPromiseAt = {1024,
                                                            2048};  // never in one sector, nor the header's
inline constexpr std::size_t kBatchHeaderBytes = 64;
inline constexpr std::size_t kSealBytes = 64;
inline constexpr std::size_t kIndexHeaderBytes = 16;  // of the list of blocks too
inline constexpr std::size_t kIndexEntryBytes = 24;

// What ends each batch and the header page: never zero, so that space which was only begun to be written
// shows.
inline constexpr std::array<std::byte, 4> kEndMark = {std::byte{0xFE}, std::byte{0x11}, std::byte{0xC5},
                                                      std::byte{0xE4}};

// Positions in a segment are 32 bits wide.
inline constexpr std::uint64_t kMaxSegmentBytes = std::uint64_t{2} << 30;

struct SegmentHeader {
  std::uint64_t log_id = 0;  // of the stream's incarnation and shard; another's segment is refused
  Offset base_offset = 0;    // of its first record
  std::int64_t created_at_us = 0;
  bool compressed = false;  // its batches are in blocks

  bool operator==(const SegmentHeader&) const = default;
};
std::array<std::byte, kSegmentHeaderBytes> encode_segment_header(const SegmentHeader& header);
// The whole page, without promises.
std::array<std::byte, kHeaderPageBytes> encode_header_page(const SegmentHeader& header);
// malformed, or newer_version when a newer build wrote it.
Result<SegmentHeader> parse_segment_header(Bytes bytes);
// Of every checksum inside the segment, compressed or not.
std::uint64_t checksum_seed(const SegmentHeader& header);

// What was on the device for certain: everything in front of `position`, and so every record before
// `end_offset`. Written now and then into the header page; of two the greater counts.
struct Promise {
  std::uint32_t position = 0;
  Offset end_offset = 0;

  bool operator==(const Promise&) const = default;
};
std::array<std::byte, kPromiseBytes> encode_promise(const Promise& promise, std::uint64_t seed);
std::optional<Promise> parse_promise(Bytes bytes, std::uint64_t seed);

// Which publisher's batch this is, for retries that must not be stored twice.
struct ProducerMark {
  std::uint64_t producer_id = 0;
  std::uint64_t sequence = 0;

  bool operator==(const ProducerMark&) const = default;
};

struct BatchHeader {
  Offset base_offset = 0;
  std::uint32_t count = 0;            // records, at least 1
  std::uint32_t records_bytes = 0;    // `count x (u32 length, bytes)`, as on the wire
  std::uint16_t extension_bytes = 0;  // producer's mark and publisher's name
  bool has_producer = false;
  bool has_publisher = false;
  std::uint64_t generation = 0;  // of the leader that wrote it; never falls along a log
  std::int64_t appended_at_us = 0;
  std::uint32_t key_id = 0;             // 0: the records are as they came
  std::uint32_t promised_position = 0;  // on the device for certain when this was written
  std::uint64_t body_checksum = 0;      // of extension and records: body_checksum()

  // From its first byte to behind its end mark.
  std::uint64_t extent_bytes() const {
    return kBatchHeaderBytes + std::uint64_t{extension_bytes} + records_bytes + kEndMark.size();
  }
  Offset end_offset() const { return base_offset + count; }
  bool operator==(const BatchHeader&) const = default;
};
std::array<std::byte, kBatchHeaderBytes> encode_batch_header(const BatchHeader& header, std::uint64_t seed);
// malformed when a checksum, a flag or a length is not what it must be.
Result<BatchHeader> parse_batch_header(Bytes bytes, std::uint64_t seed);

std::uint64_t body_checksum(Bytes extension, Bytes records, std::uint64_t seed);

// The extension: u64 producer and u64 sequence, if there is a mark; then the publisher's name.
struct Extension {
  std::optional<ProducerMark> producer;
  std::optional<std::string_view> publisher;  // a view into what was parsed
};
inline constexpr std::size_t kMaxPublisherBytes = 4096;
std::string encode_extension(const Extension& extension);
Result<Extension> parse_extension(const BatchHeader& header, Bytes bytes);

// Some batches of a segment, sparse: the first at or behind every so many bytes.
struct IndexEntry {
  Offset base_offset = 0;
  std::int64_t appended_at_us = 0;  // the greatest up to this batch, it included
  std::uint32_t position = 0;

  bool operator==(const IndexEntry&) const = default;
};
// The header (how many, and a checksum of all) and the entries.
std::vector<std::byte> encode_index(std::span<const IndexEntry> entries, std::uint64_t seed);
// Nothing when a byte of it is not as it was written.
std::optional<std::vector<IndexEntry>> parse_index(Bytes bytes, std::uint64_t seed);
// Whether an index was begun here: what a seal that was not finished leaves behind the last batch.
bool begins_index(Bytes bytes);

// Where a stretch of a compressed segment is found, and what it was.
struct BlockEntry {
  std::uint32_t position = 0;   // of its first byte, before it was compressed
  std::uint32_t bytes = 0;      // and how many
  std::uint32_t stored_at = 0;  // in the file
  std::uint32_t stored_bytes = 0;

  bool operator==(const BlockEntry&) const = default;
};
std::vector<std::byte> encode_blocks(std::span<const BlockEntry> blocks, std::uint64_t seed);
std::optional<std::vector<BlockEntry>> parse_blocks(Bytes bytes, std::uint64_t seed);

// The last bytes of a complete segment.
struct Seal {
  Offset end_offset = 0;          // one behind its last record
  std::int64_t last_time_us = 0;  // the greatest time of a batch
  std::uint64_t generation = 0;   // of its last batch
  std::uint32_t data_end = 0;     // position behind its last batch
  std::uint32_t index_at = 0;     // where the index begins: there, unless the segment is compressed
  std::uint32_t blocks_at = 0;    // where the list of blocks begins, if it is

  bool operator==(const Seal&) const = default;
};
std::array<std::byte, kSealBytes> encode_seal(const Seal& seal, std::uint64_t seed);
// Nothing when these bytes are no seal.
std::optional<Seal> parse_seal(Bytes bytes, std::uint64_t seed);

}  // namespace felix::storage
