#include "hostile/frames.h"

#include <algorithm>

namespace felix::test::frames {
namespace {

std::string octet(unsigned value) { return std::string(1, static_cast<char>(value)); }

template <class... Numbers>
std::string numbers(unsigned type, Numbers... values) {
  std::string frame = octet(type);
  ((frame += varint(static_cast<std::uint64_t>(values))), ...);
  return frame;
}

// Bytes a peer cannot have chosen twice.
std::string unique_bytes(std::uint64_t number, std::size_t size, char fill) {
  std::string bytes(size, fill);
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (8 * i));
  return bytes;
}

class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {}
  bool more() const { return ok_ && at_ < bytes_.size(); }
  bool ok() const { return ok_; }
  std::uint64_t number() {
    if (at_ >= bytes_.size()) return fail();
    const unsigned first = std::to_integer<unsigned>(bytes_[at_]);
    const std::size_t size = std::size_t{1} << (first >> 6);
    if (bytes_.size() - at_ < size) return fail();
    std::uint64_t value = first & 0x3f;
    for (std::size_t i = 1; i < size; ++i)
      value = value << 8 | std::to_integer<std::uint64_t>(bytes_[at_ + i]);
    at_ += size;
    return value;
  }
  void skip(std::uint64_t size) {
    if (size > bytes_.size() - at_) {
      fail();
    } else {
      at_ += size;
    }
  }
  std::uint64_t rest() const { return bytes_.size() - at_; }

 private:
  std::uint64_t fail() {
    ok_ = false;
    return 0;
  }
  Bytes bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

void skip_numbers(Reader& reader, int count) {
  for (int i = 0; i < count; ++i) reader.number();
}

void read_ack(Reader& reader, bool with_ecn) {
  skip_numbers(reader, 2);
  const std::uint64_t ranges = reader.number();
  reader.number();
  for (std::uint64_t i = 0; i < ranges && reader.ok(); ++i) skip_numbers(reader, 2);
  if (with_ecn) skip_numbers(reader, 3);
}

void read_stream(Reader& reader, std::uint64_t type, Heard& heard) {
  reader.number();
  if ((type & 4) != 0) reader.number();
  const std::uint64_t size = (type & 2) != 0 ? reader.number() : reader.rest();
  reader.skip(size);
  heard.stream_bytes += size;
}

}  // namespace

std::string varint(std::uint64_t value) {
  const unsigned log = value < 0x40 ? 0 : value < 0x4000 ? 1 : value < 0x40000000 ? 2 : 3;
  const int size = 1 << log;
  std::string out;
  for (int i = size - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
  out[0] = static_cast<char>(static_cast<unsigned char>(out[0]) | log << 6);
  return out;
}

std::string ping() { return octet(0x01); }
std::string padding(std::size_t bytes) { return std::string(bytes, '\0'); }
std::string ack(std::uint64_t largest, std::uint64_t first_range) {
  return numbers(0x02, largest, 0, 0, first_range);
}
std::string reset_stream(std::uint64_t stream, std::uint64_t final_size) {
  return numbers(0x04, stream, 0, final_size);
}
std::string stop_sending(std::uint64_t stream) { return numbers(0x05, stream, 0); }
std::string crypto(std::uint64_t offset, std::string_view data) {
  return numbers(0x06, offset, data.size()) + std::string(data);
}
std::string stream(std::uint64_t id, std::uint64_t offset, std::string_view data, bool finish) {
  return numbers(finish ? 0x0f : 0x0e, id, offset, data.size()) + std::string(data);
}
std::string max_data(std::uint64_t bytes) { return numbers(0x10, bytes); }
std::string max_stream_data(std::uint64_t stream, std::uint64_t bytes) {
  return numbers(0x11, stream, bytes);
}
std::string max_uni_streams(std::uint64_t count) { return numbers(0x13, count); }
std::string data_blocked(std::uint64_t limit) { return numbers(0x14, limit); }
std::string streams_blocked(std::uint64_t limit) { return numbers(0x16, limit); }
std::string new_connection_id(std::uint64_t sequence, std::uint64_t retire_prior_to) {
  return numbers(0x18, sequence, retire_prior_to) + octet(8) + unique_bytes(sequence, 8, 0) +
         unique_bytes(sequence, 16, 't');
}
std::string retire_connection_id(std::uint64_t sequence) { return numbers(0x19, sequence); }
std::string path_challenge(std::uint64_t data) { return octet(0x1a) + unique_bytes(data, 8, 0); }

bool read(Bytes payload, Heard& heard) {
  Reader reader(payload);
  while (reader.more()) {
    const std::uint64_t type = reader.number();
    if (type >= heard.count.size()) return false;
    const bool is_stream = type >= 0x08 && type <= 0x0f;
    ++heard.count[is_stream ? 0x08 : type];
    switch (type) {
      case 0x00:
      case 0x01:
      case 0x1e:
        break;
      case 0x02:
      case 0x03:
        read_ack(reader, type == 0x03);
        break;
      case 0x04:
        skip_numbers(reader, 3);
        break;
      case 0x05:
      case 0x11:
      case 0x15:
        skip_numbers(reader, 2);
        break;
      case 0x06:
        reader.number();
        [[fallthrough]];
      case 0x07:
        reader.skip(reader.number());
        break;
      case 0x10:
      case 0x12:
      case 0x14:
      case 0x16:
      case 0x17:
      case 0x19:
        reader.number();
        break;
      case 0x13:
        heard.max_uni_streams = std::max(heard.max_uni_streams, reader.number());
        break;
      case 0x18:
        skip_numbers(reader, 2);
        reader.skip(reader.number() + 16);
        break;
      case 0x1a:
      case 0x1b:
        reader.skip(8);
        break;
      case 0x1c:
      case 0x1d: {
        Close close;
        close.by_application = type == 0x1d;
        close.code = reader.number();
        if (!close.by_application) reader.number();
        reader.skip(reader.number());
        heard.close = close;
        break;
      }
      default:
        read_stream(reader, type, heard);
    }
  }
  return reader.ok();
}

}  // namespace felix::test::frames
