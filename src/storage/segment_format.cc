#include "storage/segment_format.h"

#include <algorithm>

#include "base/contract.h"
#include "base/hash.h"

namespace felix::storage {
namespace {

constexpr std::uint64_t kSegmentMagic = 0x46454C4958534547;  // "FELIXSEG"
constexpr std::uint32_t kBatchMagic = 0x464C5842;            // "FLXB"
constexpr std::uint32_t kIndexMagic = 0x464C584E;            // "FLXN"
constexpr std::uint32_t kBlocksMagic = 0x464C585A;           // "FLXZ"
constexpr std::uint32_t kSealMagic = 0x464C5845;             // "FLXE"
constexpr std::uint16_t kFlagCompressed = 1;
constexpr std::uint16_t kFlagProducer = 1;
constexpr std::uint16_t kFlagPublisher = 2;
constexpr std::size_t kProducerMarkBytes = 16;

// Puts integers one behind the other, and a checksum of all before it at the end.
template <std::size_t Size>
class FixedWriter {
 public:
  template <class T>
  FixedWriter& put(T value) {
    FELIX_ASSERT(at_ + sizeof(T) <= Size);
    store_be(out_.data() + at_, value);
    at_ += sizeof(T);
    return *this;
  }
  FixedWriter& skip(std::size_t bytes) {
    at_ += bytes;
    return *this;
  }
  std::array<std::byte, Size> sealed(std::uint64_t seed) {
    FELIX_ASSERT(at_ == Size - sizeof(std::uint64_t));
    put(hash64(Bytes(out_).first(at_), seed));
    return out_;
  }

