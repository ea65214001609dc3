#pragma once
// Writes JSON in the order it is called, without whitespace, byte for byte as wire protocol section 6.1
// asks. It appends to a buffer the caller owns and never fails: wrong nesting is a bug and asserts.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace felix::json {

// Out is std::string or std::vector<std::byte>.
template <class Out>
class BasicWriter {
 public:
  explicit BasicWriter(Out& out) : out_(out) {}
  // Asserts that everything begun was ended.
  ~BasicWriter();
  BasicWriter(const BasicWriter&) = delete;
  BasicWriter& operator=(const BasicWriter&) = delete;

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  // The next call writes this member's value.
  void key(std::string_view name);

  void string(std::string_view text);
  void u64(std::uint64_t value);
  void i64(std::int64_t value);
  void boolean(bool value);
  void null();
  // Standard base64 with padding, in quotes; encoded in place.
  void base64(Bytes bytes);
  // Text that is already JSON.
  void raw(std::string_view json);

  // key() and its value in one call. The constraint keeps pointers from becoming booleans.
  void member(std::string_view name, std::string_view text) { (key(name), string(text)); }
  template <class T>
    requires std::unsigned_integral<T> && (!std::same_as<T, bool>)
  void member(std::string_view name, T value) {
    (key(name), u64(value));
  }
  template <class T>
    requires std::signed_integral<T>
  void member(std::string_view name, T value) {
    (key(name), i64(value));
  }
  void member(std::string_view name, std::same_as<bool> auto value) { (key(name), boolean(value)); }
  void member_base64(std::string_view name, Bytes bytes) { (key(name), base64(bytes)); }
  void member_null(std::string_view name) { (key(name), null()); }

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();

  Out& out_;
  std::uint32_t depth_ = 0;
  bool comma_due_ = false;
};

using Writer = BasicWriter<std::string>;
using BytesWriter = BasicWriter<std::vector<std::byte>>;

extern template class BasicWriter<std::string>;
extern template class BasicWriter<std::vector<std::byte>>;

}  // namespace felix::json
