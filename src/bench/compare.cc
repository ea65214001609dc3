#include "bench/compare.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "bench/table_group.h"
#include "bench/table_rows.h"

namespace felix::bench {
namespace {

struct Figure {
  std::string name;
  bool lower_is_better;
  std::function<double(const Run&)> value;
};

double from_map(const std::map<std::string, double>& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? 0 : found->second;
}

// What is worth comparing between runs like this one. A rate that was asked for is no result.
std::vector<Figure> figures_of(const Run& run) {
  using L = LatencySummary;
  std::vector<Figure> figures;
  const auto latency = [&](std::string name, LatencySummary Run::* which, std::uint64_t L::* percentile) {
    figures.push_back({std::move(name), true,
                       [=](const Run& each) { return static_cast<double>((each.*which).*percentile); }});
  };
  if (!is_flood(run)) {
    latency("p50_ns", &Run::latency, &L::p50_ns);
    latency("p90_ns", &Run::latency, &L::p90_ns);
    latency("p99_ns", &Run::latency, &L::p99_ns);
    latency("p999_ns", &Run::latency, &L::p999_ns);
    latency("ack_p50_ns", &Run::ack_latency, &L::p50_ns);
    latency("ack_p99_ns", &Run::ack_latency, &L::p99_ns);
  }
  if (run.parameters.rate == 0) {
    figures.push_back({"delivered_per_s", false, [](const Run& each) { return each.rates.delivered_per_s; }});
  }
  figures.push_back({"knee_per_s", false, [](const Run& each) { return each.knee_per_s; }});
  figures.push_back({"broker_cpu_us", true, [](const Run& each) { return each.cpu.broker_us_per_record; }});
  for (const auto& [name, value] : run.figures) {
    const bool rate = name.ends_with("_per_s");
    const bool cost = name.ends_with("_ns") || name.ends_with("_us") || name.ends_with("_s") ||
                      name.ends_with("_bytes") || name.ends_with("_ratio");
    if (rate || cost) {
      figures.push_back({name, !rate, [n = name](const Run& each) { return from_map(each.figures, n); }});
    }
  }
  return figures;
}

Change verdict_of(const FigureComparison& figure) {
  if (figure.test.least_p > kSignificance) return Change::too_few_trials;
  if (figure.test.p > kSignificance || figure.ratio == 1) return Change::no_evidence;
  return (figure.ratio < 1) == figure.lower_is_better ? Change::faster : Change::slower;
}

RunComparison compare_groups(const RunGroup& before, const RunGroup& after) {
  RunComparison comparison{title_of(before.first()), before.trials.size(), after.trials.size(), {}};
  for (const Figure& figure : figures_of(before.first())) {
    const std::vector<double> old_values = before.each(figure.value);
    const std::vector<double> new_values = after.each(figure.value);
    FigureComparison made;
    made.name = figure.name;
    made.lower_is_better = figure.lower_is_better;
    made.before = spread(old_values);
    made.after = spread(new_values);
    if (made.before.highest <= 0 && made.after.highest <= 0) continue;  // not measured
    if (made.before.median > 0) made.ratio = made.after.median / made.before.median;
    made.test = mann_whitney(old_values, new_values);
    made.change = verdict_of(made);
    comparison.figures.push_back(std::move(made));
  }
  return comparison;
}

std::vector<Run> without_failed(const std::vector<Run>& runs, std::string_view which,
                                Comparison& comparison) {
  std::vector<Run> sound;
  for (const Run& run : runs) {
    if (run.verdict.ok) {
      sound.push_back(run);
    } else {
      comparison.warnings.push_back(
          fmt::format("{}: a trial of \"{}\" failed and is left out", which, title_of(run)));
    }
  }
  return sound;
}

void warn_of_machines(const Run& before, const Run& after, Comparison& comparison) {
  const Environment& a = before.environment;
  const Environment& b = after.environment;
  if (a.cpu_model != b.cpu_model || a.cpus != b.cpus) {
    comparison.warnings.push_back(
        fmt::format("other machines: {} × {}, then {} × {}; the difference may be theirs", a.cpus,
                    a.cpu_model, b.cpus, b.cpu_model));
  } else if (a.kernel != b.kernel) {
    comparison.warnings.push_back(fmt::format("other kernels: {}, then {}", a.kernel, b.kernel));
  }
  const auto floor_before = static_cast<double>(before.relay.p50_ns);
  const auto floor_after = static_cast<double>(after.relay.p50_ns);
  if (floor_before > 0 && floor_after > 0) {
    const double moved = floor_after / floor_before;
    if (moved > 1.2 || moved < 1 / 1.2) {
      comparison.warnings.push_back(fmt::format(
          "the machine itself moved: its raw UDP relay took {:.2f} times as long as before", moved));
    }
  }
}

}  // namespace

Comparison compare_runs(const std::vector<Run>& before, const std::vector<Run>& after) {
  Comparison comparison;
  const std::vector<Run> sound_before = without_failed(before, "before", comparison);
  const std::vector<Run> sound_after = without_failed(after, "after", comparison);
  const std::vector<RunGroup> old_groups = group_trials(sound_before);
  const std::vector<RunGroup> new_groups = group_trials(sound_after);
  const auto same_as = [](const RunGroup& wanted) {
    return [key = comparison_key(wanted.first())](const RunGroup& group) {
      return comparison_key(group.first()) == key;
    };
  };
  for (const RunGroup& group : old_groups) {
    const auto found = std::find_if(new_groups.begin(), new_groups.end(), same_as(group));
    if (found == new_groups.end()) {
      comparison.only_before.push_back(title_of(group.first()));
      continue;
    }
    if (comparison.runs.empty()) warn_of_machines(group.first(), found->first(), comparison);
    comparison.runs.push_back(compare_groups(group, *found));
  }
  for (const RunGroup& group : new_groups) {
    if (std::none_of(old_groups.begin(), old_groups.end(), same_as(group))) {
      comparison.only_after.push_back(title_of(group.first()));
    }
  }
  return comparison;
}

bool slower_by_more_than(const Comparison& comparison, double percent) {
  const auto too_slow = [percent](const FigureComparison& figure) {
    if (figure.change != Change::slower) return false;
    const double worse = figure.lower_is_better ? figure.ratio : 1 / figure.ratio;
    return (worse - 1) * 100 > percent;
  };
  return std::any_of(comparison.runs.begin(), comparison.runs.end(), [&](const RunComparison& run) {
    return std::any_of(run.figures.begin(), run.figures.end(), too_slow);
  });
}

}  // namespace felix::bench
