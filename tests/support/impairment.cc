#include "support/impairment.h"

#include <algorithm>

namespace felix::test {

RelayCounts& RelayCounts::operator+=(const RelayCounts& other) {
  forwarded += other.forwarded;
  forwarded_bytes += other.forwarded_bytes;
  dropped += other.dropped;
  too_large += other.too_large;
  in_bursts += other.in_bursts;
  queue_full += other.queue_full;
  duplicated += other.duplicated;
  corrupted += other.corrupted;
  reordered += other.reordered;
  return *this;
}

std::vector<Impairment::Arrival> Impairment::offer(MonoTime now, RelayFaults& faults, MutableBytes datagram,
                                                   RelayCounts& counts) {
  // Every draw is made for every datagram: the same seed means the same fate, whatever is switched on.
  const bool duplicate = happens(faults.duplicate);
  const bool corrupt = happens(faults.corrupt);
  const bool reorder = happens(faults.reorder);
  const double jitter = std::uniform_real_distribution<double>(0, 1)(random_);
  const std::uint64_t chance = random_();
  if (lost(faults, datagram.size(), counts)) {
    ++counts.dropped;
    return {};
  }
  const std::optional<MonoTime> sent = through_link(now, faults, datagram.size());
  if (!sent) {
    ++counts.dropped;
    ++counts.queue_full;
    return {};
  }
  if (corrupt && !datagram.empty()) {
    ++counts.corrupted;
    datagram[(chance >> 8) % datagram.size()] ^= static_cast<std::byte>(1u << (chance & 7));
  }
  const auto late = Duration(static_cast<std::int64_t>(jitter * static_cast<double>(faults.jitter.count())));
  last_arrival_ = std::max(last_arrival_, *sent + faults.delay + late);
  Arrival arrival{last_arrival_, faults.delay_turns};
  std::vector<Arrival> arrivals;
  if (duplicate) {
    ++counts.duplicated;
    arrivals.push_back(arrival);
  }
  if (reorder) {
    ++counts.reordered;
    arrival.at += faults.reorder_by;
    if (faults.reorder_turns > 0)
      arrival.turns_later += 1 + static_cast<unsigned>(chance % faults.reorder_turns);
  }
  arrivals.push_back(arrival);
  return arrivals;
}

bool Impairment::lost(RelayFaults& faults, std::size_t size, RelayCounts& counts) {
  const bool dropped = happens(faults.drop);
  in_burst_ = in_burst_ ? !happens(faults.burst_end) : happens(faults.burst_begin);
  if (faults.blackhole) return true;
  if (faults.largest_datagram != 0 && size > faults.largest_datagram) {
    ++counts.too_large;
    return true;
  }
  if (faults.drop_next > 0) {
    --faults.drop_next;
    ++counts.in_bursts;
    return true;
  }
  if (in_burst_) ++counts.in_bursts;
  return dropped || in_burst_;
}

std::optional<MonoTime> Impairment::through_link(MonoTime now, const RelayFaults& faults, std::size_t size) {
  if (faults.bytes_per_second == 0) return now;
  const double rate = static_cast<double>(faults.bytes_per_second) / 1e9;  // bytes a nanosecond
  const MonoTime begins = std::max(now, link_free_at_);
  const double queued = rate * static_cast<double>((begins - now).count());
  if (queued + static_cast<double>(size) > static_cast<double>(faults.queue_bytes)) return std::nullopt;
  link_free_at_ = begins + Duration(static_cast<std::int64_t>(static_cast<double>(size) / rate));
  return link_free_at_;
}

bool Impairment::happens(double probability) {
  return std::uniform_real_distribution<double>(0, 1)(random_) < probability;
}

}  // namespace felix::test
