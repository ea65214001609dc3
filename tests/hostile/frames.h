#pragma once
// QUIC frames (RFC 9000 section 19) written as somebody means them, sensible or not, and read again.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace felix::test::frames {

std::string varint(std::uint64_t value);

std::string ping();
std::string padding(std::size_t bytes);
// Acknowledges [largest - first_range, largest], and nothing below.
std::string ack(std::uint64_t largest, std::uint64_t first_range);
std::string reset_stream(std::uint64_t stream, std::uint64_t final_size);
std::string stop_sending(std::uint64_t stream);
std::string crypto(std::uint64_t offset, std::string_view data);
std::string stream(std::uint64_t id, std::uint64_t offset, std::string_view data, bool finish = false);
std::string max_data(std::uint64_t bytes);
std::string max_stream_data(std::uint64_t stream, std::uint64_t bytes);
std::string max_uni_streams(std::uint64_t count);
std::string data_blocked(std::uint64_t limit);
std::string streams_blocked(std::uint64_t limit);
std::string new_connection_id(std::uint64_t sequence, std::uint64_t retire_prior_to);
std::string retire_connection_id(std::uint64_t sequence);
std::string path_challenge(std::uint64_t data);

struct Close {
  std::uint64_t code = 0;
  bool by_application = false;
};

// What a peer said, counted by frame type; STREAM frames of all kinds count as 0x08.
struct Heard {
  std::array<std::uint64_t, 0x1f> count{};
  std::uint64_t stream_bytes = 0;
  std::uint64_t max_uni_streams = 0;  // granted to us, as far as said in a frame
  std::optional<Close> close;
};
// Adds the frames of one packet; false when they cannot be read.
bool read(Bytes payload, Heard& heard);

}  // namespace felix::test::frames
