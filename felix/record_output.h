#pragma once
// Records as felix sub prints them.

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"

namespace felix::command {

enum class RecordFormat : std::uint8_t {
  lines,             // the record and '\n'
  raw,               // the record and nothing else
  length_delimited,  // its length as four big-endian bytes, then the record
  json,              // one object a line
};

// Appends one record. JSON has `offset` when it is known and `payload` for UTF-8, `payload_base64` for
// anything else.
void append_record(std::string& out, RecordFormat format, Bytes record, std::optional<Offset> offset);

}  // namespace felix::command
