#pragma once
// Cursors over big-endian bytes. A reader can fail and says so once: after the first short read every
// later read returns zeros and ok() stays false, so a decoder checks at its end (and before allocating).

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace felix {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

inline Bytes as_bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Unaligned big-endian load and store of an unsigned integer.
template <class T>
  requires std::is_unsigned_v<T>
constexpr T load_be(const std::byte* at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | std::to_integer<std::uint64_t>(at[i]));
  return value;
}
template <class T>
  requires std::is_unsigned_v<T>
constexpr void store_be(std::byte* at, T value) {
  for (std::size_t i = sizeof(T); i-- > 0;) {
    at[i] = static_cast<std::byte>(value & 0xff);
    value = static_cast<T>(static_cast<std::uint64_t>(value) >> 8);
  }
}

class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  bool at_end() const { return remaining() == 0; }

  std::uint8_t u8() { return take_integer<std::uint8_t>(); }
  std::uint16_t u16() { return take_integer<std::uint16_t>(); }
  std::uint32_t u32() { return take_integer<std::uint32_t>(); }
  std::uint64_t u64() { return take_integer<std::uint64_t>(); }

  // A view into the input: valid as long as the input is.
  Bytes take(std::size_t count) {
    if (!ok_ || count > remaining()) {
      ok_ = false;
      return {};
    }
    const Bytes taken = bytes_.subspan(position_, count);
    position_ += count;
    return taken;
  }
  Bytes rest() { return take(remaining()); }

 private:
  template <class T>
  T take_integer() {
    const Bytes taken = take(sizeof(T));
    return taken.empty() ? T{0} : load_be<T>(taken.data());
  }

  Bytes bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

// Appends to a vector it does not own.
class ByteWriter {
 public:
  explicit ByteWriter(std::vector<std::byte>& out) : out_(out) {}

  void u8(std::uint8_t value) { put(value); }
  void u16(std::uint16_t value) { put(value); }
  void u32(std::uint32_t value) { put(value); }
  void u64(std::uint64_t value) { put(value); }
  void bytes(Bytes value) { out_.insert(out_.end(), value.begin(), value.end()); }
  void text(std::string_view value) { bytes(as_bytes(value)); }

 private:
  template <class T>
  void put(T value) {
    std::byte encoded[sizeof(T)];
    store_be(encoded, value);
    out_.insert(out_.end(), encoded, encoded + sizeof(T));
  }

  std::vector<std::byte>& out_;
};

}  // namespace felix
