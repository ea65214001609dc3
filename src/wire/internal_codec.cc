#include "wire/internal_codec.h"

#include <string>

#include "base/bytes.h"
#include "base/contract.h"
#include "base/utf8.h"
#include "wire/header.h"

namespace felix::wire {
namespace {

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Errc::malformed, "frame between brokers: " + std::string(what));
}

// What is too short shows in `reader.ok()`.
Status take_text(ByteReader& reader, std::string_view& text) {
  const std::uint32_t size = reader.u32();
  if (size > kInternalMaxTextBytes) return malformed("a text of " + std::to_string(size) + " bytes");
  const Bytes bytes = reader.take(size);
  if (!is_utf8(bytes)) return malformed("a text is not UTF-8");
  text = as_text(bytes);
  return {};
}

Status take_shard(ByteReader& reader, ShardRef& shard) {
  FELIX_CHECK(take_text(reader, shard.tenant_id));
  FELIX_CHECK(take_text(reader, shard.namespace_id));
  FELIX_CHECK(take_text(reader, shard.stream));
  shard.shard = reader.u32();
  shard.generation = reader.u64();
  return {};
}

// The batch a payload ends with.
Status take_records(ByteReader& reader, const flow::Slice& payload, RecordRun& records) {
  const std::uint32_t count = reader.u32();
  if (!reader.ok()) return malformed("ends before its records");
  if (count > kInternalMaxRecords)
    return fail(Errc::too_large, "frame between brokers: " + std::to_string(count) + " records, at most " +
                                     std::to_string(kInternalMaxRecords));
  FELIX_TRY(records, RecordRun::parse(payload.sub(reader.position(), reader.remaining()), count));
  if (records.encoded_bytes() != reader.remaining()) return malformed("has bytes after its last record");
  reader.rest();
  return {};
}

Status take_body(ByteReader& reader, const flow::Slice& payload, InternalMessage& message) {
  switch (static_cast<InternalKind>(message.kind)) {
    case InternalKind::ping:
    case InternalKind::pong:
      message.body = InternalPing{};
      return {};
    case InternalKind::hello:
    case InternalKind::hello_ok:
      return take_text(reader, message.body.emplace<InternalHello>().node_id);
    case InternalKind::forward_publish: {
      auto& publish = message.body.emplace<ForwardPublish>();
      FELIX_CHECK(take_shard(reader, publish.shard));
      const std::uint8_t ack = reader.u8();
      if (ack > static_cast<std::uint8_t>(ForwardAck::on_commit)) return malformed("its ack does not exist");
      publish.ack = static_cast<ForwardAck>(ack);
      return take_records(reader, payload, publish.records);
    }
    case InternalKind::replicate_records: {
      auto& replicate = message.body.emplace<ReplicateRecords>();
      FELIX_CHECK(take_shard(reader, replicate.shard));
      replicate.first_offset = reader.u64();
      replicate.checksum = reader.u64();
      return take_records(reader, payload, replicate.records);
    }
  }
  reader.rest();
  return {};
}

void put_text(ByteWriter& writer, std::string_view text) {
  FELIX_ASSERT(text.size() <= kInternalMaxTextBytes);
  writer.u32(static_cast<std::uint32_t>(text.size()));
  writer.text(text);
}

void put_shard(ByteWriter& writer, const ShardRef& shard) {
  put_text(writer, shard.tenant_id);
  put_text(writer, shard.namespace_id);
  put_text(writer, shard.stream);
  writer.u32(shard.shard);
  writer.u64(shard.generation);
}

void put_records(ByteWriter& writer, const RecordRun& records) {
  FELIX_ASSERT(records.count() <= kInternalMaxRecords);
  writer.u32(records.count());
  writer.bytes(records.slice().bytes());
}

void put_body(ByteWriter&, const UnknownInternal&) { FELIX_UNREACHABLE("a kind without an encoding"); }
void put_body(ByteWriter&, const InternalPing&) {}
void put_body(ByteWriter& writer, const InternalHello& hello) { put_text(writer, hello.node_id); }
void put_body(ByteWriter& writer, const ForwardPublish& publish) {
  put_shard(writer, publish.shard);
  writer.u8(static_cast<std::uint8_t>(publish.ack));
  put_records(writer, publish.records);
}
void put_body(ByteWriter& writer, const ReplicateRecords& replicate) {
  put_shard(writer, replicate.shard);
  writer.u64(replicate.first_offset);
  writer.u64(replicate.checksum);
  put_records(writer, replicate.records);
}

}  // namespace

Result<InternalMessage> parse_internal(std::uint16_t kind, const flow::Slice& payload) {
  ByteReader reader(payload.bytes());
  InternalMessage message{kind, reader.u64(), {}};
  if (!reader.ok()) return malformed("shorter than its correlation id");
  FELIX_CHECK(take_body(reader, payload, message));
  if (!reader.ok()) return malformed("shorter than its kind asks");
  if (!reader.at_end()) return malformed("has bytes after its end");
  return message;
}

void append_internal_frame(std::vector<std::byte>& out, const InternalMessage& message) {
  const std::size_t begin = out.size();
  out.resize(begin + kHeaderBytes);
  ByteWriter writer(out);
  writer.u64(message.correlation_id);
  std::visit([&writer](const auto& body) { put_body(writer, body); }, message.body);
  const std::size_t payload_bytes = out.size() - begin - kHeaderBytes;
  FELIX_ASSERT(payload_bytes <= kInternalMaxPayloadBytes);
  store_header(out.data() + begin, {message.kind, static_cast<std::uint32_t>(payload_bytes)}, kInternalMagic);
}

}  // namespace felix::wire
