#include "storage/sealed_segment.h"

#include <vector>

#include "storage/batch_scan.h"
#include "storage/compressed_file.h"

namespace felix::storage {
namespace {

constexpr std::string_view kCopySuffix = ".copy";

// The index as it was written; nothing when it does not hold.
Result<std::optional<std::vector<IndexEntry>>> read_index(io::DiskFile& file, std::uint64_t from,
                                                          std::uint64_t to, std::uint64_t seed) {
  std::vector<std::byte> bytes(to - from);
  FELIX_TRY(const std::size_t got, file.read(bytes, from));
  return parse_index(Bytes(bytes).first(got), seed);
}

// From the batches, as far as they are whole: readers find the damage behind.
Result<SparseIndex> rebuild_index(io::DiskFile& file, const SegmentHeader& header, std::uint64_t data_end) {
  SparseIndex index;
  BatchScan scan(file, checksum_seed(header), kHeaderPageBytes, header.base_offset, data_end);
  for (;;) {
    FELIX_TRY(const auto found, scan.next());
    if (!found) return index;
    index.add(found->header, found->position);
  }
}

}  // namespace

std::string copy_name(Offset base_offset) { return segment_name(base_offset) + std::string(kCopySuffix); }
bool is_copy_name(std::string_view name) {
  return name.ends_with(kCopySuffix) &&
         parse_segment_name(name.substr(0, name.size() - kCopySuffix.size())).has_value();
}

Result<std::optional<Seal>> SealedSegment::find_seal(io::DiskFile& file, const SegmentHeader& header,
                                                     std::uint64_t file_bytes) {
  if (file_bytes < kHeaderPageBytes + kIndexHeaderBytes + kSealBytes || file_bytes > 2 * kMaxSegmentBytes)
    return std::nullopt;
  std::array<std::byte, kSealBytes> bytes{};
  FELIX_TRY(const std::size_t got, file.read(bytes, file_bytes - kSealBytes));
  auto seal = parse_seal(Bytes(bytes).first(got), checksum_seed(header));
  if (!seal || seal->data_end < kHeaderPageBytes || seal->index_at > file_bytes - kSealBytes ||
      seal->end_offset < header.base_offset || (seal->blocks_at != 0) != header.compressed ||
      seal->blocks_at > seal->index_at || (!header.compressed && seal->index_at != seal->data_end))
    return std::nullopt;
  return seal;
}

SegmentView SealedSegment::view_of(const Opened& opened) const {
  return {opened.file, path_, header_, seal_.end_offset, seal_.data_end, &opened.index};
}

Result<SegmentView> SealedSegment::view(io::Disk& disk) {
  if (opened_ == nullptr) {
    FELIX_TRY(std::shared_ptr<io::DiskFile> file, disk.open(path_, io::Disk::Open::read_only));
    FELIX_TRY(auto entries,
              read_index(*file, seal_.index_at, file_bytes_ - kSealBytes, checksum_seed(header_)));
    if (header_.compressed) {
      FELIX_TRY(file, CompressedFile::open(std::move(file), path_, header_, seal_));
    }
    SparseIndex index;
    if (entries) {
      index = SparseIndex(std::move(*entries));
    } else {
      FELIX_TRY(index, rebuild_index(*file, header_, seal_.data_end));
    }
    opened_ = std::make_unique<Opened>(Opened{std::move(file), std::move(index)});
  }
  return view_of(*opened_);
}

Status SealedSegment::compress(io::Disk& disk, const std::string& directory, int level) {
  if (header_.compressed) return {};
  const std::string copy = directory + "/" + copy_name(header_.base_offset);
  auto made = write_copy(disk, copy, level);
  Status outcome = made ? Status{} : std::unexpected(made.error());
  const bool smaller = made && made->file_bytes <= file_bytes_ / 10 * 9;
  if (smaller) outcome = disk.rename(copy, path_);
  if (!smaller || !outcome) {
    const Status removed = disk.remove(copy);
    return outcome ? removed : outcome;
  }
  FELIX_CHECK(disk.sync_directory(directory));
  close();
  header_ = made->header;
  seal_ = made->seal;
  file_bytes_ = made->file_bytes;
  return {};
}

Result<SealedSegment::Copy> SealedSegment::write_copy(io::Disk& disk, const std::string& path, int level) {
  FELIX_TRY(const SegmentView plain, view(disk));
  FELIX_TRY(const auto file, disk.open(path, io::Disk::Open::create));
  const std::uint64_t seed = checksum_seed(header_);
  Copy copy{header_, seal_, 0};
  copy.header.compressed = true;
  const auto page = encode_header_page(copy.header);
  const Bytes first = page;
  FELIX_CHECK(file->write(std::span(&first, 1), 0));
  FELIX_TRY(const auto blocks, write_blocks(*plain.file, seal_.data_end, *file, level));
  copy.seal.blocks_at =
      blocks.empty() ? kHeaderPageBytes : blocks.back().stored_at + blocks.back().stored_bytes;
  const std::vector<std::byte> list = encode_blocks(blocks, seed);
  copy.seal.index_at = copy.seal.blocks_at + static_cast<std::uint32_t>(list.size());
  const std::vector<std::byte> index = encode_index(plain.index->entries(), seed);
  const auto seal = encode_seal(copy.seal, seed);
  const std::array<Bytes, 3> tail = {list, index, seal};
  FELIX_CHECK(file->write(tail, copy.seal.blocks_at));
  FELIX_CHECK(file->sync());
  copy.file_bytes = copy.seal.index_at + index.size() + kSealBytes;
  return copy;
}

}  // namespace felix::storage
