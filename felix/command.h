#pragma once
// The one table of subcommands. To add one: a cmd_<name>.cc with its declare function, a line in
// command_table.cc, its file in CMakeLists.txt, then `felix generate-papers .`

#include <functional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "felix/syntax.h"

namespace felix::command {

// What is left to do once the options are stored. The error is printed by main, and its exit code is the
// process's.
using Run = std::function<Result<ExitCode>()>;

struct Command {
  std::string_view name;
  Run (*declare)(Syntax&);
  std::string_view sentence;
  bool hidden = false;  // not in help, man pages and completions
};

std::span<const Command> commands();
// Null when there is none.
const Command* find_command(std::string_view name);

Run declare_broker(Syntax& syntax);
Run declare_controlplane(Syntax& syntax);
Run declare_bridge(Syntax& syntax);
Run declare_pub(Syntax& syntax);
Run declare_sub(Syntax& syntax);
Run declare_cache(Syntax& syntax);
Run declare_bench(Syntax& syntax);
Run declare_conformance(Syntax& syntax);
Run declare_generate_papers(Syntax& syntax);

}  // namespace felix::command
