#include "authz/object.h"

#include <algorithm>
#include <array>
#include <vector>

namespace felix::authz {
namespace {

constexpr std::array<std::string_view, 7> kKindNames{"tenant", "namespace", "stream", "cache",
                                                     "group",  "cluster",   "node"};

std::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(Errc::invalid_request, "object '" + std::string(text) + "': " + std::string(why));
}

bool is_plain_name(std::string_view text) {
  return !text.empty() && std::ranges::none_of(text, [](char c) {
    return c == '*' || c == ':' || c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

// At most `count` pieces; the last takes what is left, slashes included.
std::vector<std::string_view> split(std::string_view text, std::size_t count) {
  std::vector<std::string_view> pieces;
  while (pieces.size() + 1 < count) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) break;
    pieces.push_back(text.substr(0, slash));
    text.remove_prefix(slash + 1);
  }
  pieces.push_back(text);
  return pieces;
}

Result<Segment> parse_key(std::string_view whole, std::string_view text) {
  Segment key{Segment::Match::exactly, std::string(text)};
  if (text.ends_with('*')) {
    key.match = Segment::Match::prefix;
    key.text.pop_back();
  }
  if (key.text.contains('*')) return refuse(whole, "'*' may only end the key");
  return key;
}

}  // namespace

std::string_view to_string(ObjectKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

Object tenant_object(std::string_view tenant) { return {ObjectKind::tenant, tenant, {}, {}, {}, {}}; }
Object namespace_object(std::string_view tenant, std::string_view ns) {
  return {ObjectKind::ns, tenant, ns, {}, {}, {}};
}
Object stream_object(std::string_view tenant, std::string_view ns, std::string_view stream) {
  return {ObjectKind::stream, tenant, ns, stream, {}, {}};
}
Object cache_object(std::string_view tenant, std::string_view ns, std::string_view cache,
                    std::optional<std::string_view> key) {
  return {ObjectKind::cache, tenant, ns, cache, {}, key};
}
Object group_object(std::string_view tenant, std::string_view ns, std::string_view stream,
                    std::string_view group) {
  return {ObjectKind::group, tenant, ns, stream, group, {}};
}
Object node_object(std::string_view id) { return {ObjectKind::node, {}, {}, id, {}, {}}; }
Object cluster_object() { return {ObjectKind::cluster, {}, {}, "*", {}, {}}; }

std::string to_string(const Object& object) {
  std::string text(to_string(object.kind));
  char separator = ':';
  for (const std::string_view part : {object.tenant, object.ns, object.name, object.group}) {
    if (part.empty()) continue;
    text += separator;
    text += part;
    separator = '/';
  }
  return text;
}

bool Segment::matches(std::string_view value) const {
  switch (match) {
    case Match::exactly:
      return value == text;
    case Match::prefix:
      return value.starts_with(text);
    case Match::any:
      return true;
  }
  return false;
}

Result<ObjectPattern> parse_object_pattern(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto kind_name = std::ranges::find(kKindNames, text.substr(0, colon));
  if (colon == std::string_view::npos || kind_name == kKindNames.end())
    return refuse(text, "must begin with tenant:, namespace:, stream:, cache:, group:, cluster: or node:");
  ObjectPattern pattern;
  pattern.kind = static_cast<ObjectKind>(kind_name - kKindNames.begin());
  const std::string_view rest = text.substr(colon + 1);
  if (pattern.kind == ObjectKind::cluster) {
    if (rest != "*") return refuse(text, "the only cluster object is cluster:*");
    return pattern;
  }
  if (pattern.kind == ObjectKind::node) {
    if (!is_plain_name(rest)) return refuse(text, "a node is named without '*', ':' and '/'");
    pattern.name = {Segment::Match::exactly, std::string(rest)};
    return pattern;
  }

  constexpr std::array<std::size_t, 5> kSegments{1, 2, 3, 4, 4};  // by kind; the key of a cache is optional
  const auto pieces = split(rest, kSegments[static_cast<std::size_t>(pattern.kind)]);
  if (!is_plain_name(pieces[0])) return refuse(text, "the tenant is named without '*', ':' and '/'");
  pattern.tenant = pieces[0];
  const std::array<Segment*, 3> places{&pattern.ns, &pattern.name, &pattern.group};
  bool wildcard = false;
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    if (i == 3 && pattern.kind == ObjectKind::cache) {
      if (wildcard) return refuse(text, "a key needs a cache without '*'");
      FELIX_TRY(pattern.key, parse_key(text, pieces[i]));
      return pattern;
    }
    if (pieces[i] == "*") {
      wildcard = true;
      continue;
    }
    if (wildcard) return refuse(text, "after '*' only '*' may follow");
    if (!is_plain_name(pieces[i]))
      return refuse(text, "'*' must be a whole segment, names have no ':' and '/'");
    *places[i - 1] = {Segment::Match::exactly, std::string(pieces[i])};
  }
  const std::size_t least =
      pattern.kind == ObjectKind::cache ? 3 : kSegments[static_cast<std::size_t>(pattern.kind)];
  // "stream:t/*" means what "stream:t/*/*" means: `*` matches slashes too.
  if (pieces.size() < least && !wildcard) return refuse(text, "a segment is missing");
  return pattern;
}

}  // namespace felix::authz
