#include "storage/tail_verdict.h"

#include <algorithm>
#include <vector>

namespace felix::storage {
namespace {

constexpr std::size_t kSectorBytes = 512;  // what devices write whole
constexpr std::size_t kChunkBytes = std::size_t{256} << 10;

// What the rest of the file holds, seen in one pass.
struct Rest {
  std::uint64_t last_byte = 0;    // behind the last that is not zero; 0: all are
  std::uint32_t promised = 0;     // the greatest promise of a batch
  std::uint64_t promised_at = 0;  // where that batch begins
};

Result<Rest> survey(io::DiskFile& file, std::uint64_t from, std::uint64_t to, std::uint64_t seed) {
  Rest rest;
  std::vector<std::byte> chunk(kChunkBytes + kBatchHeaderBytes);
  for (std::uint64_t at = from; at < to; at += kChunkBytes) {
    // Chunks overlap by a header, so that none is missed at an edge.
    FELIX_TRY(const std::size_t got,
              file.read(MutableBytes(chunk).first(std::min<std::uint64_t>(chunk.size(), to - at)), at));
    const Bytes bytes = Bytes(chunk).first(got);
    if (is_blank(bytes)) continue;
    for (std::size_t i = 0; i < got; ++i) {
      if (bytes[i] == std::byte{0}) continue;
      rest.last_byte = std::max(rest.last_byte, at + i + 1);
      if (i >= kChunkBytes) continue;
      if (const auto header = parse_batch_header(bytes.subspan(i), seed);
          header && header->promised_position > rest.promised) {
        rest.promised = header->promised_position;
        rest.promised_at = at + i;
      }
    }
  }
  return rest;
}

// Whether a sector, as far as it lies in [from, to), was never written.
Result<bool> has_blank_sector(io::DiskFile& file, std::uint64_t from, std::uint64_t to) {
  std::vector<std::byte> bytes(to - from);
  FELIX_TRY(const std::size_t got, file.read(bytes, from));
  if (got < bytes.size()) return true;
  for (std::uint64_t at = from; at < to;) {
    const std::uint64_t sector_end = std::min(to, (at / kSectorBytes + 1) * kSectorBytes);
    if (is_blank(Bytes(bytes).subspan(at - from, sector_end - at))) return true;
    at = sector_end;
  }
  return false;
}

// Whether the write of a batch at `at`, whose header does not hold, was not finished. `last_byte` as in Rest.
Result<bool> header_unfinished(io::DiskFile& file, std::uint64_t at, std::uint64_t size,
                               std::uint64_t last_byte) {
  const std::uint64_t header_end = at + kBatchHeaderBytes;
  if (last_byte <= header_end) return true;  // a whole batch would end in its mark
  std::vector<std::byte> head(kBatchHeaderBytes);
  FELIX_TRY(const std::size_t got, file.read(head, at));
  if (begins_index(Bytes(head).first(got))) return true;
  const std::uint64_t edge = (at / kSectorBytes + 1) * kSectorBytes;
  if (edge >= header_end) return false;
  // The header lies in two sectors, and one of them may have been lost.
  if (is_blank(Bytes(head).first(edge - at))) return true;
  return has_blank_sector(file, edge, std::min(edge + kSectorBytes, size));
}

Result<bool> body_unfinished(io::DiskFile& file, std::uint64_t at, std::uint64_t seed) {
  std::vector<std::byte> head(kBatchHeaderBytes);
  FELIX_TRY(const std::size_t got, file.read(head, at));
  FELIX_TRY(const BatchHeader header, parse_batch_header(Bytes(head).first(got), seed));
  const std::uint64_t end = at + header.extent_bytes();
  std::array<std::byte, kEndMark.size()> mark{};
  FELIX_TRY(const std::size_t mark_bytes, file.read(mark, end - mark.size()));
  if (mark_bytes < mark.size() || mark != kEndMark) return true;
  return has_blank_sector(file, at, end);
}

std::unexpected<Error> ambiguous(const BatchScan& scan, std::string_view what) {
  return fail(Errc::corrupt, "at byte " + std::to_string(scan.position()) + ", where record " +
                                 std::to_string(scan.next_offset()) + " belongs, " + std::string(what));
}

std::string_view describe(BatchScan::Stop stop) {
  switch (stop) {
    case BatchScan::Stop::end:
      return "the file ends";
    case BatchScan::Stop::blank:
      return "nothing is written";
    case BatchScan::Stop::cut_off:
      return "the file ends inside a batch";
    case BatchScan::Stop::bad_header:
      return "the header of a batch is damaged";
    case BatchScan::Stop::bad_body:
      return "the records of a batch are damaged";
    case BatchScan::Stop::bad_place:
      return "a batch stands that belongs elsewhere";
  }
  return "";
}

}  // namespace

Result<Tail> judge_tail(io::DiskFile& file, const BatchScan& scan, std::uint64_t seed,
                        std::uint64_t file_size, const Promise& promise) {
  using Stop = BatchScan::Stop;
  const std::uint64_t at = scan.position();
  if (at < promise.position)
    return ambiguous(scan, std::string(describe(scan.stop())) + ", though the log was whole up to byte " +
                               std::to_string(promise.position) + " and record " +
                               std::to_string(promise.end_offset));
  if (scan.stop() == Stop::end) return Tail{at, 0};
  FELIX_TRY(const Rest rest, survey(file, at, file_size, seed));
  if (rest.promised > at)
    return ambiguous(scan, std::string(describe(scan.stop())) + ", though the batch at byte " +
                               std::to_string(rest.promised_at) + " says the log was whole up to byte " +
                               std::to_string(rest.promised));
  bool unfinished = scan.stop() == Stop::blank || scan.stop() == Stop::cut_off;
  if (scan.stop() == Stop::bad_header) {
    FELIX_TRY(unfinished, header_unfinished(file, at, file_size, rest.last_byte));
  } else if (scan.stop() == Stop::bad_body) {
    FELIX_TRY(unfinished, body_unfinished(file, at, seed));
  }
  if (!unfinished) return ambiguous(scan, describe(scan.stop()));
  return Tail{at, rest.last_byte > at ? rest.last_byte - at : 0};
}

}  // namespace felix::storage
