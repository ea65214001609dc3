#include "storage/active_segment.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/contract.h"

namespace felix::storage {
namespace {

constexpr std::string_view kSuffix = ".segment";
constexpr std::size_t kNameDigits = 20;
constexpr std::uint64_t kMinReserveBytes = 16 << 10;
constexpr std::uint64_t kMaxReserveBytes = 1 << 20;

Extension extension_of(const StoredBatch& batch) {
  Extension extension{batch.producer, std::nullopt};
  if (batch.provenance.publisher != nullptr) extension.publisher = *batch.provenance.publisher;
  return extension;
}

}  // namespace

std::string segment_name(Offset base_offset) {
  const std::string digits = std::to_string(base_offset);
  return std::string(kNameDigits - digits.size(), '0') + digits + std::string(kSuffix);
}

std::optional<Offset> parse_segment_name(std::string_view name) {
  if (name.size() != kNameDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  Offset offset = 0;
  const char* const end = name.data() + kNameDigits;
  const auto [stopped, error] = std::from_chars(name.data(), end, offset);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return offset;
}

Result<ActiveSegment> ActiveSegment::create(io::Disk& disk, const std::string& directory,
                                            const SegmentHeader& header) {
  const std::string path = directory + "/" + segment_name(header.base_offset);
  FELIX_TRY(std::shared_ptr<io::DiskFile> file, disk.open(path, io::Disk::Open::create));
  const auto page = encode_header_page(header);
  const Bytes part = page;
  FELIX_CHECK(file->write(std::span(&part, 1), 0));
  FELIX_CHECK(file->sync());
  FELIX_CHECK(disk.sync_directory(directory));
  State state;
  state.end_offset = header.base_offset;
  state.promised = {state.position, state.end_offset};  // nothing is all there is to promise
  return ActiveSegment(std::move(file), path, header, std::move(state));
}

ActiveSegment::ActiveSegment(std::shared_ptr<io::DiskFile> file, std::string path,
                             const SegmentHeader& header, State state)
    : file_(std::move(file)),
      path_(std::move(path)),
      header_(header),
      seed_(storage::checksum_seed(header)),
      state_(std::move(state)),
      synced_{state_.position, state_.end_offset},
      promised_(state_.promised),
      file_end_(state_.position) {}

std::uint64_t ActiveSegment::extent_bytes(std::span<const StoredBatch> batches) {
  std::uint64_t bytes = 0;
  for (const StoredBatch& batch : batches) {
    bytes += kBatchHeaderBytes + batch.run.encoded_bytes() + kEndMark.size();
    if (batch.producer) bytes += sizeof(ProducerMark);
    if (batch.provenance.publisher != nullptr)
      bytes += std::min(batch.provenance.publisher->size(), kMaxPublisherBytes);
  }
  return bytes;
}

Error final_failure(const Error& cause) {
  return {Errc::storage, cause.context + "; nothing more is written to this log until it is opened anew"};
}

Status ActiveSegment::check() const {
  if (failed_) return std::unexpected(*failed_);
  return {};
}

std::unexpected<Error> ActiveSegment::poison(const Error& error) {
  failed_ = final_failure(error);
  return std::unexpected(*failed_);
}

std::unexpected<Error> ActiveSegment::take_back(Error error) {
  // The size too must be on the device before anything else is written: debris behind a shorter write would
  // look like batches.
  if (auto cut = file_->resize(state_.position); !cut) return poison(cut.error());
  file_end_ = state_.position;
  if (auto synced = file_->sync(); !synced) return poison(synced.error());
  synced_ = {state_.position, state_.end_offset};
  if (error.code != Errc::overloaded) return poison(error);
  return std::unexpected(std::move(error));
}

Status ActiveSegment::append(std::span<const StoredBatch> batches) {
  FELIX_CHECK(check());
  // Views into these are taken below: their places must not move.
  heads_.resize(std::max(heads_.size(), batches.size()));
  extensions_.resize(std::max(extensions_.size(), batches.size()));
  parts_.clear();
  std::uint64_t position = state_.position;
  Offset next = state_.end_offset;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const StoredBatch& batch = batches[i];
    FELIX_ASSERT(batch.base_offset == next && !batch.run.empty() && batch.generation >= state_.generation);
    const Bytes records = batch.run.slice().bytes();
    extensions_[i] = encode_extension(extension_of(batch));
    const Bytes extension = as_bytes(extensions_[i]);
    BatchHeader header;
    header.base_offset = batch.base_offset;
    header.count = batch.run.count();
    header.records_bytes = static_cast<std::uint32_t>(records.size());
    header.extension_bytes = static_cast<std::uint16_t>(extension.size());
    header.has_producer = batch.producer.has_value();
    header.has_publisher = batch.provenance.publisher != nullptr;
    header.generation = batch.generation;
    header.appended_at_us = batch.provenance.appended_at_us;
    header.promised_position = synced_.position;
    header.body_checksum = body_checksum(extension, records, seed_);
    heads_[i] = encode_batch_header(header, seed_);
    parts_.push_back(heads_[i]);
    if (!extension.empty()) parts_.push_back(extension);
    parts_.push_back(records);
    parts_.push_back(kEndMark);
    position += header.extent_bytes();
    next = header.end_offset();
  }
  FELIX_ASSERT(position <= kMaxSegmentBytes);
  if (auto written = file_->write(parts_, state_.position); !written)
    return take_back(std::move(written).error());
  std::uint64_t at = state_.position;
  for (const StoredBatch& batch : batches) {
    state_.index.add({.base_offset = batch.base_offset, .appended_at_us = batch.provenance.appended_at_us},
                     static_cast<std::uint32_t>(at));
    at += extent_bytes(std::span(&batch, 1));
    state_.last_time_us = std::max(state_.last_time_us, batch.provenance.appended_at_us);
    state_.generation = batch.generation;
  }
  FELIX_ASSERT(at == position);
  state_.position = static_cast<std::uint32_t>(position);
  state_.end_offset = next;
  file_end_ = std::max<std::uint64_t>(file_end_, position);
  return {};
}

Status ActiveSegment::sync() {
  FELIX_CHECK(check());
  if (auto synced = file_->sync(); !synced) return poison(synced.error());
  synced_ = {state_.position, state_.end_offset};
  return {};
}

Status ActiveSegment::promise() {
  FELIX_CHECK(check());
  if (!needs_promise()) return {};
  const Promise made = synced_;
  const auto encoded = encode_promise(made, seed_);
  const Bytes part = encoded;
  if (auto written = file_->write(std::span(&part, 1), kPromiseAt[next_promise_]); !written) {
    // The other place still holds; this one waits for room.
    if (written.error().code == Errc::overloaded) return {};
    return poison(written.error());
  }
  if (auto synced = file_->sync(); !synced) return poison(synced.error());
  next_promise_ = (next_promise_ + 1) % kPromiseAt.size();
  promised_ = made;
  return {};
}

Status ActiveSegment::reserve_ahead() {
  FELIX_CHECK(check());
  const std::uint64_t written = state_.position - kHeaderPageBytes;
  const std::uint64_t ahead = std::clamp(written, kMinReserveBytes, kMaxReserveBytes);
  if (file_end_ >= state_.position + ahead / 2) return {};
  static constexpr std::array<std::byte, 64 << 10> kZeros{};
  std::vector<Bytes> zeros;
  const std::uint64_t wanted = state_.position + ahead - file_end_;
  for (std::uint64_t left = wanted; left > 0; left -= zeros.back().size())
    zeros.push_back(Bytes(kZeros).first(std::min<std::uint64_t>(left, kZeros.size())));
  if (auto done = file_->write(zeros, file_end_); !done) {
    // Room that is missing will be missed by an append, which says so.
    if (done.error().code == Errc::overloaded) return {};
    return poison(done.error());
  }
  file_end_ += wanted;
  return {};
}

Status ActiveSegment::seal() {
  FELIX_CHECK(check());
  // First the batches: a seal vouches for them, and they are not looked at again when the log is opened.
  FELIX_CHECK(sync());
  std::vector<std::byte> tail = encode_index(state_.index.entries(), seed_);
  const auto seal = encode_seal(
      {state_.end_offset, state_.last_time_us, state_.generation, state_.position, state_.position, 0},
      seed_);
  tail.insert(tail.end(), seal.begin(), seal.end());
  const Bytes part = tail;
  if (auto written = file_->write(std::span(&part, 1), state_.position); !written)
    return take_back(std::move(written).error());
  file_end_ = state_.position + tail.size();
  if (auto cut = file_->resize(file_end_); !cut) return poison(cut.error());
  if (auto synced = file_->sync(); !synced) return poison(synced.error());
  return {};
}

}  // namespace felix::storage
