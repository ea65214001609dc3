#include <algorithm>

#include "felix/papers.h"

namespace felix::command {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kIndent = 2;
constexpr std::size_t kTextColumn = 30;

// "  name      sentence", the sentence wrapped under itself.
void put_row(std::string& out, std::string_view name, std::string_view sentence) {
  std::string line(kIndent, ' ');
  line += name;
  if (line.size() + 2 > kTextColumn) {
    out.append(line).append("\n");
    line.clear();
  }
  line.resize(kTextColumn, ' ');
  bool at_start = true;
  while (!sentence.empty()) {
    const std::string_view word = sentence.substr(0, sentence.find(' '));
    sentence.remove_prefix(std::min(sentence.size(), word.size() + 1));
    if (!at_start && line.size() + 1 + word.size() > kColumns) {
      out.append(line).append("\n");
      line.assign(kTextColumn, ' ');
      at_start = true;
    }
    if (!at_start) line += ' ';
    line += word;
    at_start = false;
  }
  out.append(line).append("\n");
}

std::string with_notes(const Syntax::Option& option) {
  std::string text = option.sentence;
  if (!option.fallback.empty()) text += " (default: " + option.fallback + ")";
  if (!option.environment.empty()) text += " [" + option.environment + "]";
  return text;
}

}  // namespace

std::vector<Page> all_pages() {
  std::vector<Page> pages;
  for (const Command& command : commands()) {
    if (command.hidden) continue;
    Syntax syntax(command.name, command.sentence);
    command.declare(syntax);
    pages.push_back({&command, std::move(syntax)});
  }
  return pages;
}

std::string synopsis(const Syntax& syntax) {
  std::string text = "felix " + syntax.name();
  if (!syntax.options().empty()) text += " [OPTION...]";
  for (const Syntax::Argument& argument : syntax.arguments()) {
    const std::string word = argument.value + (argument.many ? "..." : "");
    text += argument.required ? " " + word : " [" + word + "]";
  }
  return text;
}

std::string help_overview() {
  std::string out = "usage: felix COMMAND [OPTION...]\n\nStreams and caches over QUIC.\n\nCommands:\n";
  for (const Command& command : commands()) {
    if (!command.hidden) put_row(out, command.name, command.sentence);
  }
  out += "\nOptions:\n";
  put_row(out, "--help", "show this; felix COMMAND --help or felix help COMMAND shows a command's own");
  put_row(out, "--version", "show the version");
  out +=
      "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 could not connect, 4 refused, 5 invalid data,\n"
      "130 interrupted.\n";
  return out;
}

std::string help_text(const Syntax& syntax) {
  std::string out = "usage: " + synopsis(syntax) + "\n\n";
  out += static_cast<char>(syntax.sentence().front() - 'a' + 'A');
  out += syntax.sentence().substr(1) + ".\n";
  if (!syntax.arguments().empty()) out += "\nArguments:\n";
  for (const Syntax::Argument& argument : syntax.arguments()) put_row(out, argument.value, argument.sentence);
  std::vector<std::string> sections;
  for (const Syntax::Option& option : syntax.options()) {
    if (std::ranges::find(sections, option.section) == sections.end()) sections.push_back(option.section);
  }
  for (const std::string& section : sections) {
    out += "\n" + (section.empty() ? std::string("Options") : section) + ":\n";
    for (const Syntax::Option& option : syntax.options()) {
      if (option.section != section) continue;
      put_row(out, option.name + (option.value.empty() ? "" : " " + option.value), with_notes(option));
    }
  }
  if (!syntax.examples().empty()) out += "\nExamples:\n";
  for (const Syntax::Example& example : syntax.examples())
    out += "  " + example.command + "\n      " + example.sentence + "\n";
  return out;
}

}  // namespace felix::command
