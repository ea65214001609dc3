#include "bench/table_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "bench/floor.h"
#include "bench/relay_ratio.h"
#include "bench/statistics.h"
#include "bench/table_units.h"
#include "bench/worst_subscriber.h"

namespace felix::bench {
namespace {

constexpr double kTrustedSamples = 10;
constexpr std::size_t kSummaryTitle = 36;  // with every other column filled, a line has 100 columns

std::vector<std::string> percentile_cells(std::string label, const LatencySummary& of, bool& approximate) {
  std::vector<std::string> cells{std::move(label),
                                 percentile_text(of, of.p50_ns, 0.5),
                                 percentile_text(of, of.p90_ns, 0.9),
                                 percentile_text(of, of.p99_ns, 0.99),
                                 percentile_text(of, of.p999_ns, 0.999),
                                 format_ns(static_cast<double>(of.max_ns)),
                                 format_exact(of.count)};
  for (const std::string& cell : cells) approximate |= cell.starts_with('~');
  return cells;
}

std::vector<std::string> trial_cells(const RunGroup& group, std::string label, double Spread::* which) {
  std::vector<std::string> cells{std::move(label)};
  for (const auto member : {&LatencySummary::p50_ns, &LatencySummary::p90_ns, &LatencySummary::p99_ns,
                            &LatencySummary::p999_ns, &LatencySummary::max_ns}) {
    const auto values = group.each([&](const Run& run) { return static_cast<double>(run.latency.*member); });
    cells.push_back(format_ns(spread(values).*which));
  }
  return cells;
}

std::string ns_text(double value) { return value > 0 ? format_ns(value) : ""; }

std::uint64_t trouble_of(const ClientResult& client) {
  return client.lost + client.duplicated + client.reordered + client.dropped;
}

}  // namespace

std::string latency_label(const Run& run) {
  if (run.shape == "cache") return run.parameters.operation.empty() ? "request" : run.parameters.operation;
  if (run.shape == "connect") return "connect";
  return is_flood(run) ? "in the flood's own queue" : "publish → deliver";
}

bool is_flood(const Run& run) {
  return (run.shape == "throughput" || run.shape == "fanout") && run.parameters.rate == 0 &&
         run.parameters.in_flight != 1;
}

std::string percentile_text(const LatencySummary& summary, std::uint64_t value_ns, double quantile) {
  const bool trusted = static_cast<double>(summary.count) * (1 - quantile) >= kTrustedSamples * 0.999;
  return (trusted ? "" : "~") + format_ns(static_cast<double>(value_ns));
}

TextTable latency_rows(const RunGroup& group, bool& approximate) {
  TextTable table({"", "p50", "p90", "p99", "p99.9", "max", "samples"});
  const Run& run = group.middle();
  if (run.latency.count == 0 || run.shape == "sweep") return table;
  table.row(percentile_cells(latency_label(run), run.latency, approximate));
  if (group.trials.size() > 1) {
    table.row(trial_cells(group, "  median of trials", &Spread::median));
    table.row(trial_cells(group, "  lowest", &Spread::lowest));
    table.row(trial_cells(group, "  highest", &Spread::highest));
  }
  const auto worst = worst_subscriber(run, &ClientResult::latency);
  const bool cache = run.shape == "cache";
  if (worst)
    table.row(percentile_cells(cache ? "  worst client" : "  worst subscriber", *worst, approximate));
  if (run.latency_from_send.count > 0)
    table.row(percentile_cells("  from the actual send", run.latency_from_send, approximate));
  if (const auto sent = worst_subscriber(run, &ClientResult::latency_from_send))
    table.row(percentile_cells("  worst subscriber", *sent, approximate));
  if (run.ack_latency.count > 0) table.row(percentile_cells("publish → ack", run.ack_latency, approximate));
  if (run.relay.count == 0) return table;
  table.row(percentile_cells("raw UDP relay", run.relay, approximate));
  if (const auto ratio = relay_ratio(group.trials)) {
    const auto row = [&](const char* label, double Spread::* which) {
      table.row({label, format_ratio(ratio->p50.*which), "", format_ratio(ratio->p99.*which)});
    };
    row(worst ? "  worst from send / relay" : "  from send / relay", &Spread::median);
    if (group.trials.size() > 1) {
      row("    lowest", &Spread::lowest);
      row("    highest", &Spread::highest);
    }
  }
  return table;
}

TextTable sweep_rows(const Run& run) {
  TextTable table({"offered", "delivered", "p50", "p99", "p99.9", "samples", ""});
  for (const SweepPoint& point : run.sweep) {
    table.row({format_short(point.offered_per_s) + "/s", format_short(point.delivered_per_s) + "/s",
               ns_text(static_cast<double>(point.p50_ns)), ns_text(static_cast<double>(point.p99_ns)),
               ns_text(static_cast<double>(point.p999_ns)), format_exact(point.samples),
               point.kept_up ? "" : "fell behind"});
  }
  return table;
}

std::vector<std::pair<std::string, double>> ordered_floor(const Run& run) {
  std::vector<std::pair<std::string, double>> values;
  for (const std::string_view name : floor_names()) {
    const auto found = run.floor.find(std::string(name));
    if (found != run.floor.end()) values.push_back(*found);
  }
  for (const auto& other : run.floor) {
    if (floor_meaning(other.first).empty()) values.push_back(other);
  }
  return values;
}

TextTable floor_rows(const Run& run) {
  TextTable table({"", ""});
  for (const auto& [name, value] : ordered_floor(run)) {
    const std::string meaning(floor_meaning(name));
    table.row({figure_label(name) + (meaning.empty() ? "" : ": " + meaning), format_figure(name, value)});
  }
  return table;
}

TextTable loss_rows(const Run& run) {
  TextTable table({"", "received", "lost", "duplicated", "reordered", "dropped"});
  std::vector<const ClientResult*> worst;
  for (const ClientResult& client : run.clients) {
    if (trouble_of(client) > 0) worst.push_back(&client);
  }
  std::stable_sort(worst.begin(), worst.end(),
                   [](auto* a, auto* b) { return trouble_of(*a) > trouble_of(*b); });
  worst.resize(std::min<std::size_t>(worst.size(), 5));
  for (const ClientResult* client : worst) {
    table.row({client->name, format_exact(client->received), format_exact(client->lost),
               format_exact(client->duplicated), format_exact(client->reordered),
               format_exact(client->dropped)});
  }
  return table;
}

TextTable summary_rows(const std::vector<RunGroup>& groups) {
  TextTable table({"", "p50", "p99", "vs relay", "delivered", "payload", ""});
  const std::vector<std::string> titles = short_titles(groups);
  for (std::size_t at = 0; at < groups.size(); ++at) {
    const Run& run = groups[at].middle();
    const LatencySummary& timed = run.latency;
    const bool has_latency = timed.count > 0;
    const auto ratio = relay_ratio(groups[at].trials);
    const bool ok = std::all_of(groups[at].trials.begin(), groups[at].trials.end(),
                                [](const Run* each) { return each->verdict.ok; });
    const bool flagged = std::any_of(groups[at].trials.begin(), groups[at].trials.end(),
                                     [](const Run* each) { return !each->verdict.flags.empty(); });
    table.row({shortened(titles[at], kSummaryTitle),
               has_latency ? percentile_text(timed, timed.p50_ns, 0.5) : "",
               has_latency ? percentile_text(timed, timed.p99_ns, 0.99) : "",
               ratio ? format_ratio(ratio->p50.median) : "",
               run.rates.delivered_per_s > 0 ? format_short(run.rates.delivered_per_s) + "/s" : "",
               run.rates.delivered_mb_per_s > 0 ? format_mb_per_s(run.rates.delivered_mb_per_s) : "",
               !ok       ? "FAILED"
               : flagged ? "FLAGGED"
                         : ""});
  }
  return table;
}

std::string rate_line(const RunGroup& group) {
  const Rates& rates = group.middle().rates;
  if (rates.delivered_per_s <= 0 && rates.submitted_per_s <= 0) return {};
  std::string text = fmt::format("{}/s submitted · {}/s delivered · {} · in {}",
                                 format_short(rates.submitted_per_s), format_short(rates.delivered_per_s),
                                 format_mb_per_s(rates.delivered_mb_per_s), format_ns(rates.window_s * 1e9));
  if (group.trials.size() > 1) {
    const Spread of = spread(group.each([](const Run& run) { return run.rates.delivered_per_s; }));
    text += fmt::format(" · trials {}–{}/s", format_short(of.lowest), format_short(of.highest));
  }
  return text;
}

std::string cpu_line(const Run& run) {
  std::string text;
  const auto part = [&text](std::string_view who, double micros, std::string_view per) {
    if (micros <= 0) return;
    // The unit once is enough.
    const std::string_view unit = text.empty() ? " core-µs" : "";
    text += fmt::format("{}{} {}{} {}", text.empty() ? "" : " · ", who, format_three(micros), unit, per);
  };
  part("broker", run.cpu.broker_us_per_record, "a record");
  part("publisher", run.cpu.publisher_us_per_record, "a record");
  part("subscriber", run.cpu.subscriber_us_per_record, "a delivery");
  return text;
}

std::string link_line(const Run& run) {
  std::string text;
  for (const std::string& part : {run.environment.transport, run.environment.tls, run.environment.server}) {
    if (!part.empty()) text += (text.empty() ? "" : " · ") + part;
  }
  return run.counts.expected > 0 ? text : std::string();
}

std::string records_line(const Run& run) {
  const Counts& counts = run.counts;
  if (counts.published == 0) return {};
  std::string text = format_exact(counts.published) + " published";
  if (run.parameters.ack != "none") text += " · " + format_exact(counts.acked) + " acked";
  return text + " · " + format_exact(counts.failed) + " failed";
}

std::string deliveries_line(const Run& run) {
  const Counts& counts = run.counts;
  if (counts.expected == 0) return {};
  return fmt::format("{} of {} · {} lost · {} duplicated · {} reordered · {} dropped",
                     format_exact(counts.delivered), format_exact(counts.expected), format_exact(counts.lost),
                     format_exact(counts.duplicated), format_exact(counts.reordered),
                     format_exact(counts.dropped));
}

}  // namespace felix::bench
