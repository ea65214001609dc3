#pragma once
// What travels from a stream to its readers.

#include "base/ids.h"
#include "base/time.h"
#include "wire/provenance.h"
#include "wire/record_run.h"

namespace felix::streams {

// Records [base_offset, base_offset + run.count()) of one stream, contiguous, shared by all who hold it.
struct Delivery {
  Offset base_offset = 0;
  wire::RecordRun run;
  wire::Provenance provenance;
  // When the records were appended, for the publish-to-deliver latency. MonoTime{} for history, which has no
  // such latency.
  MonoTime appended_at{};

  Offset end_offset() const { return base_offset + run.count(); }
};

}  // namespace felix::streams
