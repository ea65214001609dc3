#include "telemetry/exposition.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

namespace felix::telemetry {
namespace {

// The sum of one series over all sets.
struct Total {
  const Series* series;  // of the first set that has it
  std::uint64_t count = 0;
  double value = 0;
  std::optional<Histogram> histogram;
};

struct Family {
  const Series* first;
  std::vector<Total> totals;
};

void add_to(std::vector<Family>& families, const Series& series) {
  auto family = std::find_if(families.begin(), families.end(),
                             [&](const Family& known) { return known.first->name == series.name; });
  if (family == families.end()) family = families.insert(families.end(), Family{&series, {}});
  auto& totals = family->totals;
  auto total = std::find_if(totals.begin(), totals.end(),
                            [&](const Total& known) { return known.series->labels == series.labels; });
  if (total == totals.end()) total = totals.insert(totals.end(), Total{&series, 0, 0, {}});
  if (series.counter) total->count += series.counter->value();
  if (series.gauge) total->value += static_cast<double>(series.gauge->value());
  if (series.observe) total->value += series.observe();
  if (series.histogram) {
    if (total->histogram) {
      total->histogram->merge(series.histogram->snapshot());
    } else {
      total->histogram = series.histogram->snapshot();
    }
  }
}

std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || (quotes && c == '"')) out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  // Bounds such as 25'000 ns * 1e-9 carry a rounding error that nobody wants to read.
  return fmt::format("{:.15g}", value);
}

// `le` empty: no bucket label.
std::string label_block(const Labels& labels, std::string_view le = {}) {
  std::string out;
  const auto put = [&](std::string_view name, std::string_view value) {
    out += out.empty() ? "{" : ",";
    out.append(name).append("=\"").append(escaped(value, true)).append("\"");
  };
  for (const auto& [name, value] : labels) put(name, value);
  if (!le.empty()) put("le", le);
  if (!out.empty()) out += "}";
  return out;
}

void put_histogram(std::string& out, const Total& total) {
  const Series& series = *total.series;
  const Histogram& histogram = *total.histogram;
  for (const std::uint64_t bound : series.shape.bounds)
    out += fmt::format("{}_bucket{} {}\n", series.name,
                       label_block(series.labels, number(static_cast<double>(bound) * series.shape.scale)),
                       histogram.count_up_to(bound));
  out += fmt::format("{}_bucket{} {}\n", series.name, label_block(series.labels, "+Inf"), histogram.count());
  out += fmt::format("{}_sum{} {}\n", series.name, label_block(series.labels),
                     number(static_cast<double>(histogram.sum()) * series.shape.scale));
  out += fmt::format("{}_count{} {}\n", series.name, label_block(series.labels), histogram.count());
}

}  // namespace

std::string expose(std::span<const MetricSet* const> sets) {
  std::vector<Family> families;
  for (const MetricSet* set : sets) set->for_each([&](const Series& series) { add_to(families, series); });
  std::string out;
  for (const Family& family : families) {
    constexpr std::string_view kTypes[] = {"counter", "gauge", "histogram"};
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", family.first->name, escaped(family.first->help, false),
                       family.first->name, kTypes[static_cast<std::size_t>(family.first->kind)]);
    for (const Total& total : family.totals) {
      if (total.histogram) {
        put_histogram(out, total);
      } else if (total.series->kind == MetricKind::counter) {
        out += fmt::format("{}{} {}\n", family.first->name, label_block(total.series->labels), total.count);
      } else {
        out += fmt::format("{}{} {}\n", family.first->name, label_block(total.series->labels),
                           number(total.value));
      }
    }
  }
  return out;
}

}  // namespace felix::telemetry
