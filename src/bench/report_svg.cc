#include "bench/report_svg.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "base/contract.h"

namespace felix::bench {
namespace {

constexpr double kSteps[] = {1, 2, 5};

}  // namespace

Scale::Scale(double low, double high, double from, double to, bool log)
    : low_(log ? std::log10(low) : low),
      high_(log ? std::log10(high) : high),
      from_(from),
      to_(to),
      log_(log) {}

Scale Scale::linear(double low, double high, double from, double to) {
  FELIX_ASSERT(low < high);
  return {low, high, from, to, false};
}

Scale Scale::logarithmic(double low, double high, double from, double to) {
  FELIX_ASSERT(low > 0 && low < high);
  return {low, high, from, to, true};
}

double Scale::operator()(double value) const {
  const double place = log_ ? (value > 0 ? std::log10(value) : low_) : value;
  return from_ + std::clamp((place - low_) / (high_ - low_), 0.0, 1.0) * (to_ - from_);
}

double round_down(double value) {
  const double decade = std::pow(10, std::floor(std::log10(value)));
  double best = decade;
  for (const double step : kSteps) {
    if (step * decade <= value * (1 + 1e-9)) best = step * decade;
  }
  return best;
}

double round_up(double value) {
  const double down = round_down(value);
  if (down >= value * (1 - 1e-9)) return down;
  const double decade = std::pow(10, std::floor(std::log10(down * (1 + 1e-9))));
  return std::lround(down / decade) == 1   ? decade * 2
         : std::lround(down / decade) == 2 ? decade * 5
                                           : decade * 10;
}

std::vector<double> log_ticks(double low, double high) {
  std::vector<double> ticks;
  std::vector<double> decades;
  for (double tick = round_up(low); tick <= high * (1 + 1e-9); tick = round_up(tick * 1.01)) {
    ticks.push_back(tick);
    const double power = std::log10(tick);
    if (std::abs(power - std::round(power)) < 1e-9) decades.push_back(tick);
  }
  return ticks.size() > 10 ? decades : ticks;
}

std::vector<double> linear_ticks(double high, std::size_t wanted) {
  const double step = round_up(std::max(high, 1e-12) / static_cast<double>(wanted));
  std::vector<double> ticks{0};
  while (ticks.back() < high * (1 - 1e-9)) ticks.push_back(step * static_cast<double>(ticks.size()));
  return ticks;
}

std::string tick_text(std::string figure) {
  const std::size_t point = figure.find('.');
  if (point == std::string::npos) return figure;
  const std::size_t end = std::min(figure.find_first_not_of("0123456789", point + 1), figure.size());
  std::size_t keep = figure.find_last_not_of('0', end - 1) + 1;
  if (keep == point + 1) keep = point;
  return figure.erase(keep, end - keep);
}

void Svg::hinted(std::string_view element, std::string_view hint) {
  body_ += element;
  if (hint.empty()) {
    body_ += "/>\n";
    return;
  }
  body_ += "><title>" + escape_html(hint) + "</title></" +
           std::string(element.substr(1, element.find(' ') - 1)) + ">\n";
}

void Svg::line(Point from, Point to, std::string_view css_class) {
  fmt::format_to(std::back_inserter(body_),
                 "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n", from.x,
                 from.y, to.x, to.y, css_class);
}

void Svg::path(const std::vector<Point>& points, std::string_view css_class) {
  if (points.size() < 2) return;
  body_ += "<path d=\"";
  char command = 'M';
  for (const Point& point : points) {
    fmt::format_to(std::back_inserter(body_), "{}{:.1f} {:.1f}", command, point.x, point.y);
    command = 'L';
  }
  fmt::format_to(std::back_inserter(body_), "\" class=\"{}\"/>\n", css_class);
}

void Svg::circle(Point centre, double radius, std::string_view css_class, std::string_view hint) {
  hinted(fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" class=\"{}\"", centre.x, centre.y,
                     radius, css_class),
         hint);
}

void Svg::diamond(Point centre, double radius, std::string_view css_class, std::string_view hint) {
  hinted(fmt::format(
             "<path d=\"M{0:.1f} {2:.1f}L{3:.1f} {1:.1f}L{0:.1f} {4:.1f}L{5:.1f} {1:.1f}Z\" class=\"{6}\"",
             centre.x, centre.y, centre.y - radius, centre.x + radius, centre.y + radius, centre.x - radius,
             css_class),
         hint);
}

void Svg::rect(Point corner, double width, double height, std::string_view css_class, std::string_view hint) {
  hinted(
      fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"3\" class=\"{}\"",
                  corner.x, corner.y, width, height, css_class),
      hint);
}

void Svg::text(Point at, std::string_view anchor, std::string_view css_class, std::string_view text) {
  fmt::format_to(std::back_inserter(body_),
                 "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\">{}</text>\n", at.x, at.y,
                 anchor, css_class, escape_html(text));
}

void Svg::y_axis(const Scale& y, const std::vector<double>& ticks, std::string (*label)(double),
                 std::string_view name) {
  for (const double tick : ticks) {
    line({frame_.x0(), y(tick)}, {frame_.x1(), y(tick)}, "grid");
    text({frame_.x0() - 10, y(tick) + 4.5}, "end", "tick", tick_text(label(tick)));
  }
  text({frame_.x0(), frame_.y1() - 18}, "start", "axis", name);
}

void Svg::x_axis(const Scale& x, const std::vector<double>& ticks, const std::vector<std::string>& labels,
                 std::string_view name) {
  for (std::size_t at = 0; at < ticks.size(); ++at) {
    line({x(ticks[at]), frame_.y0()}, {x(ticks[at]), frame_.y1()}, "grid");
    text({x(ticks[at]), frame_.y0() + 20}, "middle", "tick", tick_text(labels[at]));
  }
  line({frame_.x0(), frame_.y0()}, {frame_.x1(), frame_.y0()}, "base");
  text({(frame_.x0() + frame_.x1()) / 2, frame_.y0() + 43}, "middle", "axis", name);
}

std::string Svg::finish(std::string_view title, std::string_view description) const {
  return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}. {}\">\n{}</svg>\n",
                     frame_.width, frame_.height, escape_html(title), escape_html(description), body_);
}

std::string escape_html(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

}  // namespace felix::bench