 private:
  std::array<std::byte, Size> out_{};
  std::size_t at_ = 0;
};

// Whether the last 8 bytes are the checksum of those before.
bool checksum_holds(Bytes bytes, std::uint64_t seed) {
  const std::size_t covered = bytes.size() - sizeof(std::uint64_t);
  return load_be<std::uint64_t>(bytes.data() + covered) == hash64(bytes.first(covered), seed);
}

}  // namespace

std::array<std::byte, kSegmentHeaderBytes> encode_segment_header(const SegmentHeader& header) {
  return FixedWriter<kSegmentHeaderBytes>()
      .put(kSegmentMagic)
      .put(kFormatVersion)
      .put(header.compressed ? kFlagCompressed : std::uint16_t{0})
      .put(std::uint32_t{0})
      .put(header.log_id)
      .put(header.base_offset)
      .put(static_cast<std::uint64_t>(header.created_at_us))
      .skip(16)
      .sealed(0);
}

std::array<std::byte, kHeaderPageBytes> encode_header_page(const SegmentHeader& header) {
  std::array<std::byte, kHeaderPageBytes> page{};
  std::ranges::copy(encode_segment_header(header), page.begin());
  std::ranges::copy(kEndMark, page.end() - kEndMark.size());
  return page;
}

Result<SegmentHeader> parse_segment_header(Bytes bytes) {
  if (bytes.size() < kSegmentHeaderBytes) return fail(Errc::malformed, "the header is cut off");
  bytes = bytes.first(kSegmentHeaderBytes);
  ByteReader reader(bytes);
  if (reader.u64() != kSegmentMagic) return fail(Errc::malformed, "this is no segment of a Felix log");
  const std::uint16_t version = reader.u16();
  if (!checksum_holds(bytes, 0)) return fail(Errc::malformed, "the header's checksum does not hold");
  if (version > kFormatVersion)
    return fail(Errc::newer_version, "written in format " + std::to_string(version) +
                                         ", and this felix reads up to format " +
                                         std::to_string(kFormatVersion) + "; use a newer felix");
  const std::uint16_t flags = reader.u16();
  if (version == 0 || (flags & ~kFlagCompressed) != 0)
    return fail(Errc::malformed, "the header has flags that do not exist");
  reader.u32();
  SegmentHeader header;
  header.log_id = reader.u64();
  header.base_offset = reader.u64();
  header.created_at_us = static_cast<std::int64_t>(reader.u64());
  header.compressed = (flags & kFlagCompressed) != 0;
  return header;
}

std::uint64_t checksum_seed(const SegmentHeader& header) {
  SegmentHeader as_written = header;
  as_written.compressed = false;
  return hash64(Bytes(encode_segment_header(as_written)));
}

std::array<std::byte, kPromiseBytes> encode_promise(const Promise& promise, std::uint64_t seed) {
  return FixedWriter<kPromiseBytes>()
      .put(std::uint32_t{1})
      .put(promise.position)
      .put(promise.end_offset)
      .skip(8)
      .sealed(seed);
}

std::optional<Promise> parse_promise(Bytes bytes, std::uint64_t seed) {
  if (bytes.size() < kPromiseBytes || !checksum_holds(bytes.first(kPromiseBytes), seed)) return std::nullopt;
  ByteReader reader(bytes);
  if (reader.u32() != 1) return std::nullopt;
  Promise promise;
  promise.position = reader.u32();
  promise.end_offset = reader.u64();
  return promise;
}

std::array<std::byte, kBatchHeaderBytes> encode_batch_header(const BatchHeader& header, std::uint64_t seed) {
  const auto flags = static_cast<std::uint16_t>((header.has_producer ? kFlagProducer : 0) |
                                                (header.has_publisher ? kFlagPublisher : 0));
  return FixedWriter<kBatchHeaderBytes>()
      .put(kBatchMagic)
      .put(header.records_bytes)
      .put(header.base_offset)
      .put(header.count)
      .put(flags)
      .put(header.extension_bytes)
      .put(header.generation)
      .put(static_cast<std::uint64_t>(header.appended_at_us))
      .put(header.key_id)
      .put(header.promised_position)
      .put(header.body_checksum)
      .sealed(seed);
}

Result<BatchHeader> parse_batch_header(Bytes bytes, std::uint64_t seed) {
  if (bytes.size() < kBatchHeaderBytes) return fail(Errc::malformed, "the batch's header is cut off");
  bytes = bytes.first(kBatchHeaderBytes);
  ByteReader reader(bytes);
  if (reader.u32() != kBatchMagic) return fail(Errc::malformed, "no batch begins here");
  if (!checksum_holds(bytes, seed))
    return fail(Errc::malformed, "the checksum of a batch's header does not hold");
  BatchHeader header;
  header.records_bytes = reader.u32();
  header.base_offset = reader.u64();
  header.count = reader.u32();
  const std::uint16_t flags = reader.u16();
  header.extension_bytes = reader.u16();
  header.has_producer = (flags & kFlagProducer) != 0;
  header.has_publisher = (flags & kFlagPublisher) != 0;
  header.generation = reader.u64();
  header.appended_at_us = static_cast<std::int64_t>(reader.u64());
  header.key_id = reader.u32();
  header.promised_position = reader.u32();
  header.body_checksum = reader.u64();
  if ((flags & ~(kFlagProducer | kFlagPublisher)) != 0 || header.count == 0 ||
      header.records_bytes / sizeof(std::uint32_t) < header.count)
    return fail(Errc::malformed, "a batch's header contradicts itself");
  return header;
}

std::string encode_extension(const Extension& extension) {
  std::string out;
  if (extension.producer) {
    std::array<std::byte, kProducerMarkBytes> mark{};
    store_be(mark.data(), extension.producer->producer_id);
    store_be(mark.data() + sizeof(std::uint64_t), extension.producer->sequence);
    out.append(as_text(mark));
  }
  if (extension.publisher) out.append(extension.publisher->substr(0, kMaxPublisherBytes));
  return out;
}

Result<Extension> parse_extension(const BatchHeader& header, Bytes bytes) {
  ByteReader reader(bytes);
  Extension extension;
  if (header.has_producer) {
    ProducerMark mark;
    mark.producer_id = reader.u64();
    mark.sequence = reader.u64();
    extension.producer = mark;
  }
  if (header.has_publisher) extension.publisher = as_text(reader.rest());
  if (!reader.ok() || !reader.at_end()) return fail(Errc::malformed, "a batch's extension does not parse");
  return extension;
}

std::uint64_t body_checksum(Bytes extension, Bytes records, std::uint64_t seed) {
  return hash64(records, extension.empty() ? seed : hash64(extension, seed));
}

namespace {

// What a list begins with: what it is, how many entries, and a checksum of them, which seal_list() fills in.
void begin_list(ByteWriter& writer, std::uint32_t magic, std::size_t entries) {
  writer.u32(magic);
  writer.u32(static_cast<std::uint32_t>(entries));
  writer.u64(0);
}
void seal_list(std::vector<std::byte>& list, std::uint64_t seed) {
  store_be(list.data() + 2 * sizeof(std::uint32_t), hash64(Bytes(list).subspan(kIndexHeaderBytes), seed));
}
// How many entries follow; nothing when the list does not hold.
std::optional<std::uint32_t> open_list(ByteReader& reader, Bytes bytes, std::uint32_t magic,
                                       std::size_t entry_bytes, std::uint64_t seed) {
  const bool right = reader.u32() == magic;
  const std::uint32_t count = reader.u32();
  const std::uint64_t checksum = reader.u64();
  if (!reader.ok() || !right || reader.remaining() / entry_bytes != count ||
      reader.remaining() % entry_bytes != 0 || checksum != hash64(bytes.subspan(kIndexHeaderBytes), seed))
    return std::nullopt;
  return count;
}

}  // namespace

std::vector<std::byte> encode_index(std::span<const IndexEntry> entries, std::uint64_t seed) {
  std::vector<std::byte> out;
  out.reserve(kIndexHeaderBytes + entries.size() * kIndexEntryBytes);
  ByteWriter writer(out);
  begin_list(writer, kIndexMagic, entries.size());
  for (const IndexEntry& entry : entries) {
    writer.u64(entry.base_offset);
    writer.u64(static_cast<std::uint64_t>(entry.appended_at_us));
    writer.u32(entry.position);
    writer.u32(0);
  }
  seal_list(out, seed);
  return out;
}

std::optional<std::vector<IndexEntry>> parse_index(Bytes bytes, std::uint64_t seed) {
  ByteReader reader(bytes);
  const auto count = open_list(reader, bytes, kIndexMagic, kIndexEntryBytes, seed);
  if (!count) return std::nullopt;
  std::vector<IndexEntry> entries(*count);
  for (IndexEntry& entry : entries) {
    entry.base_offset = reader.u64();
    entry.appended_at_us = static_cast<std::int64_t>(reader.u64());
    entry.position = reader.u32();
    reader.u32();
  }
  return entries;
}

std::vector<std::byte> encode_blocks(std::span<const BlockEntry> blocks, std::uint64_t seed) {
  std::vector<std::byte> out;
  out.reserve(kIndexHeaderBytes + blocks.size() * sizeof(BlockEntry));
  ByteWriter writer(out);
  begin_list(writer, kBlocksMagic, blocks.size());
  for (const BlockEntry& block : blocks)
    for (const std::uint32_t field : {block.position, block.bytes, block.stored_at, block.stored_bytes})
      writer.u32(field);
  seal_list(out, seed);
  return out;
}

std::optional<std::vector<BlockEntry>> parse_blocks(Bytes bytes, std::uint64_t seed) {
  ByteReader reader(bytes);
  const auto count = open_list(reader, bytes, kBlocksMagic, sizeof(BlockEntry), seed);
  if (!count) return std::nullopt;
  std::vector<BlockEntry> blocks(*count);
  for (BlockEntry& block : blocks)
    for (std::uint32_t* const field : {&block.position, &block.bytes, &block.stored_at, &block.stored_bytes})
      *field = reader.u32();
  return blocks;
}

bool begins_index(Bytes bytes) {
  return bytes.size() >= sizeof(std::uint32_t) && load_be<std::uint32_t>(bytes.data()) == kIndexMagic;
}

std::array<std::byte, kSealBytes> encode_seal(const Seal& seal, std::uint64_t seed) {
  return FixedWriter<kSealBytes>()
      .put(kSealMagic)
      .put(seal.data_end)
      .put(seal.end_offset)
      .put(static_cast<std::uint64_t>(seal.last_time_us))
      .put(seal.generation)
      .put(seal.index_at)
      .put(seal.blocks_at)
      .skip(16)
      .sealed(seed);
}

std::optional<Seal> parse_seal(Bytes bytes, std::uint64_t seed) {
  if (bytes.size() < kSealBytes || !checksum_holds(bytes.first(kSealBytes), seed)) return std::nullopt;
  ByteReader reader(bytes);
  if (reader.u32() != kSealMagic) return std::nullopt;
  Seal seal;
  seal.data_end = reader.u32();
  seal.end_offset = reader.u64();
  seal.last_time_us = static_cast<std::int64_t>(reader.u64());
  seal.generation = reader.u64();
  seal.index_at = reader.u32();
  seal.blocks_at = reader.u32();
  return seal;
}

}  // namespace felix::storage
