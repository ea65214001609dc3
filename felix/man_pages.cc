// man(7) source; groff and mandoc both render it without a warning.

#include <algorithm>

#include "felix/man_text.h"
#include "felix/papers.h"

namespace felix::command {
namespace {

constexpr std::string_view kExitStatus =
    "0 done; 1 failed; 2 wrong usage; 3 could not connect; 4 refused by the broker; 5 invalid data; "
    "130 interrupted.";

// With a capital and a stop, as a sentence has in running text.
std::string sentence_of(std::string_view text) {
  std::string out = man_plain(text) + ".\n";
  if (out.front() >= 'a' && out.front() <= 'z') out.front() = man_upper(out.substr(0, 1)).front();
  return out;
}

void put_options(std::string& out, const Syntax& syntax) {
  std::vector<std::string> sections;
  for (const Syntax::Option& option : syntax.options()) {
    if (std::ranges::find(sections, option.section) == sections.end()) sections.push_back(option.section);
  }
  for (const std::string& section : sections) {
    out += ".SH " + (section.empty() ? std::string("OPTIONS") : "\"" + man_plain(man_upper(section)) + "\"") +
           "\n";
    for (const Syntax::Option& option : syntax.options()) {
      if (option.section != section) continue;
      out += ".TP\n\\fB" + man_plain(option.name) + "\\fR";
      if (!option.value.empty()) out += " \\fI" + man_plain(option.value) + "\\fR";
      out += "\n" + sentence_of(option.sentence);
      if (!option.fallback.empty()) out += "Default: " + man_plain(option.fallback) + ".\n";
      if (!option.environment.empty()) out += "Environment: " + man_plain(option.environment) + ".\n";
    }
  }
}

}  // namespace

std::string man_page(const Syntax& syntax) {
  std::string out = man_title("felix-" + syntax.name(), "1", syntax.sentence());
  out += ".SH SYNOPSIS\n\\fB" + man_plain("felix " + syntax.name()) + "\\fR" +
         man_plain(synopsis(syntax).substr(syntax.name().size() + std::string_view("felix ").size())) + "\n";
  out += ".SH DESCRIPTION\n" + man_paragraphs(syntax.about());
  for (const Syntax::Argument& argument : syntax.arguments())
    out += ".TP\n\\fI" + man_plain(argument.value) + "\\fR\n" + sentence_of(argument.sentence);
  put_options(out, syntax);
  if (!syntax.examples().empty()) out += ".SH EXAMPLES\n";
  for (const Syntax::Example& example : syntax.examples())
    out += ".TP\n\\fB" + man_plain(example.command) + "\\fR\n" + sentence_of(example.sentence);
  out += ".SH \"EXIT STATUS\"\n" + man_plain(kExitStatus) + "\n";
  out += ".SH \"SEE ALSO\"\n.BR felix (1),\n.BR felix.toml (5)\n";
  return out;
}

std::string man_overview(std::span<const Page> pages) {
  std::string out = man_title("felix", "1", "streams and caches over QUIC");
  out += ".SH SYNOPSIS\n\\fBfelix\\fR \\fICOMMAND\\fR [OPTION...] [ARGUMENT...]\n";
  out +=
      ".SH DESCRIPTION\n" +
      man_paragraphs(
          "Felix is a broker for streams of records and for caches, and the clients of it, in one "
          "program.\n\n"
          "\"felix broker\" with no further setting is secure and usable at once: it makes its own "
          "certificate\n"
          "authority and token key, and leaves a client context, so that \"felix pub\", \"felix sub\" and\n"
          "\"felix cache\" of the same user work without any option.");
  out += ".SH COMMANDS\n";
  for (const Page& page : pages)
    out += ".TP\n\\fB" + man_plain(page.syntax.name()) + "\\fR\n" + sentence_of(page.syntax.sentence());
  out += ".SH OPTIONS\n.TP\n\\fB\\-\\-help\\fR\nShow the commands, or with a command its options.\n";
  out += ".TP\n\\fB\\-\\-version\\fR\nShow the version.\n";
  out += ".SH \"EXIT STATUS\"\n" + man_plain(kExitStatus) + "\n";
  out += ".SH \"SEE ALSO\"\n";
  for (const Page& page : pages) out += ".BR felix\\-" + man_plain(page.syntax.name()) + " (1),\n";
  return out + ".BR felix.toml (5)\n";
}

}  // namespace felix::command
