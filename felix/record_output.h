#pragma once
// Records as felix sub prints them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"

namespace felix::command {

enum class RecordFormat : std::uint8_t {
  lines,             // the record and '\n'
  raw,               // the record and nothing else
  length_delimited,  // its length as four big-endian bytes, then the record
  json,              // one object a line
};

// What is known of a record besides its bytes.
struct RecordFacts {
  std::optional<Offset> offset;
  std::optional<std::uint64_t> timestamp_us;  // since 1970
  std::string_view publisher;                 // empty: not known
};

// Appends one record. JSON has `offset`, `timestamp_micros` and `publisher` when they are known, and
// `payload` for UTF-8, `payload_base64` for anything else.
void append_record(std::string& out, RecordFormat format, Bytes record, const RecordFacts& facts);

}  // namespace felix::command
