// The command: finds the subcommand, lets it declare and parse its options, runs it, and turns the outcome
// into one line and an exit code.

#include <exception>
#include <string>
#include <unistd.h>
#include <vector>

#include "config/closest.h"
#include "felix/papers.h"
#include "felix/standard_streams.h"

namespace felix::command {
namespace {

Error unknown_command(const std::string& word) {
  std::vector<std::string_view> names;
  for (const Command& command : commands()) {
    if (!command.hidden) names.push_back(command.name);
  }
  const std::string_view near = config::closest(word, names);
  return {Errc::usage,
          "unknown command '" + word + "'; " +
              (near.empty() ? "felix --help lists them" : "did you mean " + std::string(near) + "?")};
}

Result<ExitCode> show(const std::string& text) {
  FELIX_CHECK(write_output(text));
  return ExitCode::done;
}

Result<ExitCode> run_command(const Command& command, std::span<const std::string> words) {
  Syntax syntax(command.name, command.sentence);
  const Run run = command.declare(syntax);
  FELIX_TRY(const Syntax::Outcome outcome, syntax.parse(words));
  return outcome == Syntax::Outcome::help ? show(help_text(syntax)) : run();
}

int report(const std::string& who, const Error& error) {
  // A person who pressed Ctrl-C knows.
  if (error.code == Errc::usage) {
    say(who + ": " + error.context);
  } else if (error.code != Errc::interrupted) {
    say(who + ": " + to_string(error));
  }
  return static_cast<int>(exit_code(error));
}

int run_main(std::span<const std::string> words) {
  std::string who = "felix";
  Result<ExitCode> outcome = ExitCode::done;
  const std::string first = words.empty() ? "" : words.front();
  if (first.empty()) {
    outcome = fail(Errc::usage, "no command given; felix --help lists them");
  } else if (first == "--version") {
    outcome = show("felix " FELIX_VERSION "\n");
  } else if (first == "--help" || first == "-h" || (first == "help" && words.size() == 1)) {
    outcome = show(help_overview());
  } else {
    const bool help = first == "help";
    const std::string& name = help ? words[1] : first;
    if (const Command* command = find_command(name)) {
      who += " " + name;
      const std::vector<std::string> ask_help{"--help"};
      outcome = run_command(*command, help ? std::span<const std::string>(ask_help) : words.subspan(1));
    } else {
      outcome = std::unexpected(unknown_command(name));
    }
  }
  return outcome ? static_cast<int>(*outcome) : report(who, outcome.error());
}

}  // namespace
}  // namespace felix::command

int main(int argc, char** argv) {
  felix::command::claim_standard_streams();
  try {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    return felix::command::run_main(words);
  } catch (const std::exception& error) {
    felix::command::say(std::string("felix: internal error: ") + error.what());
    return static_cast<int>(felix::ExitCode::failed);
  }
}
