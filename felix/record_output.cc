#include "felix/record_output.h"

#include "base/utf8.h"
#include "json/writer.h"

namespace felix::command {

void append_record(std::string& out, RecordFormat format, Bytes record, const RecordFacts& facts) {
  switch (format) {
    case RecordFormat::raw:
      out += as_text(record);
      return;
    case RecordFormat::lines:
      out.append(as_text(record)).push_back('\n');
      return;
    case RecordFormat::length_delimited: {
      std::byte length[4];
      store_be(length, static_cast<std::uint32_t>(record.size()));
      out.append(as_text(length)).append(as_text(record));
      return;
    }
    case RecordFormat::json:
      break;
  }
  {
    json::Writer json(out);
    json.begin_object();
    if (facts.offset) json.member("offset", *facts.offset);
    if (facts.timestamp_us) json.member("timestamp_micros", *facts.timestamp_us);
    if (!facts.publisher.empty()) json.member("publisher", facts.publisher);
    if (is_utf8(record)) {
      json.member("payload", as_text(record));
    } else {
      json.member_base64("payload_base64", record);
    }
    json.end_object();
  }
  out += '\n';
}

}  // namespace felix::command
