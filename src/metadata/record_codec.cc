#include "metadata/record_codec.h"

#include <algorithm>
#include <array>
#include <limits>

namespace felix::metadata {
namespace {

constexpr std::array<std::string_view, 4> kCollections{"tenants", "namespaces", "streams", "caches"};
constexpr std::array<std::string_view, 3> kKinds{"Stream", "Queue", "Cache"};
constexpr std::array<std::string_view, 2> kConsistencies{"Leader", "Quorum"};
constexpr std::array<std::string_view, 2> kDeliveries{"AtMostOnce", "AtLeastOnce"};
constexpr std::array<std::string_view, 2> kRoutings{"modulo", "jump_hash"};

std::unexpected<Error> wrong(std::string_view name) {
  return fail(Errc::corrupt, "metadata: member '" + std::string(name) + "' is missing or of the wrong type");
}

template <class Enum, std::size_t N>
std::string_view word(const std::array<std::string_view, N>& words, Enum value) {
  return words[static_cast<std::size_t>(value)];
}

template <class Enum, std::size_t N>
Status read_word(const json::Value& object, std::string_view name,
                 const std::array<std::string_view, N>& words, Enum& value) {
  FELIX_TRY(const std::string text, text_member(object, name));
  const auto found = std::ranges::find(words, text);
  if (found == words.end()) return wrong(name);
  value = static_cast<Enum>(found - words.begin());
  return {};
}

Status read_bool(const json::Value& object, std::string_view name, bool& value) {
  const json::Value* member = object.find(name);
  if (member == nullptr || !member->is_bool()) return wrong(name);
  value = member->as_bool();
  return {};
}

// A record that does not say how durable promises all there is.
Status read_durability(const json::Value& object, Durability& durability) {
  bool durable = false;
  FELIX_CHECK(read_bool(object, "durable", durable));
  durability = durable ? Durability::synced : Durability::memory;
  const json::Value* const member = object.find("durability");
  if (member == nullptr) return {};
  const auto named = member->is_string() ? parse_durability(member->as_string()) : std::nullopt;
  if (!named || !durable || *named == Durability::memory) return wrong("durability");
  durability = *named;
  return {};
}

Status read_shards(const json::Value& object, std::uint32_t& shards) {
  FELIX_TRY(const std::uint64_t value, u64_member(object, "shards"));
  if (value > std::numeric_limits<std::uint32_t>::max()) return wrong("shards");
  shards = static_cast<std::uint32_t>(value);
  return {};
}

Status read_optional(const json::Value& object, std::string_view name, std::optional<std::uint64_t>& value) {
  if (object.find(name) == nullptr) return {};
  FELIX_TRY(value, u64_member(object, name));
  return {};
}

void write(json::Writer& writer, const TenantRecord& record) {
  writer.member("tenant_id", record.tenant);
  writer.member("display_name", record.display_name);
}

void write(json::Writer& writer, const NamespaceRecord& record) {
  writer.member("tenant_id", record.tenant);
  writer.member("namespace", record.ns);
  writer.member("display_name", record.display_name);
}

void write(json::Writer& writer, const StreamRecord& record) {
  const StreamProperties& properties = record.properties;
  writer.member("tenant_id", record.tenant);
  writer.member("namespace", record.ns);
  writer.member("stream", record.name);
  writer.member("incarnation", record.incarnation);
  writer.member("kind", word(kKinds, properties.kind));
  writer.member("shards", properties.shards);
  writer.member("durable", properties.durability != Durability::memory);
  if (properties.durability != Durability::memory)
    writer.member("durability", durability_name(properties.durability));
  writer.key("retention");
  writer.begin_object();
  if (properties.retention.max_age_seconds)
    writer.member("max_age_seconds", *properties.retention.max_age_seconds);
  if (properties.retention.max_size_bytes)
    writer.member("max_size_bytes", *properties.retention.max_size_bytes);
  writer.end_object();
  writer.member("consistency", word(kConsistencies, properties.consistency));
  writer.member("delivery", word(kDeliveries, properties.delivery));
  writer.member("routing", word(kRoutings, properties.routing));
  writer.member("region", properties.region);
}

void write(json::Writer& writer, const CacheRecord& record) {
  const CacheProperties& properties = record.properties;
  writer.member("tenant_id", record.tenant);
  writer.member("namespace", record.ns);
  writer.member("cache", record.name);
  writer.member("incarnation", record.incarnation);
  writer.member("display_name", properties.display_name);
  writer.member("shards", properties.shards);
  writer.member("default_ttl_ms", properties.default_ttl_ms);
  writer.member("consistency", word(kConsistencies, properties.consistency));
  writer.member("region", properties.region);
}

Result<AnyRecord> read_stream(const json::Value& value) {
  StreamRecord record;
  StreamProperties& properties = record.properties;
  FELIX_TRY(record.tenant, text_member(value, "tenant_id"));
  FELIX_TRY(record.ns, text_member(value, "namespace"));
  FELIX_TRY(record.name, text_member(value, "stream"));
  FELIX_TRY(record.incarnation, u64_member(value, "incarnation"));
  FELIX_CHECK(read_word(value, "kind", kKinds, properties.kind));
  FELIX_CHECK(read_shards(value, properties.shards));
  FELIX_CHECK(read_durability(value, properties.durability));
  const json::Value* retention = value.find("retention");
  if (retention == nullptr || !retention->is_object()) return wrong("retention");
  FELIX_CHECK(read_optional(*retention, "max_age_seconds", properties.retention.max_age_seconds));
  FELIX_CHECK(read_optional(*retention, "max_size_bytes", properties.retention.max_size_bytes));
  FELIX_CHECK(read_word(value, "consistency", kConsistencies, properties.consistency));
  FELIX_CHECK(read_word(value, "delivery", kDeliveries, properties.delivery));
  FELIX_CHECK(read_word(value, "routing", kRoutings, properties.routing));
  FELIX_TRY(properties.region, text_member(value, "region"));
  return record;
}

Result<AnyRecord> read_cache(const json::Value& value) {
  CacheRecord record;
  CacheProperties& properties = record.properties;
  FELIX_TRY(record.tenant, text_member(value, "tenant_id"));
  FELIX_TRY(record.ns, text_member(value, "namespace"));
  FELIX_TRY(record.name, text_member(value, "cache"));
  FELIX_TRY(record.incarnation, u64_member(value, "incarnation"));
  FELIX_TRY(properties.display_name, text_member(value, "display_name"));
  FELIX_CHECK(read_shards(value, properties.shards));
  FELIX_TRY(properties.default_ttl_ms, u64_member(value, "default_ttl_ms"));
  FELIX_CHECK(read_word(value, "consistency", kConsistencies, properties.consistency));
  FELIX_TRY(properties.region, text_member(value, "region"));
  return record;
}

}  // namespace

Result<std::uint64_t> u64_member(const json::Value& object, std::string_view name) {
  const json::Value* member = object.find(name);
  const auto value = member == nullptr ? std::nullopt : member->to_u64();
  if (!value) return wrong(name);
  return *value;
}

Result<std::string> text_member(const json::Value& object, std::string_view name) {
  const json::Value* member = object.find(name);
  if (member == nullptr || !member->is_string()) return wrong(name);
  return std::string(member->as_string());
}

std::string_view collection_of(const AnyRecord& record) { return kCollections[record.index()]; }

void write_record(json::Writer& writer, const AnyRecord& any) {
  writer.begin_object();
  std::visit([&](const auto& record) { write(writer, record); }, any);
  writer.end_object();
}

Result<AnyRecord> read_record(std::string_view collection, const json::Value& value) {
  if (collection == "streams") return read_stream(value);
  if (collection == "caches") return read_cache(value);
  if (collection == "tenants") {
    TenantRecord record;
    FELIX_TRY(record.tenant, text_member(value, "tenant_id"));
    FELIX_TRY(record.display_name, text_member(value, "display_name"));
    return record;
  }
  if (collection != "namespaces") return wrong("collection");
  NamespaceRecord record;
  FELIX_TRY(record.tenant, text_member(value, "tenant_id"));
  FELIX_TRY(record.ns, text_member(value, "namespace"));
  FELIX_TRY(record.display_name, text_member(value, "display_name"));
  return record;
}

}  // namespace felix::metadata
