#pragma once
// What one subscriber got of one publisher's numbered records: each must come once and in order. Pure.
//
// Memory grows with the gaps that are open, not with the records.

#include <cstdint>
#include <map>

namespace felix::bench {

class SequenceTracker {
 public:
  enum class Arrival : std::uint8_t {
    in_order,
    reordered,   // came after a later one, for the first time
    duplicated,  // came before
  };

  Arrival take(std::uint64_t sequence) {
    if (sequence == next_) [[likely]] {
      ++next_;
      ++unique_;
      return Arrival::in_order;
    }
    return take_out_of_line(sequence);
  }

  // Different records seen.
  std::uint64_t unique() const { return unique_; }
  std::uint64_t reordered() const { return reordered_; }
  std::uint64_t duplicated() const { return duplicated_; }
  // Of records [0, published), those that never came. A gap that a later record filled is no loss.
  std::uint64_t lost(std::uint64_t published) const;

 private:
  Arrival take_out_of_line(std::uint64_t sequence);

  std::uint64_t next_ = 0;  // above all seen
  std::uint64_t unique_ = 0;
  std::uint64_t reordered_ = 0;
  std::uint64_t duplicated_ = 0;
  std::map<std::uint64_t, std::uint64_t> gaps_;  // [first, second) not seen, below next_
};

}  // namespace felix::bench
