#include "bench/report_table.h"

#include "bench/report_svg.h"

namespace felix::bench {

HtmlTable::HtmlTable(std::string_view caption, const std::vector<std::string>& headings,
                     std::size_t prose_from)
    : caption_(caption) {
  for (std::size_t at = 0; at < headings.size(); ++at) {
    head_ += at < prose_from ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"words\">";
    head_ += escape_html(headings[at]) + "</th>";
  }
  if (!head_.empty()) head_ = "<thead><tr>" + head_ + "</tr></thead>\n";
}

void HtmlTable::row(std::string_view name) {
  if (!body_.empty()) body_ += "</tr>\n";
  body_ += "<tr><th scope=\"row\">" + escape_html(name) + "</th>";
}

void HtmlTable::cell(std::string_view text, std::string_view below) {
  body_ += "<td>" + escape_html(text);
  if (!below.empty()) body_ += "<small>" + escape_html(below) + "</small>";
  body_ += "</td>";
}

void HtmlTable::words(std::string_view text) {
  body_ += "<td class=\"words\">" + escape_html(text) + "</td>";
}

void HtmlTable::bad(std::string_view text) { body_ += "<td class=\"bad\">" + escape_html(text) + "</td>"; }

void HtmlTable::command(std::string_view text) {
  body_ += "<td class=\"words\"><code>" + escape_html(text) + "</code></td>";
}

std::string HtmlTable::finish() const {
  if (body_.empty()) return {};
  return "<div class=\"card\" tabindex=\"0\" role=\"region\" aria-label=\"" + escape_html(caption_) +
         "\"><table>\n<caption>" + escape_html(caption_) + "</caption>\n" + head_ + "<tbody>\n" + body_ +
         "</tr>\n</tbody></table></div>\n";
}

}  // namespace felix::bench
