#pragma once
// The frame around a plot: caption, legend, drawing. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace felix::bench {

struct LegendEntry {
  std::string css_class;  // "s0" to "s4", or "floor"
  std::string name;
  std::string detail;
  bool filled = false;  // of bars, not of lines
};

// `note` stands small under the caption.
std::string figure(std::string_view caption, std::string_view note, const std::vector<LegendEntry>& legend,
                   std::string_view drawing);

}  // namespace felix::bench
