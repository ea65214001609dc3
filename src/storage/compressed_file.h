#pragma once
// The batches of a compressed segment as they were before: the same bytes at the same positions, so that
// whoever reads segments need not know. Blocking; one thread.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/disk.h"
#include "storage/segment_format.h"

namespace felix::storage {

// What is compressed at once: the least that is read, and decompressed, for one batch.
inline constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

// Only to be read, from the first batch to the last.
class CompressedFile final : public io::DiskFile {
 public:
  // corrupt, which names `path`, when the list of its blocks does not hold.
  static Result<std::shared_ptr<io::DiskFile>> open(std::shared_ptr<io::DiskFile> file,
                                                    const std::string& path, const SegmentHeader& header,
                                                    const Seal& seal);

  Result<std::size_t> read(MutableBytes into, std::uint64_t position) override;
  Result<std::optional<std::size_t>> read_cached(MutableBytes, std::uint64_t) override {
    return std::nullopt;
  }
  Result<std::uint64_t> size() override { return data_end_; }
  Status write(std::span<const Bytes> parts, std::uint64_t position) override;
  Status resize(std::uint64_t size) override;
  Status sync() override { return {}; }

 private:
  CompressedFile(std::shared_ptr<io::DiskFile> file, std::string path, std::uint64_t data_end,
                 std::vector<BlockEntry> blocks)
      : file_(std::move(file)), path_(std::move(path)), data_end_(data_end), blocks_(std::move(blocks)) {}
  // Makes block_ the one that holds `position`.
  std::unexpected<Error> damaged(const BlockEntry& block, std::string_view what) const;
  Result<const BlockEntry*> load(std::uint64_t position);

  std::shared_ptr<io::DiskFile> file_;
  std::string path_;
  std::uint64_t data_end_;
  std::vector<BlockEntry> blocks_;  // without a gap from the header page to data_end_
  const BlockEntry* loaded_ = nullptr;
  std::vector<std::byte> block_;   // of loaded_
  std::vector<std::byte> stored_;  // the same before it was decompressed
};

// Writes the batches of an uncompressed segment in blocks behind `file`'s first page; the blocks, in order.
Result<std::vector<BlockEntry>> write_blocks(io::DiskFile& from, std::uint64_t data_end, io::DiskFile& file,
                                             int level);

}  // namespace felix::storage
