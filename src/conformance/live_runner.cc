#include "conformance/live_runner.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "client/random_seed.h"
#include "conformance/live_context.h"
#include "conformance/live_scenario.h"

namespace felix::conformance {
namespace {

std::string_view family_of(std::string_view id) { return id.substr(0, id.find('.')); }

bool chooses(std::string_view word, std::string_view id) {
  if (word.ends_with(".*")) return word.substr(0, word.size() - 2) == family_of(id);
  return word == id;
}

Result<std::vector<const Scenario*>> select(const std::vector<std::string>& only) {
  const std::array families = {pubsub_scenarios(), subscribe_scenarios(), cache_scenarios(),
                               ack_scenarios(),    error_scenarios(),     auth_scenarios(),
                               frame_scenarios(),  request_scenarios(),   pipeline_scenarios(),
                               fault_scenarios(),  retry_scenarios()};
  std::vector<const Scenario*> all;
  for (const std::span<const Scenario> family : families)
    for (const Scenario& scenario : family) all.push_back(&scenario);
  for (const std::string& word : only) {
    if (std::ranges::none_of(all, [&](const Scenario* one) { return chooses(word, one->id); }))
      return fail(Errc::usage, "no scenario is called " + word + "; list them with --list");
  }
  if (only.empty()) return all;
  std::erase_if(all, [&](const Scenario* one) {
    return std::ranges::none_of(only, [&](const std::string& word) { return chooses(word, one->id); });
  });
  return all;
}

// Why nothing can be tried on a stream or cache of our own, when the broker has none for us.
struct Obstacles {
  std::string stream;
  std::string cache;
};

Status try_streams(Context& context) {
  FELIX_TRY(client::Session * session, context.session());
  client::Publisher publisher(*session, {});
  for (std::size_t which = 0; which < 4; ++which)
    FELIX_CHECK(context.publish(publisher, context.stream(which), {context.mark()}));
  return {};
}

Status try_cache(Context& context) {
  FELIX_TRY(client::Session * session, context.session());
  client::CacheClient cache(*session, {});
  return context.put(cache, context.key("probe"), "", 1);
}

// Any other failure is for the scenarios to stumble over.
std::string obstacle_of(const Status& tried, std::string_view kind) {
  if (tried || (tried.error().code != Errc::not_found && tried.error().code != Errc::forbidden)) return {};
  return fmt::format("no {0} of its own for this run ({1}); name one with --{0}", kind,
                     tried.error().context);
}

Obstacles look_for_obstacles(io::Loop& loop, const LiveOptions& options, const Target& target) {
  Obstacles found;
  if (options.stream.empty()) {
    Context context(loop, target, "probe", loop.clock().now() + options.timeout);
    found.stream = obstacle_of(try_streams(context), "stream");
  }
  if (options.cache.empty()) {
    Context context(loop, target, "probe", loop.clock().now() + options.timeout);
    found.cache = obstacle_of(try_cache(context), "cache");
  }
  return found;
}

Result<Finding> find_out(io::Loop& loop, const Scenario& scenario, const Obstacles& obstacles,
                         const Target& target, Duration timeout) {
  if (scenario.uses_stream && !obstacles.stream.empty()) return not_applicable(obstacles.stream);
  if (scenario.uses_cache && !obstacles.cache.empty()) return not_applicable(obstacles.cache);
  Context context(loop, target, scenario.id, loop.clock().now() + timeout);
  return scenario.run(context);
}

}  // namespace

Result<std::vector<ScenarioSummary>> live_scenarios(const std::vector<std::string>& only) {
  FELIX_TRY(const auto chosen, select(only));
  std::vector<ScenarioSummary> summaries;
  for (const Scenario* scenario : chosen) summaries.push_back({scenario->id, scenario->sentence});
  return summaries;
}

Result<Report> run_live(io::Loop& loop, const LiveOptions& options) {
  FELIX_TRY(const auto chosen, select(options.only));
  Target target;
  target.connect = options.connect;
  target.connect.reconnect.enabled = false;
  target.connect.connect_timeout = std::min(options.connect.connect_timeout, options.timeout);
  target.connect.request_timeout = options.timeout;
  target.run = fmt::format("{:012x}", client::random_seed() & 0xFFFFFFFFFFFF);
  target.stream = options.stream;
  target.cache = options.cache;

  Report report;
  {
    FELIX_TRY(const auto session, client::Session::create(loop, target.connect));
    session->start();
    const Status ready =
        session->wait_for([&] { return session->ready(); }, loop.clock().now() + options.timeout);
    if (!ready && ready.error().code == Errc::timed_out)
      return fail(Errc::connect_failed, options.connect.servers.front() + " did not answer auth in time");
    FELIX_CHECK(ready);
    target.agreement = session->agreement();
    report.title = "live scenarios against " + session->server();
  }
  const Obstacles obstacles = look_for_obstacles(loop, options, target);

  for (const Scenario* scenario : chosen) {
    const MonoTime began = loop.clock().now();
    auto finding = find_out(loop, *scenario, obstacles, target, options.timeout);
    if (loop.stopping()) return fail(Errc::interrupted, "interrupted");
    if (!finding) finding = broken(to_string(finding.error()));
    report.cases.push_back({.suite = std::string(family_of(scenario->id)),
                            .name = std::string(scenario->id),
                            .outcome = finding->outcome,
                            .reason = std::move(finding->reason),
                            .took = loop.clock().now() - began});
  }
  return report;
}

}  // namespace felix::conformance
