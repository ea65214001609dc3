#include "bench/report_figure.h"

#include <fmt/format.h>

#include "bench/report_svg.h"

namespace felix::bench {

std::string figure(std::string_view caption, std::string_view note, const std::vector<LegendEntry>& legend,
                   std::string_view drawing) {
  std::string html = fmt::format("<figure>\n<figcaption><strong>{}</strong><span>{}</span></figcaption>\n",
                                 escape_html(caption), escape_html(note));
  if (!legend.empty()) html += "<ul class=\"legend\">\n";
  for (const LegendEntry& entry : legend) {
    const std::string sample =
        entry.filled ? "<rect width=\"28\" height=\"10\" rx=\"3\" class=\"bar " + entry.css_class
                     : "<path d=\"M1 5L27 5\" class=\"curve " + entry.css_class;
    html += fmt::format(
        "<li><svg viewBox=\"0 0 28 10\" aria-hidden=\"true\">{}\"/></svg>{} <small>{}</small></li>\n", sample,
        escape_html(entry.name), escape_html(entry.detail));
  }
  if (!legend.empty()) html += "</ul>\n";
  html += "<div class=\"plot\" tabindex=\"0\" role=\"region\" aria-label=\"";
  html += escape_html(caption);
  html += "\">\n";
  html += drawing;
  return html + "</div>\n</figure>\n";
}

}  // namespace felix::bench
