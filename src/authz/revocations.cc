#include "authz/revocations.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace felix::authz {
namespace {

constexpr std::size_t kMaxEntries = 100'000;
constexpr std::int64_t kAnyTime = std::numeric_limits<std::int64_t>::max();

// A line holds no NUL and a word no space, so no two entries share a key.
std::string key_of(std::string_view kind, std::string_view tenant, std::string_view name) {
  std::string key;
  key.reserve(kind.size() + tenant.size() + name.size() + 2);
  key.append(kind).append(1, '\n').append(tenant).append(1, '\n').append(name);
  return key;
}

struct Words {
  std::array<std::string_view, 6> at;
  std::size_t count = 0;  // one more than fit: too many
};

Words words_of(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r";
  Words words;
  line = line.substr(0, line.find('#'));
  while (words.count < words.at.size()) {
    const std::size_t begin = line.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(kSpace), line.size());
    words.at[words.count++] = line.substr(0, end);
    line.remove_prefix(end);
  }
  return words;
}

bool read_seconds(std::string_view text, std::int64_t& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size() && into >= 0;
}

}  // namespace

Result<Revocations> Revocations::parse(std::string_view text) {
  Revocations list;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const Words words = words_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words.count == 0) continue;
    const bool principal = words.at[0] == "principal";
    std::int64_t before = kAnyTime;
    const bool plain = words.count == 3 && (principal || words.at[0] == "token");
    const bool timed =
        words.count == 5 && principal && words.at[3] == "before" && read_seconds(words.at[4], before);
    if (!plain && !timed)
      return fail(Errc::malformed, "line " + std::to_string(number) +
                                       ": neither \"principal TENANT SUBJECT [before SECONDS]\" nor "
                                       "\"token TENANT JTI\"");
    if (list.entries_.size() == kMaxEntries)
      return fail(Errc::too_large, "line " + std::to_string(number) + ": over 100,000 entries");
    auto [entry, added] = list.entries_.try_emplace(key_of(words.at[0], words.at[1], words.at[2]), before);
    if (!added) entry->second = std::max(entry->second, before);
  }
  return list;
}

bool Revocations::covers(std::string_view tenant, std::string_view subject, std::int64_t issued_at,
                         std::string_view token_id) const {
  if (entries_.empty()) return false;
  const auto principal = entries_.find(key_of("principal", tenant, subject));
  if (principal != entries_.end() && (principal->second == kAnyTime || issued_at < principal->second))
    return true;
  return !token_id.empty() && entries_.contains(key_of("token", tenant, token_id));
}

}  // namespace felix::authz
