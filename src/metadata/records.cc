#include "metadata/records.h"

#include "base/utf8.h"
#include "metadata/names.h"

namespace felix::metadata {
namespace {

Status check_shards(std::uint32_t shards) {
  if (shards >= 1 && shards <= kMaxShards) return {};
  return fail(Errc::invalid_request,
              "shards is " + std::to_string(shards) + ", allowed is 1 to " + std::to_string(kMaxShards));
}

Status check_region(const std::string& region) {
  return region.empty() ? Status{} : check_name("region", region);
}

}  // namespace

Status check_properties(const StreamProperties& properties) {
  FELIX_CHECK(check_shards(properties.shards));
  return check_region(properties.region);
}

Status check_properties(const CacheProperties& properties) {
  FELIX_CHECK(check_shards(properties.shards));
  if (!is_utf8(as_bytes(properties.display_name)))
    return fail(Errc::invalid_request, "display_name is not UTF-8");
  return check_region(properties.region);
}

}  // namespace felix::metadata
