#include "config/stream_policy.h"

#include <array>

#include "config/units.h"

namespace felix::config {
namespace {

constexpr std::uint64_t kMostQueue = 1'000'000;

std::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(Errc::usage, "'" + std::string(text) + "' " + std::string(why));
}

bool matches(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return name == pattern;
  pattern.remove_suffix(1);
  return name.starts_with(pattern);
}

bool is_pattern(std::string_view text) {
  const std::size_t star = text.find('*');
  return !text.empty() && (star == std::string_view::npos || star + 1 == text.size());
}

}  // namespace

Result<QueuePolicy> parse_queue_policy(std::string_view word) {
  if (word == "drop_new") return QueuePolicy::drop_new;
  if (word == "drop_old") return QueuePolicy::drop_old;
  if (word == "block") return QueuePolicy::block;
  return refuse(word, "is no policy; there are drop_new, drop_old and block");
}

Result<StreamPolicy> parse_stream_policy(std::string_view text) {
  // Names may hold a '=' or ':'; policies hold neither.
  const std::size_t equals = text.rfind('=');
  if (equals == std::string_view::npos)
    return refuse(text, "is not TENANT/NAMESPACE/STREAM=POLICY or TENANT/NAMESPACE/STREAM=POLICY:QUEUE");
  StreamPolicy rule;
  std::string_view names = text.substr(0, equals);
  const std::array<std::string*, 3> parts{&rule.tenant, &rule.namespace_id, &rule.stream};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t slash = i + 1 < parts.size() ? names.find('/') : names.size();
    if (slash == std::string_view::npos || !is_pattern(names.substr(0, slash)) ||
        names.substr(0, slash).contains('/'))
      return refuse(text,
                    "does not name streams as TENANT/NAMESPACE/STREAM, each a name, *, or a beginning and *");
    *parts[i] = names.substr(0, slash);
    names.remove_prefix(std::min(slash + 1, names.size()));
  }
  std::string_view chosen = text.substr(equals + 1);
  if (const std::size_t colon = chosen.find(':'); colon != std::string_view::npos) {
    const auto queue = parse_integer(chosen.substr(colon + 1));
    if (!queue || *queue == 0 || *queue > kMostQueue)
      return refuse(text, "wants a queue from 1 to 1000000 batches behind the colon");
    rule.queue_capacity = static_cast<std::uint32_t>(*queue);
    chosen = chosen.substr(0, colon);
  }
  auto policy = parse_queue_policy(chosen);
  if (!policy) return std::unexpected(with_context("'" + std::string(text) + "'", std::move(policy).error()));
  rule.policy = *policy;
  return rule;
}

bool StreamPolicy::applies_to(std::string_view its_tenant, std::string_view its_namespace,
                              std::string_view its_stream) const {
  return matches(tenant, its_tenant) && matches(namespace_id, its_namespace) && matches(stream, its_stream);
}

}  // namespace felix::config
