#pragma once
// A live scenario: one promise of the protocol, shown or refuted by talking to a broker. Internal to the
// module; scenarios are in live_<family>.cc.

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "conformance/report.h"

namespace felix::conformance {

class Context;

// What a scenario found out. A scenario may also return an Error (a lost connection, an answer that did not
// come in time): it has then failed for that reason.
struct Finding {
  Outcome outcome = Outcome::pass;
  std::string reason{};
};

inline Finding held() { return {}; }
inline Finding broken(std::string why) { return {Outcome::fail, std::move(why)}; }
inline Finding not_applicable(std::string why) { return {Outcome::skip, std::move(why)}; }

struct Scenario {
  std::string_view id;        // "family.what_holds"
  std::string_view sentence;  // what a broker must do, without a stop
  Result<Finding> (*run)(Context&);
  bool uses_stream = false;  // skipped where no stream can be had
  bool uses_cache = false;
};

std::span<const Scenario> pubsub_scenarios();
std::span<const Scenario> subscribe_scenarios();
std::span<const Scenario> cache_scenarios();
std::span<const Scenario> ack_scenarios();
std::span<const Scenario> error_scenarios();
// Protocol checks on raw channels (wire protocol sections 2, 5, 7 and 8).
std::span<const Scenario> auth_scenarios();
std::span<const Scenario> frame_scenarios();
std::span<const Scenario> request_scenarios();
std::span<const Scenario> pipeline_scenarios();
// What goes wrong, and what is allowed after it.
std::span<const Scenario> fault_scenarios();
std::span<const Scenario> retry_scenarios();

}  // namespace felix::conformance
