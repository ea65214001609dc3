#include "json/escape.h"

#include <array>

#include "json/sink.h"

namespace felix::json {
namespace {

// 0: as it is; 'u': \u00xx; else the letter after the backslash.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}();

template <class Out>
void append_quoted_to(Out& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  append(out, '"');
  std::size_t run_start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[c];
    if (escape == 0) continue;
    append(out, text.substr(run_start, i - run_start));
    run_start = i + 1;
    if (escape == 'u') {
      const char hex[] = {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
      append(out, std::string_view(hex, sizeof hex));
    } else {
      const char pair[] = {'\\', escape};
      append(out, std::string_view(pair, sizeof pair));
    }
  }
  append(out, text.substr(run_start));
  append(out, '"');
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) { append_quoted_to(out, text); }
void append_quoted(std::vector<std::byte>& out, std::string_view text) { append_quoted_to(out, text); }

}  // namespace felix::json
