// Subcommands that have their place and their name, and no code yet.

#include "felix/command.h"
#include "felix/standard_streams.h"

namespace felix::command {
namespace {

Run not_built(Syntax& syntax) {
  syntax.about("Not built yet: this version says so and exits 1.");
  const std::string line =
      "felix " + syntax.name() + ": not built yet in version " FELIX_VERSION "; nothing was done";
  return [line] {
    say(line);
    return ExitCode::failed;
  };
}

}  // namespace

Run declare_controlplane(Syntax& syntax) { return not_built(syntax); }
Run declare_bridge(Syntax& syntax) { return not_built(syntax); }

}  // namespace felix::command
