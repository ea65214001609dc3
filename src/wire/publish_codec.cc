#include "wire/publish_codec.h"

#include <string>

#include "base/contract.h"
#include "base/utf8.h"
#include "wire/flags.h"
#include "wire/header.h"

namespace felix::wire {
namespace {

constexpr std::uint16_t kAckPerMessage = static_cast<std::uint16_t>(AckMode::per_message);
constexpr std::uint16_t kAckPerBatch = static_cast<std::uint16_t>(AckMode::per_batch);

Error malformed(std::string_view what) {
  return Error{Errc::malformed, "publish batch: " + std::string(what)};
}

// Everything up to and including the names and the count; `reader` then stands at the first record.
Status parse_head(std::uint16_t flags, ByteReader& reader, BinaryPublish& publish, std::uint32_t& count) {
  if ((flags & kBinaryPublishIdempotent) != 0) {
    publish.producer = ProducerMark{reader.u64(), 0};
    publish.producer->sequence = reader.u64();
    if (publish.ack != AckMode::per_batch)
      return std::unexpected(malformed("an idempotent batch must ask for an ack per batch"));
  }
  if ((flags & kBinaryPublishKeyed) != 0) publish.key = reader.take(reader.u16());
  for (std::string_view* name : {&publish.tenant_id, &publish.namespace_id, &publish.stream}) {
    const Bytes bytes = reader.take(reader.u16());
    if (!is_utf8(bytes)) return std::unexpected(malformed("a name is not UTF-8"));
    *name = as_text(bytes);
  }
  count = reader.u32();
  if (!reader.ok()) return std::unexpected(malformed("ends before its records"));
  return {};
}

}  // namespace

std::expected<BinaryPublish, BinaryPublishFault> parse_publish_batch(std::uint16_t flags,
                                                                     const flow::Slice& payload) {
  ByteReader reader(payload.bytes());
  BinaryPublish publish;
  if ((flags & kBinaryPublishAcked) != 0) {
    const RequestId request_id(reader.u64());
    const std::uint8_t ack = reader.u8();
    if (!reader.ok())
      return std::unexpected(BinaryPublishFault{{}, malformed("shorter than its ack prefix")});
    if (ack != kAckPerMessage && ack != kAckPerBatch)
      return std::unexpected(
          BinaryPublishFault{{}, malformed("ack mode " + std::to_string(ack) + " does not exist")});
    publish.request_id = request_id;
    publish.ack = static_cast<AckMode>(ack);
  }
  std::uint32_t count = 0;
  if (auto head = parse_head(flags, reader, publish, count); !head)
    return std::unexpected(BinaryPublishFault{publish.request_id, std::move(head).error()});
  auto records = RecordRun::parse(payload.sub(reader.position(), reader.remaining()), count);
  if (!records)
    return std::unexpected(
        BinaryPublishFault{publish.request_id, with_context("publish batch", std::move(records).error())});
  publish.records = *std::move(records);
  return publish;
}

std::uint16_t publish_flags(const BinaryPublish& publish) {
  std::uint16_t flags = kBinaryPublishBatch;
  if (publish.request_id) flags |= kBinaryPublishAcked;
  if (publish.producer) flags |= kBinaryPublishIdempotent;
  if (publish.key) flags |= kBinaryPublishKeyed;
  return flags;
}

Status append_publish_head(std::vector<std::byte>& out, const BinaryPublish& publish) {
  FELIX_ASSERT(publish.request_id.has_value() == (publish.ack != AckMode::none));
  std::size_t size = 4 + publish.records.encoded_bytes();
  for (const std::string_view name : {publish.tenant_id, publish.namespace_id, publish.stream}) {
    if (name.size() > kMaxNameBytes)
      return fail(Errc::too_large,
                  "name of " + std::to_string(name.size()) + " bytes, at most 65535 fit a frame");
    size += 2 + name.size();
  }
  if (publish.key) {
    if (publish.key->size() > kMaxNameBytes)
      return fail(Errc::too_large,
                  "key of " + std::to_string(publish.key->size()) + " bytes, at most 65535 fit a frame");
    size += 2 + publish.key->size();
  }
  if (publish.request_id) size += 9;
  if (publish.producer) size += 16;
  if (size > UINT32_MAX)
    return fail(Errc::too_large, "batch of " + std::to_string(size) + " bytes does not fit a frame");

  const std::size_t start = out.size();
  out.resize(start + kHeaderBytes);
  store_header(out.data() + start, {publish_flags(publish), static_cast<std::uint32_t>(size)});
  ByteWriter writer(out);
  if (publish.request_id) {
    writer.u64(publish.request_id->value);
    writer.u8(static_cast<std::uint8_t>(publish.ack));
  }
  if (publish.producer) {
    writer.u64(publish.producer->producer_id);
    writer.u64(publish.producer->sequence);
  }
  if (publish.key) {
    writer.u16(static_cast<std::uint16_t>(publish.key->size()));
    writer.bytes(*publish.key);
  }
  for (const std::string_view name : {publish.tenant_id, publish.namespace_id, publish.stream}) {
    writer.u16(static_cast<std::uint16_t>(name.size()));
    writer.text(name);
  }
  writer.u32(publish.records.count());
  return {};
}

}  // namespace felix::wire
