#pragma once
// What people and shells read about the commands, rendered from their Syntax.

#include <span>
#include <string>

#include "felix/command.h"

namespace felix::command {

// A command with its declared syntax.
struct Page {
  const Command* command;
  Syntax syntax;
};
// Of every command that is not hidden.
std::vector<Page> all_pages();

// `felix --help`.
std::string help_overview();
// `felix COMMAND --help`.
std::string help_text(const Syntax& syntax);
// "felix pub [OPTION...] STREAM [MESSAGE...]".
std::string synopsis(const Syntax& syntax);

// felix.1, felix-COMMAND.1, felix.toml.5 as man(7) source.
std::string man_overview(std::span<const Page> pages);
std::string man_page(const Syntax& syntax);
std::string man_settings();

std::string bash_completion(std::span<const Page> pages);
std::string zsh_completion(std::span<const Page> pages);
std::string fish_completion(std::span<const Page> pages);

}  // namespace felix::command
