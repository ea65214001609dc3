#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bench/report_charts.h"
#include "bench/report_figure.h"
#include "bench/report_svg.h"
#include "bench/table_rows.h"
#include "bench/table_units.h"

namespace felix::bench {
namespace {

constexpr double kTrustedSamples = 10;

// The percentile axis counts nines: 90 % is 1, 99 % is 2. The last sample of all, whose share is unknowable,
// stands half a rank beyond the one before it.
double nines_of(double quantile, double count) {
  const double most = std::log10(2 * std::max(count, 2.0));
  return quantile >= 1 ? most : std::min(most, -std::log10(1 - quantile));
}

struct Curve {
  std::vector<Point> trusted;  // (nines, ns)
  std::vector<Point> thin;     // beyond: fewer than ten samples
};

Curve curve_of(const LatencySummary& latency) {
  Curve curve;
  const double count = static_cast<double>(latency.count);
  double seen = 0;
  for (const CurvePoint& point : latency.curve) {
    seen += static_cast<double>(point.count);
    const Point at{nines_of(seen / count, count),
                   static_cast<double>(std::min(point.upper_ns, latency.max_ns))};
    const bool trusted = count - seen >= kTrustedSamples || curve.trusted.empty();
    if (!trusted && curve.thin.empty()) curve.thin.push_back(curve.trusted.back());
    (trusted ? curve.trusted : curve.thin).push_back(at);
  }
  return curve;
}

// The area that all curves need.
struct Extent {
  double low_ns = INFINITY;
  double high_ns = 0;
  double nines = 2;

  void cover(const Run& run) {
    if (run.latency.count == 0) return;
    low_ns = std::min(low_ns, std::max(1.0, static_cast<double>(run.latency.min_ns)));
    high_ns = std::max(high_ns, static_cast<double>(run.latency.max_ns));
    nines = std::max(nines, std::log10(static_cast<double>(run.latency.count)) + 0.35);
    if (run.relay.count == 0) return;
    low_ns = std::min(low_ns, std::max(1.0, static_cast<double>(run.relay.min_ns)));
    high_ns = std::max(high_ns, static_cast<double>(run.relay.max_ns));
  }
};

std::string percent_label(int nines) {
  if (nines == 0) return "0 %";
  return nines < 3 ? fmt::format("{} %", nines == 1 ? "90" : "99")
                   : "99." + std::string(nines - 2, '9') + " %";
}

std::vector<Point> placed(const std::vector<Point>& points, const Scale& x, const Scale& y) {
  std::vector<Point> on_page;
  for (const Point& point : points) on_page.push_back({x(point.x), y(point.y)});
  return on_page;
}

void draw_relay(Svg& svg, const LatencySummary& relay, const Scale& x, const Scale& y) {
  const Curve curve = curve_of(relay);
  svg.path(placed(curve.thin, x, y), "curve floor faint");
  svg.path(placed(curve.trusted, x, y), "curve floor");
  const auto mark = [&](double quantile, std::uint64_t value, std::string_view name) {
    const auto ns = static_cast<double>(value);
    svg.diamond({x(nines_of(quantile, static_cast<double>(relay.count))), y(ns)}, 6, "mark floor",
                fmt::format("raw UDP relay, {}: {}", name, format_ns(ns)));
  };
  mark(0.5, relay.p50_ns, "p50");
  mark(0.99, relay.p99_ns, "p99");
}

void mark_percentile(Svg& svg, const Run& run, double quantile, std::uint64_t value, std::string_view name,
                     std::string_view css_class, const Scale& x, const Scale& y) {
  const double ns = static_cast<double>(value);
  svg.circle({x(nines_of(quantile, static_cast<double>(run.latency.count))), y(ns)}, 4.5, css_class,
             fmt::format("{}, {}: {}", latency_label(run), name, format_ns(ns)));
}

}  // namespace

std::string percentile_curves(std::span<const RunGroup> groups, std::span<const std::string> titles) {
  Extent extent;
  for (const RunGroup& group : groups) {
    for (const Run* run : group.trials) extent.cover(*run);
  }
  if (extent.high_ns == 0) return {};

  const Frame frame;
  Svg svg(frame);
  const double low = round_down(extent.low_ns);
  const double high = std::max(round_up(extent.high_ns), low * 10);
  const Scale y = Scale::logarithmic(low, high, frame.y0(), frame.y1());
  const Scale x = Scale::linear(0, extent.nines, frame.x0(), frame.x1());
  svg.y_axis(y, log_ticks(low, high), format_ns, "latency");
  std::vector<double> ticks{0, std::log10(2.0)};
  std::vector<std::string> labels{percent_label(0), "50 %"};
  for (int nines = 1; nines <= static_cast<int>(extent.nines); ++nines) {
    ticks.push_back(nines);
    labels.push_back(percent_label(nines));
  }
  svg.x_axis(x, ticks, labels, "share of records that arrived within the latency");

  std::vector<LegendEntry> legend;
  std::string description;
  for (std::size_t at = 0; at < groups.size(); ++at) {
    const Run& middle = groups[at].middle();
    if (middle.latency.count == 0) continue;
    const std::string series = fmt::format("s{}", at % kSeriesOfAPlot);
    for (const Run* run : groups[at].trials) {
      if (run == &middle || run->latency.count == 0) continue;
      const Curve curve = curve_of(run->latency);
      svg.path(placed(curve.trusted, x, y), "trial " + series);
    }
    const Curve curve = curve_of(middle.latency);
    svg.path(placed(curve.thin, x, y), "curve faint " + series);
    svg.path(placed(curve.trusted, x, y), "curve " + series);
    mark_percentile(svg, middle, 0.5, middle.latency.p50_ns, "p50", "mark " + series, x, y);
    mark_percentile(svg, middle, 0.99, middle.latency.p99_ns, "p99", "mark " + series, x, y);
    mark_percentile(svg, middle, 0.999, middle.latency.p999_ns, "p99.9", "mark " + series, x, y);
    const std::string figures =
        fmt::format("p50 {} · p99 {}", format_ns(static_cast<double>(middle.latency.p50_ns)),
                    format_ns(static_cast<double>(middle.latency.p99_ns)));
    legend.push_back({series, titles[at], figures});
    description += titles[at] + ": " + figures + ". ";
  }
  for (const RunGroup& group : groups) {
    const LatencySummary& relay = group.middle().relay;
    if (relay.count == 0) continue;
    draw_relay(svg, relay, x, y);
    const std::string figures = fmt::format("p50 {} · p99 {}", format_ns(static_cast<double>(relay.p50_ns)),
                                            format_ns(static_cast<double>(relay.p99_ns)));
    legend.push_back({"floor", "raw UDP relay, the floor", figures});
    break;
  }
  return figure(
      "Latency by percentile",
      "Each step to the right is ten times rarer. Faint: fewer than ten samples lie beyond. Thin lines: "
      "other trials.",
      legend, svg.finish("Latency by percentile", description));
}

}  // namespace felix::bench
