// A stream gives the same frames and the same end whatever pieces it arrives in, and memory keeps its bound.
// Input: one byte of piece size, then the stream.

#include <algorithm>

#include "fuzz/fuzz.h"
#include "wire/frame_reader.h"

namespace {

using namespace felix;

std::vector<std::vector<std::byte>> frames_in_pieces(Bytes stream, std::size_t piece, bool& good) {
  wire::FrameReader reader(wire::kPreauthMaxPayloadBytes);
  std::vector<std::vector<std::byte>> frames;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    reader.push(stream.subspan(at, std::min(piece, stream.size() - at)));
    FELIX_ASSERT(reader.assembly_bytes() <= 2 * (at + piece) + 64 * 1024);
  }
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
  bool good_whole = false;
  bool good_pieces = false;
  const auto whole = frames_in_pieces(stream, stream.size() + 1, good_whole);
  FELIX_ASSERT(whole == frames_in_pieces(stream, 1u + data[0], good_pieces));
  FELIX_ASSERT(good_whole == good_pieces);
  return 0;
}
