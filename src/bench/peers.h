#pragma once
// What other systems reach on a machine, from the file that scripts/peers writes: {"felix_peers":1,
// "taken_at":"...","figures":{"nats_tls_1024_f1_per_s":405000,...}}. Pure.

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace felix::bench {

struct Peers {
  std::string taken_at;                   // RFC 3339, UTC
  std::string cpu_model;                  // of the machine
  std::map<std::string, double> figures;  // by name, the unit last
};

// malformed: not such a file.
Result<Peers> parse_peers(std::string_view text);

}  // namespace felix::bench
