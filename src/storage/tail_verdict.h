#pragma once
// What lies behind the last whole batch of a segment that was not sealed: a write that a crash left
// unfinished, which nobody was told about and which may be cut off; or damage to what was kept, which may
// not.
//
// Cut is only what is proved to be unfinished: space that was never written, a file that ends inside a batch,
// a batch whose end mark or one of whose sectors is still blank, a seal that was begun. And only when nothing
// promises it: neither the header page nor any batch further on. Everything else is ambiguous, and an error.

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "io/disk.h"
#include "storage/batch_scan.h"
#include "storage/segment_format.h"

namespace felix::storage {

struct Tail {
  std::uint64_t end = 0;            // of the file that may be kept: behind the last whole batch
  std::uint64_t dropped_bytes = 0;  // behind it, from the first to the last that is not zero
};

// `scan` stands at its end, `file_size` is what it was given, `promise` the greatest that is known. corrupt,
// with what was found where, when something that was kept may be damaged.
Result<Tail> judge_tail(io::DiskFile& file, const BatchScan& scan, std::uint64_t seed,
                        std::uint64_t file_size, const Promise& promise);

}  // namespace felix::storage
