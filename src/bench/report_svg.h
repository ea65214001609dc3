#pragma once
// The little of SVG that plots need: scales, ticks and shapes. Colours and fonts come from the page's style
// sheet by class name. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace felix::bench {

// Maps values to coordinates; values outside the range go to its ends, so nothing is drawn outside a frame.
class Scale {
 public:
  // `low` < `high`; from and to may run either way.
  static Scale linear(double low, double high, double from, double to);
  // Likewise with 0 < low.
  static Scale logarithmic(double low, double high, double from, double to);
  double operator()(double value) const;

 private:
  Scale(double low, double high, double from, double to, bool log);
  double low_;
  double high_;
  double from_;
  double to_;
  bool log_;
};

// 1, 2 and 5 of every decade from low to high, inclusive; only powers of ten when that makes more than ten.
std::vector<double> log_ticks(double low, double high);
// About `wanted` round steps from 0 to at least `high`.
std::vector<double> linear_ticks(double high, std::size_t wanted);
// A figure as the label of a tick: "5.00 ms" is "5 ms".
std::string tick_text(std::string figure);
// The next 1, 2 or 5 × 10^n at or below, and at or above. `value` > 0.
double round_down(double value);
double round_up(double value);

struct Point {
  double x = 0;
  double y = 0;
};

// The part of a drawing that holds the data; the rest is for axes and labels.
struct Frame {
  double width = 920;
  double height = 400;
  double left = 72;
  double right = 24;
  double top = 34;
  double bottom = 52;

  double x0() const { return left; }
  double x1() const { return width - right; }
  double y0() const { return height - bottom; }  // the lower edge
  double y1() const { return top; }
};

// Collects elements; text is escaped, class names and styles are not.
class Svg {
 public:
  explicit Svg(const Frame& frame) : frame_(frame) {}
  void line(Point from, Point to, std::string_view css_class);
  void path(const std::vector<Point>& points, std::string_view css_class);
  // `hint` appears when a pointer rests on the shape.
  void circle(Point centre, double radius, std::string_view css_class, std::string_view hint = {});
  void diamond(Point centre, double radius, std::string_view css_class, std::string_view hint = {});
  void rect(Point corner, double width, double height, std::string_view css_class,
            std::string_view hint = {});
  // `anchor`: "start", "middle" or "end".
  void text(Point at, std::string_view anchor, std::string_view css_class, std::string_view text);

  // A value axis on the left with lines across, and its name above it.
  void y_axis(const Scale& y, const std::vector<double>& ticks, std::string (*label)(double),
              std::string_view name);
  void x_axis(const Scale& x, const std::vector<double>& ticks, const std::vector<std::string>& labels,
              std::string_view name);

  // The element; `title` and `description` are what a screen reader says instead of it.
  std::string finish(std::string_view title, std::string_view description) const;

 private:
  void hinted(std::string_view element, std::string_view hint);
  Frame frame_;
  std::string body_;
};

// Text that is safe between tags and in a quoted attribute.
std::string escape_html(std::string_view text);

}  // namespace felix::bench
