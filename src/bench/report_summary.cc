#include "bench/report_summary.h"

#include <algorithm>

#include <fmt/format.h>

#include "bench/relay_ratio.h"
#include "bench/report_svg.h"
#include "bench/table_rows.h"
#include "bench/table_targets.h"
#include "bench/table_units.h"

namespace felix::bench {
namespace {

bool times_delivery(const Run& run) {
  return (run.shape == "latency" || run.shape == "fanout") && run.latency.count > 0 && !is_flood(run);
}

template <class Wanted>
const RunGroup* find_group(const std::vector<RunGroup>& groups, Wanted wanted) {
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [&](const RunGroup& group) { return wanted(group.first()); });
  return found == groups.end() ? nullptr : &*found;
}

const Run* fastest(const std::vector<RunGroup>& groups) {
  const Run* best = nullptr;
  for (const RunGroup& group : groups) {
    const Run& run = group.middle();
    if (!run.verdict.ok || run.shape == "floor" || run.rates.delivered_per_s <= 0) continue;
    if (best == nullptr || run.rates.delivered_per_s > best->rates.delivered_per_s) best = &run;
  }
  return best;
}

std::string machine_of(const Run& run) {
  const Environment& machine = run.environment;
  std::string text =
      machine.cpus > 0 ? fmt::format("{} CPU{}", machine.cpus, machine.cpus == 1 ? "" : "s") : "";
  if (!machine.cpu_model.empty()) text += (text.empty() ? "" : ", ") + machine.cpu_model;
  if (!machine.kernel.empty()) text += (text.empty() ? "" : ", ") + machine.kernel;
  return text;
}

std::string tile(std::string_view name, std::string_view value, std::string_view below) {
  return fmt::format("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n", escape_html(name),
                     escape_html(value), escape_html(below));
}

std::string over_relay(const RunGroup& group, Spread RelayRatio::* percentile) {
  const auto ratio = relay_ratio(group.trials);
  return ratio ? format_ratio((*ratio.*percentile).median) + " the raw UDP relay" : "no floor taken";
}

}  // namespace

Headline headline_of(const std::vector<RunGroup>& groups) {
  Headline headline;
  if (groups.empty()) return {"", "No runs", "The file holds no run of the bench."};
  const Run& first = groups.front().first();
  const auto has_targets = [](const Run& run) { return !run.targets.empty(); };
  if (const RunGroup* promised = find_group(groups, has_targets)) {
    const std::string text = targets_met_text(promised->first());
    const std::size_t space = text.find(" targets");
    headline.figure = text.substr(0, space);
    headline.rest = text.substr(space + 1);
    headline.lead = "Every figure that Felix means to reach, measured in turns on one machine.";
  } else if (const RunGroup* timed = find_group(groups, times_delivery)) {
    const Run& run = timed->middle();
    const double p50 = static_cast<double>(run.latency.p50_ns);
    headline.figure = format_ns(p50);
    headline.rest = "from publish to delivery";
    headline.lead = fmt::format("Half of all records arrive within {}, 99 of 100 within {}.", headline.figure,
                                format_ns(static_cast<double>(run.latency.p99_ns)));
    if (run.relay.count > 0) {
      headline.lead +=
          fmt::format(" A raw UDP relay that does nothing takes {}, side by side on the same machine.",
                      format_ns(static_cast<double>(run.relay.p50_ns)));
    }
  } else if (first.shape == "sweep" && first.knee_per_s > 0) {
    headline.figure = format_short(first.knee_per_s);
    headline.rest = "records a second before latency takes off";
    headline.lead = title_of(first) + ".";
  } else if (const Run* best = fastest(groups)) {
    headline.figure = format_short(best->rates.delivered_per_s);
    headline.rest = best->shape == "cache"     ? "cache operations a second"
                    : best->shape == "connect" ? "connections a second"
                                               : "records delivered a second";
    headline.lead = title_of(*best) + ".";
  } else {
    headline.rest = first.shape == "floor" ? "The limits of this machine" : "A run of felix bench";
    headline.lead = "What sockets, wake-ups, memory, encryption and the disk do without Felix.";
  }
  if (const std::string machine = machine_of(first); !machine.empty())
    headline.lead += " Measured on " + machine + ".";
  return headline;
}

std::string key_figures(const std::vector<RunGroup>& groups) {
  std::string tiles;
  if (const RunGroup* timed = find_group(groups, times_delivery)) {
    const Run& run = timed->middle();
    const LatencySummary& latency = run.latency;
    tiles +=
        tile("p50", format_ns(static_cast<double>(latency.p50_ns)), over_relay(*timed, &RelayRatio::p50));
    tiles +=
        tile("p99", format_ns(static_cast<double>(latency.p99_ns)), over_relay(*timed, &RelayRatio::p99));
    tiles += tile("p99.9", percentile_text(latency, latency.p999_ns, 0.999),
                  fmt::format("of {} samples", format_short(static_cast<double>(latency.count))));
  }
  if (const Run* best = fastest(groups)) {
    tiles += tile("fastest", format_short(best->rates.delivered_per_s) + "/s",
                  best->rates.delivered_mb_per_s > 0
                      ? best->shape + ", " + format_mb_per_s(best->rates.delivered_mb_per_s)
                      : best->shape);
  }
  std::uint64_t expected = 0;
  std::uint64_t lost = 0;
  for (const RunGroup& group : groups) {
    for (const Run* run : group.trials) {
      expected += run->counts.expected;
      lost += run->counts.lost;
    }
  }
  if (expected > 0) {
    tiles +=
        tile("lost", format_exact(lost), "of " + format_short(static_cast<double>(expected)) + " deliveries");
  }
  return tiles.empty() ? tiles : "<dl class=\"tiles\">\n" + tiles + "</dl>\n";
}

std::string failures(const std::vector<RunGroup>& groups) {
  std::string items;
  for (const RunGroup& group : groups) {
    for (const Run* run : group.trials) {
      if (run->verdict.ok) continue;
      std::string reasons;
      for (const std::string& reason : run->verdict.reasons)
        reasons += (reasons.empty() ? "" : "; ") + reason;
      items += "<li>" + escape_html(title_of(*run)) + ": " + escape_html(reasons) + "</li>\n";
    }
  }
  std::string flagged;
  for (const RunGroup& group : groups) {
    for (const Run* run : group.trials) {
      for (const std::string& flag : run->verdict.flags)
        flagged += "<li>" + escape_html(title_of(*run)) + ": " + escape_html(flag) + "</li>\n";
    }
  }
  if (!flagged.empty())
    flagged =
        "<div class=\"failed flagged\" role=\"note\"><strong>Flagged: these figures say less than they "
        "seem to.</strong>\n<ul>\n" +
        flagged + "</ul></div>\n";
  if (items.empty()) return flagged;
  return flagged +
         "<div class=\"failed\" role=\"alert\"><strong>Runs failed; their figures prove "
         "nothing.</strong>\n<ul>\n" +
         items + "</ul></div>\n";
}

}  // namespace felix::bench
