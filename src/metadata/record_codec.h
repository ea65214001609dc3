#pragma once
// Records as JSON objects, with the member names of the admin API. Internal to the module.

#include "base/error.h"
#include "json/reader.h"
#include "json/writer.h"
#include "metadata/state.h"

namespace felix::metadata {

// "tenants", "namespaces", "streams" or "caches".
std::string_view collection_of(const AnyRecord& record);
void write_record(json::Writer& writer, const AnyRecord& record);
// Errc::corrupt names the member that is missing or wrong. Unknown members are ignored.
Result<AnyRecord> read_record(std::string_view collection, const json::Value& value);

// Members that must be there; Errc::corrupt otherwise.
Result<std::uint64_t> u64_member(const json::Value& object, std::string_view name);
Result<std::string> text_member(const json::Value& object, std::string_view name);

}  // namespace felix::metadata
