// Plots of p50, p99 and p99.9: against load and over time.

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "bench/report_charts.h"
#include "bench/report_figure.h"
#include "bench/report_svg.h"
#include "bench/table_units.h"

namespace felix::bench {
namespace {

struct Sample {
  double x = 0;
  std::uint64_t ns = 0;
  bool good = true;
  std::string hint;
};

struct Line {
  std::string name;
  std::vector<Sample> samples;
};

std::string seconds_label(double value) { return format_three(value) + " s"; }
std::string rate_label(double value) { return format_short(value) + "/s"; }

// Range of all positive latencies, rounded outwards; {0, 0} when there is none.
std::array<double, 2> latency_range(const std::vector<Line>& lines) {
  double low = INFINITY;
  double high = 0;
  for (const Line& line : lines) {
    for (const Sample& sample : line.samples) {
      if (sample.ns == 0) continue;
      low = std::min(low, static_cast<double>(sample.ns));
      high = std::max(high, static_cast<double>(sample.ns));
    }
  }
  if (high == 0) return {0, 0};
  low = round_down(low);
  return {low, std::max(round_up(high * 1.01), low * 10)};
}

// Names at the right ends of the lines, moved apart where they would overlap.
void name_lines(Svg& svg, const Frame& frame, const std::vector<Line>& lines, const Scale& y) {
  struct Name {
    double y;
    std::size_t line;
  };
  std::vector<Name> names;
  for (std::size_t at = 0; at < lines.size(); ++at) {
    for (auto sample = lines[at].samples.rbegin(); sample != lines[at].samples.rend(); ++sample) {
      if (sample->ns == 0) continue;
      names.push_back({y(static_cast<double>(sample->ns)) + 4.5, at});
      break;
    }
  }
  std::sort(names.begin(), names.end(), [](const Name& a, const Name& b) { return a.y > b.y; });
  double below = frame.y0() + 17;
  for (Name& name : names) {
    name.y = std::min(name.y, below - 17);
    below = name.y;
    svg.text({frame.x1() + 10, name.y}, "start", fmt::format("name s{}", name.line), lines[name.line].name);
  }
}

void draw_lines(Svg& svg, const std::vector<Line>& lines, const Scale& x, const Scale& y, bool marks) {
  for (std::size_t at = 0; at < lines.size(); ++at) {
    std::vector<Point> points;
    for (const Sample& sample : lines[at].samples) {
      if (sample.ns > 0) points.push_back({x(sample.x), y(static_cast<double>(sample.ns))});
    }
    svg.path(points, fmt::format("curve s{}", at));
    if (!marks) continue;
    for (const Sample& sample : lines[at].samples) {
      if (sample.ns == 0) continue;
      svg.circle({x(sample.x), y(static_cast<double>(sample.ns))}, 4.5,
                 fmt::format("{} s{}", sample.good ? "mark" : "hollow", at), sample.hint);
    }
  }
}

}  // namespace

std::string latency_against_load(const Run& sweep) {
  std::vector<Line> lines{{"p50", {}}, {"p99", {}}, {"p99.9", {}}};
  double slowest = INFINITY;
  double fastest = 0;
  for (const SweepPoint& point : sweep.sweep) {
    if (point.delivered_per_s <= 0) continue;
    slowest = std::min(slowest, point.delivered_per_s);
    fastest = std::max(fastest, point.delivered_per_s);
    const std::uint64_t values[] = {point.p50_ns, point.p99_ns, point.p999_ns};
    for (std::size_t at = 0; at < lines.size(); ++at) {
      lines[at].samples.push_back(
          {point.delivered_per_s, values[at], point.kept_up,
           fmt::format("{} at {}: {}{}", lines[at].name, rate_label(point.delivered_per_s),
                       format_ns(static_cast<double>(values[at])),
                       point.kept_up ? "" : ", fell behind " + rate_label(point.offered_per_s))});
    }
  }
  const auto [low, high] = latency_range(lines);
  if (high == 0) return {};

  Frame frame;
  frame.right = 72;
  Svg svg(frame);
  const Scale y = Scale::logarithmic(low, high, frame.y0(), frame.y1());
  const double left = slowest / 1.15;
  const double right = fastest * 1.15;
  const Scale x = Scale::logarithmic(left, right, frame.x0(), frame.x1());
  svg.y_axis(y, log_ticks(low, high), format_ns, "latency");
  const std::vector<double> ticks = log_ticks(left, right);
  std::vector<std::string> labels;
  for (const double tick : ticks) labels.push_back(rate_label(tick));
  svg.x_axis(x, ticks, labels, "records delivered a second");
  if (sweep.knee_per_s > 0) {
    const double at = x(sweep.knee_per_s);
    svg.line({at, frame.y0()}, {at, frame.y1()}, "knee");
    svg.text({at - 8, frame.y1() + 16}, "end", "knee-name", "knee " + rate_label(sweep.knee_per_s));
  }
  draw_lines(svg, lines, x, y, true);
  name_lines(svg, frame, lines, y);
  const std::string knee =
      sweep.knee_per_s > 0 ? "The knee is at " + rate_label(sweep.knee_per_s) + "." : "No knee was found.";
  return figure("Latency against load",
                "Hollow points: the load offered was more than what was delivered. " + knee, {},
                svg.finish("Latency against load", knee));
}

std::string latency_over_time(const Run& run, const std::string& title) {
  std::vector<Line> lines{{"p50", {}}, {"p99", {}}};
  for (const TimelinePoint& point : run.timeline) {
    lines[0].samples.push_back({point.at_s, point.p50_ns, true, {}});
    lines[1].samples.push_back({point.at_s, point.p99_ns, true, {}});
  }
  const auto [low, high] = latency_range(lines);
  if (high == 0 || run.timeline.size() < 3 || run.timeline.back().at_s <= 0) return {};

  Frame frame;
  frame.height = 240;
  frame.right = 72;
  Svg svg(frame);
  const Scale y = Scale::logarithmic(low, high, frame.y0(), frame.y1());
  const Scale x = Scale::linear(0, run.timeline.back().at_s, frame.x0(), frame.x1());
  svg.y_axis(y, log_ticks(low, high), format_ns, "latency");
  std::vector<double> ticks = linear_ticks(run.timeline.back().at_s, 8);
  while (ticks.back() > run.timeline.back().at_s * 1.001) ticks.pop_back();
  std::vector<std::string> labels;
  for (const double tick : ticks) labels.push_back(seconds_label(tick));
  svg.x_axis(x, ticks, labels, "time into the run");
  draw_lines(svg, lines, x, y, run.timeline.size() <= 60);
  name_lines(svg, frame, lines, y);
  return figure("Latency over time" + (title.empty() ? title : ", " + title),
                "Of each interval, so that pauses show.", {},
                svg.finish("Latency over time", fmt::format("{} intervals", run.timeline.size())));
}

}  // namespace felix::bench
