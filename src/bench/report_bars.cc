#include <algorithm>

#include <fmt/format.h>

#include "bench/report_charts.h"
#include "bench/report_figure.h"
#include "bench/report_svg.h"
#include "bench/statistics.h"
#include "bench/table_units.h"

namespace felix::bench {
namespace {

constexpr double kRow = 52;
constexpr double kBar = 20;

struct Segment {
  double value = 0;
  std::string name;
};

struct Bar {
  std::string title;
  std::vector<Segment> segments;  // from left to right
  double low = 0;                 // of the trials; no whisker when low == high
  double high = 0;
  std::string text;  // at its end

  double length() const {
    double sum = 0;
    for (const Segment& segment : segments) sum += segment.value;
    return sum;
  }
};

std::string draw_bars(const std::vector<Bar>& bars, std::string (*label)(double), std::string_view axis,
                      std::string_view title) {
  Frame frame;
  frame.left = 8;
  frame.top = 4;
  frame.right = 230;
  frame.height = frame.top + frame.bottom + kRow * static_cast<double>(bars.size());
  double most = 0;
  for (const Bar& bar : bars) most = std::max({most, bar.length(), bar.high});
  const std::vector<double> ticks = linear_ticks(most, 5);
  const Scale x = Scale::linear(0, ticks.back(), frame.x0(), frame.x1());
  Svg svg(frame);
  std::vector<std::string> labels;
  for (const double tick : ticks) labels.push_back(label(tick));
  svg.x_axis(x, ticks, labels, axis);

  std::string description;
  double top = frame.y1();
  for (const Bar& bar : bars) {
    svg.text({frame.x0(), top + 18}, "start", "bar-title", bar.title);
    const double y = top + 25;
    double from = 0;
    for (std::size_t at = 0; at < bar.segments.size(); ++at) {
      const Segment& segment = bar.segments[at];
      if (segment.value > 0) {
        svg.rect({x(from), y}, std::max(1.0, x(from + segment.value) - x(from)), kBar,
                 fmt::format("bar s{}", at), segment.name);
      }
      from += segment.value;
    }
    if (bar.low < bar.high) {
      const double middle = y + kBar / 2;
      svg.line({x(bar.low), middle}, {x(bar.high), middle}, "whisker");
      for (const double end : {bar.low, bar.high})
        svg.line({x(end), middle - 5}, {x(end), middle + 5}, "whisker");
    }
    svg.text({x(std::max(bar.length(), bar.high)) + 10, y + 15}, "start", "bar-value", bar.text);
    description += bar.title + ": " + bar.text + ". ";
    top += kRow;
  }
  return svg.finish(title, description);
}

std::string rate_label(double value) { return value == 0 ? "0" : format_short(value) + "/s"; }
std::string cost_label(double micros) { return micros == 0 ? "0" : format_ns(micros * 1e3); }

}  // namespace

std::string delivered_rates(std::span<const RunGroup> groups, std::span<const std::string> titles) {
  std::vector<Bar> bars;
  for (std::size_t at = 0; at < groups.size(); ++at) {
    const auto trials = groups[at].each([](const Run& run) { return run.rates.delivered_per_s; });
    const Spread of = spread(trials);
    if (of.median <= 0) continue;
    const Run& run = groups[at].middle();
    std::string text = rate_label(of.median);
    if (run.rates.delivered_mb_per_s > 0) text += " · " + format_mb_per_s(run.rates.delivered_mb_per_s);
    if (!run.verdict.ok) text += " · failed";
    const std::string hint = fmt::format("median {} of {} trial(s), {} to {}", rate_label(of.median),
                                         trials.size(), rate_label(of.lowest), rate_label(of.highest));
    bars.push_back({titles[at], {{of.median, hint}}, of.lowest, of.highest, text});
  }
  if (bars.empty()) return {};
  return figure("Throughput", "Bars: median of the trials. Whiskers: lowest and highest trial.", {},
                draw_bars(bars, rate_label, "delivered a second, all subscribers together", "Throughput"));
}

std::string cpu_per_record(std::span<const RunGroup> groups, std::span<const std::string> titles) {
  std::vector<Bar> bars;
  for (std::size_t at = 0; at < groups.size(); ++at) {
    const Cpu& cpu = groups[at].middle().cpu;
    const double fanout =
        static_cast<double>(std::max<std::uint64_t>(groups[at].first().parameters.fanout, 1));
    const double subscribers = cpu.subscriber_us_per_record * fanout;
    Bar bar{titles[at],
            {{cpu.broker_us_per_record, "broker " + cost_label(cpu.broker_us_per_record)},
             {cpu.publisher_us_per_record, "publisher " + cost_label(cpu.publisher_us_per_record)},
             {subscribers, "subscribers " + cost_label(subscribers)}},
            0,
            0,
            ""};
    if (bar.length() <= 0) continue;
    bar.text = cost_label(bar.length());
    if (cpu.broker_us_per_record > 0) bar.text += " · broker " + cost_label(cpu.broker_us_per_record);
    bars.push_back(std::move(bar));
  }
  if (bars.empty()) return {};
  return figure(
      "CPU time for a published record", "Everything it takes until the last subscriber has it.",
      {{"s0", "broker", "", true}, {"s1", "publisher", "", true}, {"s2", "all subscribers", "", true}},
      draw_bars(bars, cost_label, "CPU time of one core", "CPU time for a published record"));
}

}  // namespace felix::bench
