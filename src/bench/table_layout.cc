#include "bench/table_layout.h"

#include <algorithm>
#include <string_view>

#include "bench/table_units.h"

namespace felix::bench {
namespace {

constexpr std::size_t kGap = 2;

void end_line(std::string& text) {
  text.erase(text.find_last_not_of(' ') + 1);
  text += '\n';
}

}  // namespace

void TextTable::row(std::vector<std::string> cells) {
  cells.resize(headings_.size());
  rows_.push_back(std::move(cells));
}

std::string TextTable::text(Glyphs glyphs, std::size_t indent) const {
  if (rows_.empty()) return {};
  std::vector<std::vector<std::string>> lines{headings_};
  lines.insert(lines.end(), rows_.begin(), rows_.end());
  std::vector<std::size_t> widths(headings_.size(), 0);
  for (std::size_t at = 0; at < lines.size(); ++at) {
    for (std::size_t column = 0; column < widths.size(); ++column) {
      std::string& cell = lines[at][column];
      if (glyphs == Glyphs::ascii) cell = to_ascii(cell);
      if (at > 0) widths[column] = std::max(widths[column], columns_of(cell));
    }
  }
  for (std::size_t column = 0; column < widths.size(); ++column) {
    if (widths[column] > 0) widths[column] = std::max(widths[column], columns_of(lines[0][column]));
  }

  std::string text;
  const bool headed =
      std::any_of(headings_.begin(), headings_.end(), [](auto& each) { return !each.empty(); });
  for (std::size_t at = headed ? 0 : 1; at < lines.size(); ++at) {
    std::string line(indent, ' ');
    for (std::size_t column = 0; column < widths.size(); ++column) {
      if (widths[column] == 0) continue;
      const std::string& cell = lines[at][column];
      const std::string fill(widths[column] - columns_of(cell), ' ');
      if (column > 0) line += std::string(kGap, ' ');
      line += column == 0 ? cell + fill : fill + cell;
    }
    end_line(line);
    text += line;
  }
  return text;
}

std::string wrapped(std::string_view first, std::string_view text, std::size_t indent, std::size_t width) {
  std::string out(first);
  std::size_t column = columns_of(first);
  if (!first.empty() && column < indent) {
    out.append(indent - column, ' ');
    column = indent;
  }
  bool line_begins = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    if (word.empty()) continue;
    if (!line_begins && column + 1 + columns_of(word) > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
      line_begins = true;
    }
    if (!line_begins) out += ' ';
    column += columns_of(word) + (line_begins ? 0 : 1);
    out += word;
    line_begins = false;
  }
  end_line(out);
  return out;
}

}  // namespace felix::bench
