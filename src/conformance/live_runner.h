#pragma once
// Runs scenarios against a broker on the network: any broker that speaks the protocol, of any generation.
// What it does not advertise is skipped, with the reason.
//
// Each scenario talks through connections of its own and has a bounded time; streams, caches and keys have
// names of this run. (The protocol has no request to delete a stream or a cache: those that a broker creates
// on first use stay.)

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "client/options.h"
#include "conformance/report.h"
#include "io/loop.h"

namespace felix::conformance {

struct LiveOptions {
  client::ConnectOptions connect{};
  // Ids or whole families ("cache.*"); empty: all.
  std::vector<std::string> only{};
  // Existing ones to use, for brokers that create none on first use; empty: of this run's own.
  std::string stream{};
  std::string cache{};
  Duration timeout = std::chrono::seconds(10);  // of one scenario
};

struct ScenarioSummary {
  std::string_view id;
  std::string_view sentence;
};

// In the order in which they run. Usage when a word of `only` chooses none.
Result<std::vector<ScenarioSummary>> live_scenarios(const std::vector<std::string>& only);

// Errors: usage as above; that of Session::connect when the broker cannot be reached or does not accept us;
// interrupted when the loop was stopped. A scenario that fails is a failed case, whatever it did.
Result<Report> run_live(io::Loop& loop, const LiveOptions& options);

}  // namespace felix::conformance
