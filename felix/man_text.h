#pragma once
// Pieces of man(7) source.

#include <string>
#include <string_view>

namespace felix::command {

// Text as it is: no character of it is markup.
std::string man_plain(std::string_view text);
// The title line and the NAME section; `sentence` without a stop.
std::string man_title(std::string_view name, std::string_view section, std::string_view sentence);
// An empty line in `text` begins a paragraph.
std::string man_paragraphs(std::string_view text);
// In capitals, as headings are.
std::string man_upper(std::string_view text);

}  // namespace felix::command
