#include <algorithm>
#include <array>

#include "felix/command.h"

namespace felix::command {
namespace {

constexpr std::array kCommands{
    Command{"broker", declare_broker, "run a broker"},
    Command{"controlplane", declare_controlplane, "run a control-plane node of a cluster"},
    Command{"bridge", declare_bridge, "carry allowed streams from one region to another"},
    Command{"pub", declare_pub, "publish records to a stream"},
    Command{"sub", declare_sub, "subscribe to a stream and print its records"},
    Command{"cache", declare_cache, "put, get and delete the values of a cache"},
    Command{"bench", declare_bench, "measure a broker under load"},
    Command{"conformance", declare_conformance, "check an implementation of the wire protocol"},
    Command{"generate-papers", declare_generate_papers, "write the man pages and completions", true},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  const auto found = std::ranges::find(kCommands, name, &Command::name);
  return found == kCommands.end() ? nullptr : &*found;
}

}  // namespace felix::command
