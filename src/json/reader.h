#pragma once
// Strict JSON (RFC 8259, wire protocol section 6.1). Refused: duplicate member names, bytes after the value,
// invalid UTF-8, lone surrogates, comments, trailing commas, a byte order mark, and anything over the Limits.

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "json/value.h"

namespace felix::json {

struct Limits {
  std::size_t max_bytes = 16u << 20;  // of the text; at most 4 GiB - 1
  std::size_t max_depth = 64;         // nested arrays and objects
  std::size_t max_values = 1u << 20;  // of every kind together; a value costs 40 bytes at most
};

// Parses texts one after another, keeping its buffers: in steady state it allocates nothing. Buffers grown
// by an unusually large text are given back at the next parse. One thread at a time.
class Reader {
 public:
  explicit Reader(const Limits& limits = {});
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  // The root, valid until the next parse or the Reader's end, and only while `text` is alive and unchanged.
  // Errors: malformed (with the byte position), too_large. Never returns nullptr.
  Result<const Value*> parse(std::string_view text);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A parsed text on its own, for places off the hot path. The text must outlive it.
class Document {
 public:
  const Value& root() const { return *root_; }

 private:
  friend Result<Document> parse(std::string_view text, const Limits& limits);
  Document(Reader reader, const Value* root) : reader_(std::move(reader)), root_(root) {}

  Reader reader_;
  const Value* root_;
};

Result<Document> parse(std::string_view text, const Limits& limits = {});

}  // namespace felix::json
