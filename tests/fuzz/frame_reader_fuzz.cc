// A stream gives the same frames and the same end whatever pieces it arrives in, and memory keeps its bound.
// Input: one byte of piece size, the lowest bit of which says whose magic is expected, then the stream.

#include <algorithm>

#include "fuzz/fuzz.h"
#include "wire/frame_reader.h"

namespace {

using namespace felix;

// What a frame in progress may have before it has shown its size, and a frame not taken beside its bytes.
constexpr std::size_t kHeadStartBytes = 64 * 1024;
constexpr std::size_t kUntakenFrameBytes = 128;

std::vector<std::vector<std::byte>> frames_in_pieces(Bytes stream, std::size_t piece, std::uint32_t magic,
                                                     bool& good) {
  wire::FrameReader reader(wire::kPreauthMaxPayloadBytes, magic);
  // The smallest frame is a header, and its place in a ring that doubles costs three.
  const std::size_t frames_at_most = 1 + stream.size() / wire::kHeaderBytes;
  fuzz::decoded_within(stream.size(),
                       kHeadStartBytes + fuzz::kFixedBytes + 3 * kUntakenFrameBytes * frames_at_most, [&] {
                         for (std::size_t at = 0; at < stream.size(); at += piece) {
                           reader.push(stream.subspan(at, std::min(piece, stream.size() - at)));
                           FELIX_ASSERT(reader.assembly_bytes() <= 2 * (at + piece) + kHeadStartBytes);
                         }
                         return true;
                       });
  std::vector<std::vector<std::byte>> frames;
  for (;;) {
    wire::IncomingFrame frame;
    const auto more = reader.next(frame);
    good = more.has_value();
    if (!more || !*more) return frames;
    frames.emplace_back(frame.payload.bytes().begin(), frame.payload.bytes().end());
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes stream = fuzz::input(data, size).subspan(1);
  const std::uint32_t magic = (data[0] & 1) != 0 ? wire::kInternalMagic : wire::kMagic;
  bool good_whole = false;
  bool good_pieces = false;
  const auto whole = frames_in_pieces(stream, stream.size() + 1, magic, good_whole);
  FELIX_ASSERT(whole == frames_in_pieces(stream, 1u + data[0], magic, good_pieces));
  FELIX_ASSERT(good_whole == good_pieces);
  return 0;
}
