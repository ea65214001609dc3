#include "bench/targets_run.h"

#include <algorithm>

#include <fmt/format.h>

#include "bench/measure.h"

namespace felix::bench {
namespace {

std::vector<const TargetRow*> wanted_rows(const TargetsRequest& request) {
  std::vector<const TargetRow*> rows;
  for (const TargetRow& row : target_rows()) {
    if (request.only.empty() || std::ranges::find(request.only, row.name) != request.only.end())
      rows.push_back(&row);
  }
  return rows;
}

Request shaped(const TargetRow& row, const TargetsRequest& request) {
  Request one = row.request;
  one.warmup = request.warmup;
  one.duration = request.duration / one.trials;
  one.placement = request.placement;
  one.processes = request.processes;
  one.seed = request.seed;
  return one;
}

// While it lives, whoever watches is told of the turn instead of what each run calls itself.
class WatchedAs {
 public:
  explicit WatchedAs(Bench& bench) : bench_(bench), tell_(bench.on_progress) {}
  ~WatchedAs() { bench_.on_progress = tell_; }
  WatchedAs(const WatchedAs&) = delete;
  WatchedAs& operator=(const WatchedAs&) = delete;

  void as(const std::string& turn) const {
    if (!tell_) return;
    bench_.on_progress = [tell = tell_, turn](Progress progress) {
      progress.what = turn + (progress.what.starts_with("raw") ? ", relay" : "");
      tell(progress);
    };
  }

 private:
  Bench& bench_;
  const std::function<void(const Progress&)> tell_;
};

// `row_of`: the row of each run.
Run conclude(const Bench& bench, const TargetsRequest& request, const std::vector<const TargetRow*>& rows,
             const std::vector<Run>& runs, const std::vector<const TargetRow*>& row_of) {
  Run all = begin_run(bench, "targets");
  all.started_at = runs.front().started_at;
  all.parameters.duration_s = std::chrono::duration<double>(request.duration).count();
  all.parameters.warmup_s = std::chrono::duration<double>(request.warmup).count();
  all.parameters.processes = request.processes;
  all.parameters.placement = to_string(request.placement);
  all.parameters.seed = request.seed;
  for (const TargetRow* row : rows) {
    std::vector<const Run*> its;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (row_of[i] == row) its.push_back(&runs[i]);
    }
    for (TargetResult& result : judge_row(*row, its, request.peers)) all.targets.push_back(std::move(result));
    for (const Run* run : its) {
      for (const std::string& reason : run->verdict.reasons)
        all.verdict.reasons.push_back(std::string(row->name) + ": " + reason);
      for (const std::string& flag : run->verdict.flags)
        all.verdict.flags.push_back(std::string(row->name) + ": " + flag);
    }
  }
  all.verdict.ok = all.verdict.reasons.empty();
  all.notes = explain_limits(all.targets);
  if (!request.peers.cpu_model.empty() && request.peers.cpu_model != all.environment.cpu_model)
    all.notes.push_back("warning: the peers were measured on another machine, " + request.peers.cpu_model);
  return all;
}

}  // namespace

Status check_targets(const TargetsRequest& request) {
  for (const std::string& name : request.only) {
    if (std::ranges::find(target_rows(), name, &TargetRow::name) != target_rows().end()) continue;
    std::string names;
    for (const TargetRow& row : target_rows()) names.append(names.empty() ? "" : ", ").append(row.name);
    return fail(Errc::usage, "--only " + name + ": no such row; there are " + names);
  }
  return {};
}

Result<std::vector<Run>> measure_targets(Bench& bench, const TargetsRequest& request,
                                         const std::function<Status()>& renew) {
  FELIX_CHECK(check_targets(request));
  const std::vector<const TargetRow*> rows = wanted_rows(request);
  std::vector<Run> runs;
  std::vector<const TargetRow*> row_of;
  const std::size_t all_turns = request.rounds * rows.size();
  std::size_t turn = 0;
  const WatchedAs watched(bench);
  for (std::uint64_t round = 1; round <= request.rounds; ++round) {
    for (const TargetRow* row : rows) {
      watched.as(fmt::format("{} of {}, {}", ++turn, all_turns, row->name));
      if (renew) FELIX_CHECK(renew());
      FELIX_TRY(std::vector<Run> one, measure(bench, shaped(*row, request), {}));
      for (Run& run : one) {
        run.trial = round;
        runs.push_back(std::move(run));
        row_of.push_back(row);
      }
    }
  }
  Run all = conclude(bench, request, rows, runs, row_of);
  runs.push_back(std::move(all));
  return runs;
}

}  // namespace felix::bench
