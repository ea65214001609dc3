#include "metadata/snapshot.h"

#include <set>

#include "metadata/record_codec.h"

namespace felix::metadata {
namespace {

// A snapshot is our own file: bounded by what the store holds, not by the limits of a message.
constexpr json::Limits kLimits{.max_bytes = 1u << 30, .max_depth = 8, .max_values = 1u << 26};

template <class Record>
void write_collection(json::Writer& writer, std::string_view name, const Records<Record>& records) {
  writer.key(name);
  writer.begin_array();
  for (const auto& [key, record] : records) write_record(writer, record);
  writer.end_array();
}

Result<json::Document> parse_versioned(std::string_view text) {
  auto document = json::parse(text, kLimits);
  if (!document) return fail(Errc::corrupt, "metadata: " + document.error().context);
  FELIX_TRY(const std::uint64_t format, u64_member(document->root(), "format"));
  if (format > kSnapshotFormat)
    return fail(Errc::newer_version, "metadata has format " + std::to_string(format) +
                                         ", this build reads up to " + std::to_string(kSnapshotFormat));
  return document;
}

}  // namespace

std::string encode_snapshot(const State& state) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  writer.member("format", kSnapshotFormat);
  writer.member("version", state.version());
  writer.member("next_incarnation", state.next_incarnation());
  write_collection(writer, "tenants", state.tenants());
  write_collection(writer, "namespaces", state.namespaces());
  write_collection(writer, "streams", state.streams());
  write_collection(writer, "caches", state.caches());
  writer.end_object();
  return out;
}

Result<State> decode_snapshot(std::string_view text) {
  FELIX_TRY(const json::Document document, parse_versioned(text));
  const json::Value& root = document.root();
  State state;
  // Parents before children.
  for (const std::string_view collection : {"tenants", "namespaces", "streams", "caches"}) {
    const json::Value* records = root.find(collection);
    if (records == nullptr || !records->is_array())
      return fail(Errc::corrupt, "metadata: member '" + std::string(collection) + "' is missing");
    for (const json::Value& value : records->elements()) {
      FELIX_TRY(const AnyRecord record, read_record(collection, value));
      if (auto inserted = state.insert(record); !inserted)
        return fail(Errc::corrupt, inserted.error().context);
    }
  }
  std::set<std::uint64_t> incarnations;
  for (const auto& [key, record] : state.streams()) incarnations.insert(record.incarnation);
  for (const auto& [key, record] : state.caches()) incarnations.insert(record.incarnation);
  FELIX_TRY(const std::uint64_t next_incarnation, u64_member(root, "next_incarnation"));
  if (incarnations.size() != state.streams().size() + state.caches().size() ||
      next_incarnation < state.next_incarnation_)
    return fail(Errc::corrupt, "metadata: an incarnation is used twice or not counted");
  state.next_incarnation_ = next_incarnation;
  FELIX_TRY(state.version_, u64_member(root, "version"));
  return state;
}

std::string encode_delta(const Delta& delta) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  writer.member("format", kSnapshotFormat);
  writer.member("version", delta.version);
  writer.key("changes");
  writer.begin_array();
  for (const Change& change : delta.changes) {
    writer.begin_object();
    writer.member("op", change.op == Change::Op::created ? "created" : "deleted");
    writer.key(collection_of(change.record));
    write_record(writer, change.record);
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  return out;
}

Result<Delta> decode_delta(std::string_view text) {
  FELIX_TRY(const json::Document document, parse_versioned(text));
  Delta delta;
  FELIX_TRY(delta.version, u64_member(document.root(), "version"));
  const json::Value* changes = document.root().find("changes");
  if (changes == nullptr || !changes->is_array())
    return fail(Errc::corrupt, "metadata: member 'changes' is missing");
  for (const json::Value& value : changes->elements()) {
    FELIX_TRY(const std::string op, text_member(value, "op"));
    if ((op != "created" && op != "deleted") || value.size() != 2)
      return fail(Errc::corrupt, "metadata: a change is not understood");
    for (const json::Value& member : value.members()) {
      if (member.name() == "op") continue;
      FELIX_TRY(AnyRecord record, read_record(member.name(), member));
      delta.changes.push_back(
          {op == "created" ? Change::Op::created : Change::Op::deleted, std::move(record)});
    }
  }
  return delta;
}

}  // namespace felix::metadata
