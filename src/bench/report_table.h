#pragma once
// A table of the report. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace felix::bench {

class HtmlTable {
 public:
  // No headings: a table without a head. Those from `prose_from` on stand left, over words().
  HtmlTable(std::string_view caption, const std::vector<std::string>& headings,
            std::size_t prose_from = SIZE_MAX);
  // Begins a row; its name and cells are text. `below` stands small under it.
  void row(std::string_view name);
  void cell(std::string_view text, std::string_view below = {});
  // Left-aligned prose, likewise text; `bad`: stands out.
  void words(std::string_view text);
  void bad(std::string_view text);
  void command(std::string_view text);
  // The element; nothing when there is no row.
  std::string finish() const;

 private:
  std::string caption_;
  std::string head_;
  std::string body_;
};

}  // namespace felix::bench
