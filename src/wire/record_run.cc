#include "wire/record_run.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/contract.h"

namespace felix::wire {
namespace {

// Encoded size of the first `count` records of `bytes`.
Result<std::size_t> measure(Bytes bytes, std::uint32_t count) {
  if (count > bytes.size() / kRecordLengthBytes)
    return fail(Errc::malformed, "record count " + std::to_string(count) + " does not fit the " +
                                     std::to_string(bytes.size()) + " bytes behind it");
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (bytes.size() - at < kRecordLengthBytes)
      return fail(Errc::malformed, "record " + std::to_string(i) + " has no length");
    const std::size_t size = load_be<std::uint32_t>(bytes.data() + at);
    at += kRecordLengthBytes;
    if (size > bytes.size() - at)
      return fail(Errc::malformed, "record " + std::to_string(i) + " of " + std::to_string(size) +
                                       " bytes does not fit the " + std::to_string(bytes.size() - at) +
                                       " bytes left");
    at += size;
  }
  return at;
}

}  // namespace

Result<RecordRun> RecordRun::parse(const flow::Slice& bytes, std::uint32_t count) {
  FELIX_TRY(const std::size_t size, measure(bytes.bytes(), count));
  if (count == 0) return RecordRun();
  return RecordRun(bytes.sub(0, size), count);
}

RecordRun RecordRun::single(Bytes record) {
  RecordRunBuilder builder(kRecordLengthBytes + record.size());
  builder.append(record);
  return builder.finish();
}

Bytes RecordRun::front() const {
  FELIX_ASSERT(!empty());
  return *begin();
}

RecordRun RecordRun::sub_run(std::uint32_t first, std::uint32_t count) const {
  FELIX_ASSERT(first <= count_ && count <= count_ - first);
  if (count == 0) return {};
  const std::byte* const base = slice_.bytes().data();
  const std::byte* at = base;
  auto skip = [&at](std::uint32_t records) {
    while (records-- > 0) at += kRecordLengthBytes + load_be<std::uint32_t>(at);
  };
  skip(first);
  const std::byte* const from = at;
  skip(count);
  return RecordRun(slice_.sub(static_cast<std::size_t>(from - base), static_cast<std::size_t>(at - from)),
                   count);
}

RecordRun RecordRun::split_front(std::uint32_t max_records, std::size_t max_encoded_bytes) {
  FELIX_ASSERT(!empty() && max_records > 0);
  if (count_ <= max_records && slice_.size() <= max_encoded_bytes) return std::exchange(*this, RecordRun());
  const std::byte* const base = slice_.bytes().data();
  std::size_t size = 0;
  std::uint32_t taken = 0;
  while (taken < count_ && taken < max_records) {
    const std::size_t record = kRecordLengthBytes + load_be<std::uint32_t>(base + size);
    if (taken > 0 && (size > max_encoded_bytes || record > max_encoded_bytes - size)) break;
    size += record;
    ++taken;
  }
  RecordRun front(slice_.sub(0, size), taken);
  *this = taken == count_ ? RecordRun() : RecordRun(slice_.sub(size, slice_.size() - size), count_ - taken);
  return front;
}

RecordRunBuilder::RecordRunBuilder(std::size_t expected_bytes) {
  if (expected_bytes > 0) frame_ = flow::Frame::allocate(expected_bytes);
}

RecordRunBuilder::~RecordRunBuilder() {
  if (frame_ != nullptr) frame_->release();
}

void RecordRunBuilder::append(Bytes record) {
  const MutableBytes space = append_space(record.size());
  if (!record.empty()) std::memcpy(space.data(), record.data(), record.size());
}

MutableBytes RecordRunBuilder::append_space(std::size_t size) {
  FELIX_ASSERT(size <= UINT32_MAX);
  reserve(kRecordLengthBytes + size);
  store_be(frame_->data() + used_, static_cast<std::uint32_t>(size));
  used_ += kRecordLengthBytes + size;
  ++count_;
  return MutableBytes(frame_->data() + used_ - size, size);
}

RecordRun RecordRunBuilder::finish() {
  const std::uint32_t count = std::exchange(count_, 0);
  const std::size_t used = std::exchange(used_, 0);
  if (count == 0) return {};
  return RecordRun(flow::Slice::adopt(std::exchange(frame_, nullptr), 0, used), count);
}

void RecordRunBuilder::reserve(std::size_t more) {
  if (frame_ != nullptr && more <= frame_->capacity() - used_) return;
  flow::Frame* const bigger =
      flow::Frame::allocate(std::max<std::size_t>(256, (used_ + more) * (frame_ ? 2 : 1)));
  if (frame_ != nullptr) {
    std::memcpy(bigger->data(), frame_->data(), used_);
    frame_->release();
  }
  frame_ = bigger;
}

}  // namespace felix::wire
