#include "bench/table_group.h"

#include <algorithm>

#include <fmt/format.h>

#include "bench/table_units.h"

namespace felix::bench {
namespace {

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", format_exact(count), noun, count == 1 ? "" : "s");
}

std::string loop_text(const Parameters& asked) {
  std::string text = asked.loop.empty() ? "" : asked.loop + " loop";
  if (asked.rate > 0) text += (text.empty() ? "" : " at ") + format_exact(asked.rate) + "/s";
  return text;
}

std::string ack_text(const Parameters& asked) {
  if (asked.ack.empty()) return "";
  if (asked.ack == "none") return "no ack";
  std::string text = "ack " + asked.ack;
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

// Always as many, so that parts of two titles can be compared one by one.
std::vector<std::string> title_parts(const Run& run) {
  const Parameters& asked = run.parameters;
  const bool records = run.shape != "connect" && run.shape != "floor" && run.shape != "targets";
  const bool streams = records && run.shape != "cache";
  return {run.shape,
          asked.operation,
          records ? format_bytes(asked.payload_bytes) : "",
          streams && asked.batch > 1 ? fmt::format("batch {}", asked.batch) : "",
          streams ? fmt::format("fan-out {}", asked.fanout) : "",
          streams && asked.publishers > 1 ? counted(asked.publishers, "publisher") : "",
          loop_text(asked),
          asked.in_flight > 1 ? fmt::format("{} in flight", asked.in_flight) : "",
          streams ? ack_text(asked) : "",
          records ? asked.encoding : "",
          asked.durability == "memory" ? "" : asked.durability,
          asked.processes ? "processes" : "",
          asked.placement.empty() ? "" : "on CPUs " + asked.placement,
          asked.profile.empty() ? "" : asked.profile + " profile"};
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!text.empty()) text += " · ";
    text += part;
  }
  return text;
}

}  // namespace

std::vector<double> RunGroup::each(const std::function<double(const Run&)>& figure) const {
  std::vector<double> values;
  for (const Run* run : trials) values.push_back(figure(*run));
  return values;
}

const Run& RunGroup::middle() const {
  std::vector<const Run*> sorted = trials;
  const auto order = [](const Run* a, const Run* b) {
    return a->latency.count > 0 && b->latency.count > 0 ? a->latency.p50_ns < b->latency.p50_ns
                                                        : a->rates.delivered_per_s < b->rates.delivered_per_s;
  };
  std::stable_sort(sorted.begin(), sorted.end(), order);
  return *sorted[(sorted.size() - 1) / 2];
}

std::vector<RunGroup> group_trials(const std::vector<Run>& runs) {
  std::vector<RunGroup> groups;
  std::vector<std::string> keys;
  for (const Run& run : runs) {
    const std::string key = comparison_key(run);
    const auto found = std::find(keys.begin(), keys.end(), key);
    if (found == keys.end()) {
      keys.push_back(key);
      groups.push_back({{&run}});
    } else {
      groups[static_cast<std::size_t>(found - keys.begin())].trials.push_back(&run);
    }
  }
  return groups;
}

std::string comparison_key(const Run& run) {
  const Parameters& asked = run.parameters;
  return fmt::format("{}/{}/{}/{}/{}/{}/{}/{}/{}/{}/{}/{}/{}/{}/{}", run.shape, asked.payload_bytes,
                     asked.batch, asked.fanout, asked.publishers, asked.rate, asked.in_flight, asked.loop,
                     asked.ack, asked.encoding, asked.durability, asked.operation, asked.profile,
                     asked.processes, asked.placement);
}

std::string title_of(const Run& run) { return joined(title_parts(run)); }

std::vector<std::string> short_titles(const std::vector<RunGroup>& groups) {
  std::vector<std::vector<std::string>> all;
  for (const RunGroup& group : groups) all.push_back(title_parts(group.first()));
  std::vector<std::string> titles;
  for (const auto& own : all) {
    std::vector<std::string> telling;
    for (std::size_t part = 0; part < own.size(); ++part) {
      const bool differs =
          std::any_of(all.begin(), all.end(), [&](auto& other) { return other[part] != own[part]; });
      if (differs) telling.push_back(own[part]);
    }
    const std::string title = joined(telling);
    titles.push_back(title.empty() ? own.front() : title);
  }
  return titles;
}

}  // namespace felix::bench
