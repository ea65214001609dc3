// A share of the crew in a process of its own.

#include "bench/crew.h"
#include "bench/outcome_bytes.h"

namespace felix::bench {

Result<Crew::Process> Crew::fork_process(const Share& share) {
  FELIX_TRY(const ChildProcess child, start_child([this, &share] { return work_and_tell(share); }));
  return Process{share, child};
}

std::vector<std::byte> Crew::work_and_tell(const Share& share) {
  work(share);
  std::vector<std::byte> bytes;
  if (share.publisher) {
    append_outcome(bytes, publishers_[share.first]);
  } else {
    for (std::size_t i = share.first; i < subscribers_.size(); i += share.step)
      append_outcome(bytes, subscribers_[i]);
  }
  return bytes;
}

void Crew::hear(const Process& process) {
  const std::vector<std::byte> told = hear_child(process.child);
  Bytes bytes = told;
  const Error died{Errc::connection_lost, "a client process ended before it told what it saw"};
  if (process.share.publisher) {
    auto outcome = take_publisher_outcome(bytes);
    if (!outcome) return fail_share(process.share, died);
    publishers_[process.share.first] = std::move(*outcome);
    return;
  }
  for (std::size_t i = process.share.first; i < subscribers_.size(); i += process.share.step) {
    auto outcome = take_subscriber_outcome(bytes);
    if (!outcome) return fail_share(process.share, died);
    subscribers_[i] = std::move(*outcome);
  }
}

}  // namespace felix::bench
