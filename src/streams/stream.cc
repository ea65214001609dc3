#include "streams/stream.h"

#include "flow/compact.h"

namespace felix::streams {

wire::RecordRun compacted(const wire::RecordRun& run) {
  const flow::Slice copy = flow::compacted(run.slice());
  if (copy.footprint_bytes() == run.footprint_bytes()) return run;
  auto parsed = wire::RecordRun::parse(copy, run.count());
  FELIX_ASSERT(parsed.has_value());
  return *std::move(parsed);
}

}  // namespace felix::streams
