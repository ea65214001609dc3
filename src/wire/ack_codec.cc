#include "wire/ack_codec.h"

#include "base/contract.h"
#include "wire/flags.h"
#include "wire/header.h"
#include "wire/text_field.h"

namespace felix::wire {
namespace {

std::uint16_t ack_flags(const PublishAck& ack, std::uint16_t peer_flags) {
  std::uint16_t flags = kBinaryPublishAck;
  if (ack.info) {
    flags |= peer_flags & kBinaryPublishAckCode;
    const bool detailed = !ack.info->reason.empty() || ack.info->retry_after_ms;
    if (detailed && (flags & kBinaryPublishAckCode) != 0) flags |= peer_flags & kBinaryPublishAckDetail;
  }
  if (ack.owner) flags |= peer_flags & kBinaryPublishAckOwner;
  if (ack.offset) flags |= peer_flags & kBinaryPublishAckOffset;
  return flags;
}

}  // namespace

Result<PublishAck> parse_publish_ack(std::uint16_t flags, Bytes payload) {
  ByteReader reader(payload);
  PublishAck ack;
  bool utf8 = true;
  const std::uint8_t status = reader.u8();
  ack.request_id = RequestId(reader.u64());
  ack.ok = status == 0;
  ack.message = take_text(reader, utf8);
  if ((flags & kBinaryPublishAckCode) != 0) {
    const std::uint16_t code = reader.u16();
    ack.info = ErrorInfo{code, std::string(code_name(code)), retry_from_byte(reader.u8()), {}, {}};
  }
  if ((flags & kBinaryPublishAckDetail) != 0 && ack.info) {
    ack.info->reason = take_text(reader, utf8);
    if (const std::uint64_t wait_ms = reader.u64(); wait_ms != 0) ack.info->retry_after_ms = wait_ms;
  }
  if ((flags & kBinaryPublishAckOwner) != 0) {
    AckOwner& owner = ack.owner.emplace();
    owner.node_id = take_text(reader, utf8);
    owner.addr = take_text(reader, utf8);
    owner.generation = reader.u64();
  }
  if ((flags & kBinaryPublishAckOffset) != 0) ack.offset = reader.u64();
  if (!reader.ok()) return fail(Errc::malformed, "publish ack: shorter than its fields");
  if (status > 1) return fail(Errc::malformed, "publish ack: status " + std::to_string(status));
  if (!utf8) return fail(Errc::malformed, "publish ack: text is not UTF-8");
  return ack;
}

void append_publish_ack(std::vector<std::byte>& out, const PublishAck& ack, std::uint16_t peer_flags) {
  const std::uint16_t flags = ack_flags(ack, peer_flags);
  const std::size_t start = out.size();
  out.resize(start + kHeaderBytes);
  ByteWriter writer(out);
  writer.u8(ack.ok ? 0 : 1);
  writer.u64(ack.request_id.value);
  put_text(writer, cut_text(ack.message, kMaxAckMessageBytes));
  if ((flags & kBinaryPublishAckCode) != 0) {
    writer.u16(ack.info->code);
    writer.u8(static_cast<std::uint8_t>(ack.info->retry));
  }
  if ((flags & kBinaryPublishAckDetail) != 0) {
    put_text(writer, ack.info->reason);
    writer.u64(ack.info->retry_after_ms.value_or(0));
  }
  if ((flags & kBinaryPublishAckOwner) != 0) {
    put_text(writer, ack.owner->node_id);
    put_text(writer, ack.owner->addr);
    writer.u64(ack.owner->generation);
  }
  if ((flags & kBinaryPublishAckOffset) != 0) writer.u64(*ack.offset);
  const auto payload_bytes = static_cast<std::uint32_t>(out.size() - start - kHeaderBytes);
  store_header(out.data() + start, {flags, payload_bytes});
}

}  // namespace felix::wire
