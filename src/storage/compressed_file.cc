#include "storage/compressed_file.h"

#include <algorithm>

#include <zstd.h>

#include "base/contract.h"

namespace felix::storage {
namespace {

// Blocks follow each other in both the file and what it was, and are no larger than we make them.
bool plausible(std::span<const BlockEntry> blocks, const Seal& seal) {
  std::uint64_t position = kHeaderPageBytes;
  std::uint64_t stored = kHeaderPageBytes;
  for (const BlockEntry& block : blocks) {
    if (block.position != position || block.stored_at != stored || block.bytes == 0 ||
        block.bytes > kBlockBytes || block.stored_bytes > ZSTD_compressBound(kBlockBytes))
      return false;
    position += block.bytes;
    stored += block.stored_bytes;
  }
  return position == seal.data_end && stored == seal.blocks_at;
}

std::unexpected<Error> damaged_at(const std::string& path, std::uint64_t byte, std::string_view what) {
  return fail(Errc::corrupt, path + ": damaged at byte " + std::to_string(byte) + ": " + std::string(what) +
                                 "; restore the file from a copy");
}

}  // namespace

Result<std::shared_ptr<io::DiskFile>> CompressedFile::open(std::shared_ptr<io::DiskFile> file,
                                                           const std::string& path,
                                                           const SegmentHeader& header, const Seal& seal) {
  std::vector<std::byte> bytes(seal.index_at - seal.blocks_at);
  FELIX_TRY(const std::size_t got, file->read(bytes, seal.blocks_at));
  auto blocks = parse_blocks(Bytes(bytes).first(got), checksum_seed(header));
  if (!blocks || !plausible(*blocks, seal))
    return damaged_at(path, seal.blocks_at, "the list of its blocks does not hold");
  return std::shared_ptr<io::DiskFile>(
      new CompressedFile(std::move(file), path, seal.data_end, std::move(*blocks)));
}

std::unexpected<Error> CompressedFile::damaged(const BlockEntry& block, std::string_view what) const {
  return damaged_at(path_, block.stored_at, what);
}

Result<const BlockEntry*> CompressedFile::load(std::uint64_t position) {
  const auto after =
      std::upper_bound(blocks_.begin(), blocks_.end(), position,
                       [](std::uint64_t wanted, const BlockEntry& block) { return wanted < block.position; });
  FELIX_ASSERT(after != blocks_.begin());
  const BlockEntry& block = *(after - 1);
  if (loaded_ == &block) return loaded_;
  loaded_ = nullptr;
  stored_.resize(block.stored_bytes);
  block_.resize(block.bytes);
  FELIX_TRY(const std::size_t got, file_->read(stored_, block.stored_at));
  if (got < stored_.size()) return damaged(block, "the file is too short");
  const std::size_t made = ZSTD_decompress(block_.data(), block_.size(), stored_.data(), stored_.size());
  if (ZSTD_isError(made) != 0) return damaged(block, ZSTD_getErrorName(made));
  if (made != block_.size()) return damaged(block, "a block holds less than its list says");
  return loaded_ = &block;
}

Result<std::size_t> CompressedFile::read(MutableBytes into, std::uint64_t position) {
  std::size_t done = 0;
  while (done < into.size() && position + done < data_end_) {
    FELIX_TRY(const BlockEntry* const block, load(position + done));
    const std::size_t skip = static_cast<std::size_t>(position + done - block->position);
    const std::size_t count = std::min(into.size() - done, block_.size() - skip);
    std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(skip), count,
                into.begin() + static_cast<std::ptrdiff_t>(done));
    done += count;
  }
  return done;
}

Status CompressedFile::write(std::span<const Bytes> /*parts*/, std::uint64_t /*position*/) {
  FELIX_UNREACHABLE("compressed segments are only read");
}
Status CompressedFile::resize(std::uint64_t /*size*/) {
  FELIX_UNREACHABLE("compressed segments are only read");
}

Result<std::vector<BlockEntry>> write_blocks(io::DiskFile& from, std::uint64_t data_end, io::DiskFile& file,
                                             int level) {
  std::vector<BlockEntry> blocks;
  std::vector<std::byte> plain(kBlockBytes);
  std::vector<std::byte> stored(ZSTD_compressBound(kBlockBytes));
  std::uint64_t stored_at = kHeaderPageBytes;
  for (std::uint64_t position = kHeaderPageBytes; position < data_end; position += blocks.back().bytes) {
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(kBlockBytes, data_end - position));
    FELIX_TRY(const std::size_t got, from.read(MutableBytes(plain).first(wanted), position));
    if (got < wanted) return fail(Errc::corrupt, "the file is shorter than its seal says");
    const std::size_t made = ZSTD_compress(stored.data(), stored.size(), plain.data(), got, level);
    if (ZSTD_isError(made) != 0) return fail(Errc::internal, ZSTD_getErrorName(made));
    const Bytes part = Bytes(stored).first(made);
    FELIX_CHECK(file.write(std::span(&part, 1), stored_at));
    blocks.push_back({static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(got),
                      static_cast<std::uint32_t>(stored_at), static_cast<std::uint32_t>(made)});
    stored_at += made;
  }
  return blocks;
}

}  // namespace felix::storage
