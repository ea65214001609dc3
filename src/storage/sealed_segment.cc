#include "storage/sealed_segment.h"

#include <vector>

#include "storage/batch_scan.h"

namespace felix::storage {
namespace {

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

Result<std::optional<Seal>> SealedSegment::find_seal(io::DiskFile& file, const SegmentHeader& header,
                                                     std::uint64_t file_bytes) {
  if (file_bytes < kHeaderPageBytes + kIndexHeaderBytes + kSealBytes || file_bytes > 2 * kMaxSegmentBytes)
    return std::nullopt;
  std::array<std::byte, kSealBytes> bytes{};
  FELIX_TRY(const std::size_t got, file.read(bytes, file_bytes - kSealBytes));
  auto seal = parse_seal(Bytes(bytes).first(got), checksum_seed(header));
  if (!seal || seal->data_end < kHeaderPageBytes || seal->data_end > file_bytes - kSealBytes ||
      seal->end_offset < header.base_offset)
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
              read_index(*file, seal_.data_end, file_bytes_ - kSealBytes, checksum_seed(header_)));
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

}  // namespace felix::storage
