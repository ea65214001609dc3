#pragma once
// A RecordRun is `count x (u32 length, bytes)` (wire protocol sections 7.1 and 7.4) inside one shared Frame:
// what a publish carries is, byte for byte, what the log keeps and every subscriber receives.

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "base/bytes.h"
#include "base/error.h"
#include "flow/frame.h"

namespace felix::wire {

inline constexpr std::size_t kRecordLengthBytes = 4;

// Immutable, cheap to copy (one reference). Every instance is well-formed: it was parsed or built here.
class RecordRun {
 public:
  class Iterator {
   public:
    using value_type = Bytes;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(const std::byte* at) : at_(at) {}
    Bytes operator*() const { return Bytes(at_ + kRecordLengthBytes, load_be<std::uint32_t>(at_)); }
    Iterator& operator++() {
      at_ += kRecordLengthBytes + load_be<std::uint32_t>(at_);
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const std::byte* at_ = nullptr;
  };

  RecordRun() = default;

  // Takes the first `count` records of `bytes`, without copying; bytes after them are cut off. Malformed when
  // they are not all there; `count` is checked against the size before anything is walked.
  static Result<RecordRun> parse(const flow::Slice& bytes, std::uint32_t count);
  // A run of one record in a Frame of its own.
  static RecordRun single(Bytes record);

  std::uint32_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  // The encoded records, lengths included: the body of an event batch.
  const flow::Slice& slice() const { return slice_; }
  std::size_t encoded_bytes() const { return slice_.size(); }
  // The records alone.
  std::size_t payload_bytes() const { return slice_.size() - kRecordLengthBytes * count_; }
  // Memory that stays allocated because of this run.
  std::size_t footprint_bytes() const { return slice_.footprint_bytes(); }

  Iterator begin() const { return Iterator(slice_.bytes().data()); }
  Iterator end() const { return Iterator(slice_.bytes().data() + slice_.size()); }
  // The run must not be empty.
  Bytes front() const;

  // Records [first, first + count), sharing the Frame; the range must lie inside.
  RecordRun sub_run(std::uint32_t first, std::uint32_t count) const;
  // Removes and returns records from the front: as many as fit both limits, but at least one (a record over
  // `max_encoded_bytes` goes alone). The run must not be empty and `max_records` not 0.
  RecordRun split_front(std::uint32_t max_records, std::size_t max_encoded_bytes);

 private:
  friend class RecordRunBuilder;
  RecordRun(flow::Slice slice, std::uint32_t count) : slice_(std::move(slice)), count_(count) {}

  flow::Slice slice_;
  std::uint32_t count_ = 0;
};

// Assembles a run in one Frame, which grows by doubling.
class RecordRunBuilder {
 public:
  // `expected_bytes`: encoded size, if known; then there is one allocation.
  explicit RecordRunBuilder(std::size_t expected_bytes = 0);
  RecordRunBuilder(const RecordRunBuilder&) = delete;
  RecordRunBuilder& operator=(const RecordRunBuilder&) = delete;
  ~RecordRunBuilder();

  // `record` must be shorter than 4 GiB.
  void append(Bytes record);
  // Starts a record of `size` bytes to be filled by the caller before the next call.
  MutableBytes append_space(std::size_t size);

  std::uint32_t count() const { return count_; }
  std::size_t encoded_bytes() const { return used_; }

  // The run; the builder is empty afterwards and can be used again.
  RecordRun finish();

 private:
  void reserve(std::size_t more);

  flow::Frame* frame_ = nullptr;
  std::size_t used_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace felix::wire
