// proto.*: frames as they arrive, good and bad (wire protocol section 2).

#include <array>

#include <fmt/format.h>

#include "conformance/live_context.h"
#include "conformance/live_raw.h"
#include "conformance/live_scenario.h"

namespace felix::conformance {
namespace {

Result<Finding> frames_split_at_every_byte(Context& context) {
  FELIX_TRY(const RawSession raw, open_raw(context));
  // Ids of as many digits, so that all the frames have one length.
  constexpr std::uint64_t kFirst = 10000;
  const auto frame = [&context](std::uint64_t id) {
    std::vector<std::byte> bytes;
    wire::append_frame(bytes,
                       publish_message(context, context.stream(), context.mark() + "x", RequestId{id}));
    return bytes;
  };
  const std::size_t frame_bytes = frame(kFirst).size();
  for (std::size_t cut = 1; cut < frame_bytes; ++cut) {
    const std::vector<std::byte> bytes = frame(kFirst + cut);
    for (const Bytes part : {Bytes(bytes).first(cut), Bytes(bytes).subspan(cut)}) {
      raw.channel->send(part);
      FELIX_CHECK(raw.channel->flush());
    }
  }
  for (std::size_t cut = 1; cut < frame_bytes; ++cut) {
    FELIX_TRY(const auto ok, raw.channel->expect<wire::PublishOk>(
                                 fmt::format("publish_ok for the frame cut at byte {}", cut)));
    if (ok.request_id != RequestId{kFirst + cut})
      return broken(fmt::format("the frame cut at byte {} was answered as another request", cut));
  }
  return held();
}

// Sends `bytes` on an authenticated stream: it ends without a word, and the connection goes on.
Result<Finding> ends_the_stream(Context& context, Bytes bytes, std::string_view what) {
  FELIX_TRY(const RawSession raw, open_raw(context));
  raw.channel->send(bytes);
  FELIX_CHECK(raw.channel->expect_end(what));
  FELIX_CHECK(raw.connection->still_serves());
  return held();
}

Result<Finding> wrong_magic_ends_the_stream(Context& context) {
  std::vector<std::byte> frame = frame_of(0, as_bytes(R"({"type":"x"})"));
  frame[3] = std::byte{'9'};
  return ends_the_stream(context, frame, "a frame with another magic");
}

Result<Finding> wrong_version_ends_the_stream(Context& context) {
  std::vector<std::byte> frame = frame_of(0, as_bytes(R"({"type":"x"})"));
  frame[5] = std::byte{9};
  return ends_the_stream(context, frame, "a frame of version 9");
}

Result<Finding> oversized_frame_ends_the_stream(Context& context) {
  std::array<std::byte, wire::kHeaderBytes> header;
  wire::store_header(header.data(), {0, 0xFFFFFFFF});
  return ends_the_stream(context, header, "a header that announces 4 GiB");
}

Result<Finding> undecodable_message_ends_the_stream(Context& context) {
  return ends_the_stream(context, frame_of(0, as_bytes(R"({"type":"publish","type":)")),
                         "a payload that is no JSON object");
}

Result<Finding> unknown_flag_is_answered(Context& context) {
  FELIX_TRY(const RawSession raw, open_raw(context));
  // Reserved for ever, alone and beside a bit that is known.
  for (const std::uint16_t flags : {std::uint16_t{0x8000}, std::uint16_t{0x8001}}) {
    raw.channel->send(Bytes(frame_of(flags, as_bytes("whatever"))));
    FELIX_CHECK(raw.channel->expect<wire::ErrorMessage>(fmt::format("an error for flags 0x{:04x}", flags)));
  }
  const RequestId id{3};
  raw.channel->send(publish_message(context, context.stream(), context.mark() + "after", id));
  FELIX_CHECK(raw.channel->expect<wire::PublishOk>("publish_ok on the stream that went on"));
  return held();
}

constexpr Scenario kScenarios[] = {
    {.id = "proto.frames_split_at_every_byte",
     .sentence = "A frame that arrives in two parts, cut anywhere, is one frame",
     .run = frames_split_at_every_byte,
     .uses_stream = true},
    {.id = "proto.wrong_magic_ends_the_stream",
     .sentence = "A frame with another magic ends its stream alone",
     .run = wrong_magic_ends_the_stream},
    {.id = "proto.wrong_version_ends_the_stream",
     .sentence = "A frame of another version ends its stream alone",
     .run = wrong_version_ends_the_stream},
    {.id = "proto.oversized_frame_ends_the_stream",
     .sentence = "A header that announces more than the limit ends its stream alone",
     .run = oversized_frame_ends_the_stream},
    {.id = "proto.undecodable_message_ends_the_stream",
     .sentence = "A payload that is no message ends its stream alone",
     .run = undecodable_message_ends_the_stream},
    {.id = "proto.unknown_flag_is_answered",
     .sentence = "A frame with an unknown flag is answered by an error, and the stream goes on",
     .run = unknown_flag_is_answered,
     .uses_stream = true},
};

}  // namespace

std::span<const Scenario> frame_scenarios() { return kScenarios; }

}  // namespace felix::conformance
