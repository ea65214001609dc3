#include "felix/syntax.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "config/closest.h"

namespace felix::command {
namespace {

bool looks_like_option(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

Error refuse(std::string_view name, std::string_view value, Error why) {
  return {Errc::usage, std::string(name) + " " + why.context + ", not '" + std::string(value) + "'"};
}

}  // namespace

std::vector<std::string_view> choices_of(std::string_view value) {
  std::vector<std::string_view> words;
  if (value.find('|') == std::string_view::npos) return words;
  for (std::size_t at = 0; at <= value.size();) {
    const std::size_t end = std::min(value.find('|', at), value.size());
    words.push_back(value.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

void Syntax::flag(std::string name, bool& into, std::string sentence, std::string section) {
  Take take = [&into](std::string_view) -> Status {
    into = true;
    return {};
  };
  options_.push_back({std::move(name), "", std::move(sentence), std::move(take), "", "", std::move(section)});
}

Result<Syntax::Outcome> Syntax::parse(std::span<const std::string> words) const {
  const auto mark = std::ranges::find(words, "--");
  const auto before = words.first(static_cast<std::size_t>(mark - words.begin()));
  for (const std::string& word : before) {
    if (word == "--help" || word == "-h") return Outcome::help;
  }
  FELIX_TRY(auto values, parse_options(before));
  if (mark != words.end()) values.insert(values.end(), mark + 1, words.end());
  FELIX_CHECK(take_arguments(values));
  return Outcome::run;
}

// CLI11 tells options from what is left over; arguments are ours, because it would take a message such as
// "[1,2]" apart.
Result<std::vector<std::string>> Syntax::parse_options(std::span<const std::string> words) const {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<CLI::Option*> declared;
  for (const Option& option : options_) {
    const CLI::callback_t keep = [](const CLI::results_t&) { return true; };
    CLI::Option* added = option.value.empty() ? app.add_flag(option.name) : app.add_option(option.name, keep);
    if (option.value.empty()) added->disable_flag_override();
    declared.push_back(added->multi_option_policy(option.many ? CLI::MultiOptionPolicy::TakeAll
                                                              : CLI::MultiOptionPolicy::TakeLast));
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    return std::unexpected(explain(error.what()));
  }
  std::vector<std::string> left = app.remaining();
  if (const auto unknown = std::ranges::find_if(left, looks_like_option); unknown != left.end()) {
    const std::string name = unknown->substr(0, unknown->find('='));
    std::vector<std::string_view> names{"--help"};
    for (const Option& option : options_) names.push_back(option.name);
    const std::string_view near = config::closest(name, names);
    return fail(Errc::usage, "unknown option '" + name + "'; " +
                                 (near.empty() ? "see felix " + name_ +
                                                     " --help, or write -- before a value that begins with -"
                                               : "did you mean " + std::string(near) + "?"));
  }
  for (std::size_t i = 0; i < options_.size(); ++i) {
    if (declared[i]->count() == 0) continue;
    const auto& given = declared[i]->results();
    for (std::size_t at = options_[i].many ? 0 : given.size() - 1; at < given.size(); ++at) {
      if (Status taken = options_[i].take(given[at]); !taken)
        return std::unexpected(refuse(options_[i].name, given[at], std::move(taken).error()));
    }
  }
  return left;
}

// CLI11 begins with the option's name, with or without its dashes, and goes on for programmers.
Error Syntax::explain(const std::string& what) const {
  const std::string name = what.substr(0, what.find_first_of(": "));
  const auto option = std::ranges::find_if(options_, [&name](const Option& candidate) {
    return candidate.name == name || candidate.name == "--" + name;
  });
  if (option == options_.end()) return {Errc::usage, what};
  if (option->value.empty()) return {Errc::usage, option->name + " takes no value; give it alone"};
  return {Errc::usage, option->name + " wants a value; write " + option->name + "=" + option->value};
}

Status Syntax::take_arguments(const std::vector<std::string>& values) const {
  std::size_t next = 0;
  for (const Argument& argument : arguments_) {
    if (next == values.size()) {
      if (argument.required)
        return fail(Errc::usage, argument.value + " is missing; see felix " + name_ + " --help");
      return {};
    }
    do {
      if (Status taken = argument.take(values[next]); !taken)
        return std::unexpected(refuse(argument.value, values[next], std::move(taken).error()));
      ++next;
    } while (argument.many && next < values.size());
  }
  if (next == values.size()) return {};
  return fail(Errc::usage, "'" + values[next] + "' is one argument too many; see felix " + name_ + " --help");
}

}  // namespace felix::command
