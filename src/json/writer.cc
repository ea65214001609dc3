#include "json/writer.h"

#include <charconv>

#include "base/base64.h"
#include "base/contract.h"
#include "json/escape.h"
#include "json/sink.h"

namespace felix::json {
namespace {

template <class Out, class T>
void append_integer(Out& out, T value) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  FELIX_ASSERT(error == std::errc{});
  append(out, std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

void append_base64_to(std::string& out, Bytes bytes) { append_base64(out, bytes); }
void append_base64_to(std::vector<std::byte>& out, Bytes bytes) {
  const std::size_t start = out.size();
  out.resize(start + encoded_base64_size(bytes.size()));
  encode_base64_into(bytes, MutableBytes(out).subspan(start));
}

}  // namespace

template <class Out>
BasicWriter<Out>::~BasicWriter() {
  FELIX_ASSERT(depth_ == 0);
}

template <class Out>
void BasicWriter<Out>::key(std::string_view name) {
  FELIX_ASSERT(depth_ > 0);
  separate();
  append_quoted(out_, name);
  append(out_, ':');
  comma_due_ = false;
}

template <class Out>
void BasicWriter<Out>::string(std::string_view text) {
  separate();
  append_quoted(out_, text);
}

template <class Out>
void BasicWriter<Out>::u64(std::uint64_t value) {
  separate();
  append_integer(out_, value);
}

template <class Out>
void BasicWriter<Out>::i64(std::int64_t value) {
  separate();
  append_integer(out_, value);
}

template <class Out>
void BasicWriter<Out>::boolean(bool value) {
  raw(value ? "true" : "false");
}

template <class Out>
void BasicWriter<Out>::null() {
  raw("null");
}

template <class Out>
void BasicWriter<Out>::base64(Bytes bytes) {
  separate();
  append(out_, '"');
  append_base64_to(out_, bytes);
  append(out_, '"');
}

template <class Out>
void BasicWriter<Out>::raw(std::string_view json) {
  separate();
  append(out_, json);
}

template <class Out>
void BasicWriter<Out>::open(char bracket) {
  separate();
  append(out_, bracket);
  ++depth_;
  comma_due_ = false;
}

template <class Out>
void BasicWriter<Out>::close(char bracket) {
  FELIX_ASSERT(depth_ > 0);
  append(out_, bracket);
  --depth_;
  comma_due_ = true;
}

template <class Out>
void BasicWriter<Out>::separate() {
  if (comma_due_) append(out_, ',');
  comma_due_ = true;
}

template class BasicWriter<std::string>;
template class BasicWriter<std::vector<std::byte>>;

}  // namespace felix::json
