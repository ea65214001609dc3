// The targets: how far each is met or missed, and the figures.

#include <algorithm>

#include <fmt/format.h>

#include "bench/report_charts.h"
#include "bench/report_figure.h"
#include "bench/report_svg.h"
#include "bench/report_table.h"
#include "bench/table_targets.h"
#include "bench/table_units.h"

namespace felix::bench {
namespace {

constexpr double kRow = 46;
constexpr double kBar = 16;

bool known(const TargetResult& result) { return result.measured > 0 && result.limit > 0; }

// 2: twice as good as asked for.
double goodness(const TargetResult& result) {
  return result.bound == "at_most" ? result.limit / result.measured : result.measured / result.limit;
}

std::string name_of(const TargetResult& result) { return result.row + ": " + result.label; }

}  // namespace

std::string target_bars(const Run& run) {
  std::vector<const TargetResult*> shown;
  double low = 0.5;
  double high = 2;
  for (const TargetResult& result : run.targets) {
    if (!known(result)) continue;
    shown.push_back(&result);
    low = std::min(low, goodness(result));
    high = std::max(high, goodness(result));
  }
  if (shown.empty()) return {};
  low = round_down(low);
  high = round_up(high);

  Frame frame;
  frame.left = 24;
  frame.top = 4;
  frame.right = 200;
  frame.height = frame.top + frame.bottom + kRow * static_cast<double>(shown.size());
  const Scale x = Scale::logarithmic(low, high, frame.x0(), frame.x1());
  Svg svg(frame);
  const std::vector<double> ticks = log_ticks(low, high);
  std::vector<std::string> labels;
  for (const double tick : ticks) labels.push_back(tick == 1 ? "target" : fmt::format("{:g}×", tick));
  svg.x_axis(x, ticks, labels, "times as good as the target, to the right better");

  std::string description;
  double top = frame.y1();
  for (const TargetResult* result : shown) {
    const bool met = result->status == "met";
    const double end = x(goodness(*result));
    const double from = std::min(x(1), end);
    svg.text({frame.x0(), top + 16}, "start", "bar-title", name_of(*result));
    svg.rect({from, top + 23}, std::max(2.0, std::max(x(1), end) - from), kBar, met ? "bar s2" : "bar s1",
             result->status);
    const std::string text =
        fmt::format("{} ({})", format_figure(result->figure, result->measured), limit_text(*result));
    svg.text({std::max(x(1), end) + 8, top + 36}, "start", "bar-value", text);
    description += name_of(*result) + ": " + text + ", " + result->status + ". ";
    top += kRow;
  }
  svg.line({x(1), frame.y1()}, {x(1), frame.y0()}, "knee");
  return figure("Measured against the target", "Each step is a factor; the dotted line is the target itself.",
                {{"s2", "met", "", true}, {"s1", "missed", "", true}},
                svg.finish("Measured against the target", description));
}

std::string target_list(const Run& run) {
  HtmlTable table("Targets", {"", "target", "measured", "rounds", "", "where the target comes from"}, 5);
  for (const TargetResult& result : run.targets) {
    table.row(name_of(result));
    table.cell(limit_text(result));
    table.cell(known(result) ? format_figure(result.figure, result.measured) : "");
    table.cell(known(result) ? rounds_text(result) : "");
    result.status == "met" ? table.cell("met") : table.bad(result.status);
    table.words(result.basis);
  }
  return table.finish();
}

}  // namespace felix::bench
