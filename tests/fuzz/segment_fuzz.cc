// Whatever is done to a log's only file, no record read from it is another than was written. Input: a file of any
// bytes when it begins with an even byte, otherwise edits of a good one: u16 position, u8 to be xored; and where
// the number of bytes is not a multiple of three, what the rest says of the file's new length.

#include <algorithm>

#include "fuzz/fuzz.h"
#include "storage/segment_log.h"
#include "support/virtual_disk.h"

using namespace felix;
using namespace felix::storage;

namespace {

constexpr SegmentLogOptions kOptions{1, 64 << 10};
constexpr int kBatches = 6;
const std::string kDirectory = "/log";
const std::string kPath = kDirectory + "/" + segment_name(0);

std::string record_at(Offset offset) { return "record " + std::to_string(offset) + " of this log"; }

std::vector<std::byte> good_file() {
  test::VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, kOptions);
  for (int i = 0; i < kBatches; ++i) {
    StoredBatch batch;
    batch.base_offset = log.tail();
    wire::RecordRunBuilder builder;
    for (Offset record = 0; record < 3; ++record) builder.append(as_bytes(record_at(log.tail() + record)));
    batch.run = builder.finish();
    if (i % 2 == 0) batch.provenance.publisher = std::make_shared<const std::string>("p");
    if (i % 3 == 0) batch.producer = ProducerMark{1, 2};
    FELIX_ASSERT(log.append({&batch, 1}, 1).has_value());
    if (i < kBatches - 2) FELIX_ASSERT(log.sync().has_value());
  }
  return disk.content(kPath);
}

std::vector<std::byte> edited(ByteReader& edits) {
  static const std::vector<std::byte> good = good_file();
  std::vector<std::byte> file = good;
  while (edits.remaining() >= 3) {
    const std::size_t at = edits.u16();
    file[at % file.size()] ^= static_cast<std::byte>(edits.u8());
  }
  if (edits.remaining() == 2) file.resize(edits.u16() % (2 * good.size()));
  return file;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader reader(fuzz::input(data, size));
  const bool is_file = reader.u8() % 2 == 0;
  const Bytes rest = Bytes(fuzz::input(data, size)).subspan(std::min<std::size_t>(size, 1));
  test::VirtualDisk disk;
  FELIX_ASSERT(disk.make_directories(kDirectory).has_value());
  FELIX_ASSERT(disk.open(kPath, io::Disk::Open::create).has_value());
  disk.content(kPath) = is_file ? std::vector<std::byte>(rest.begin(), rest.end()) : edited(reader);
  auto log = SegmentLog::open(disk, kDirectory, kOptions);
  if (!log) return 0;
  for (Offset next = log->oldest(); next < log->tail();) {
    const auto batches = log->read(next, 1000);
    if (!batches) break;
    FELIX_ASSERT(!batches->empty());
    for (const StoredBatch& batch : *batches)
      for (const Bytes record : batch.run) {
        if (!is_file) FELIX_ASSERT(as_text(record) == record_at(next));
        ++next;
      }
  }
  return 0;
}
