#include "felix/man_text.h"

#include <algorithm>

namespace felix::command {
namespace {

// Renderers want one. It says when the set of pages was last looked over, not when it was generated.
constexpr const char* kDate = "2026-11-20";

}  // namespace

std::string man_plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out.append("\\&").push_back(c);
    } else {
      out += c;
    }
  }
  return out;
}

std::string man_title(std::string_view name, std::string_view section, std::string_view sentence) {
  return ".TH \"" + man_plain(man_upper(name)) + "\" \"" + std::string(section) + "\" \"" + kDate +
         "\" \"Felix " FELIX_VERSION "\" \"Felix\"\n.SH NAME\n" + man_plain(name) + " \\- " +
         man_plain(sentence) + "\n";
}

std::string man_paragraphs(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find("\n\n", at), text.size());
    out.append(at == 0 ? "" : ".PP\n").append(man_plain(text.substr(at, end - at))).append("\n");
    at = end + 2;
  }
  return out;
}

std::string man_upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

}  // namespace felix::command
