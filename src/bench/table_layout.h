#pragma once
// Columns of text, aligned. Pure.

#include <string>
#include <vector>

#include "bench/sparkline.h"

namespace felix::bench {

class TextTable {
 public:
  // The first column is aligned left, all others right. Headings may be empty.
  explicit TextTable(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  // Short rows are filled up with blanks; cells beyond the headings are dropped.
  void row(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  // Each line ends with a line feed and has no trailing blanks; columns that are empty in every row vanish.
  // Nothing at all without rows.
  std::string text(Glyphs glyphs, std::size_t indent) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

// Breaks `text` at blanks so that with `indent` no line is longer than `width` (a longer word stays whole).
// The first line starts with `first`, filled up to the indent unless it is empty; ends with a line feed.
std::string wrapped(std::string_view first, std::string_view text, std::size_t indent, std::size_t width);

}  // namespace felix::bench
