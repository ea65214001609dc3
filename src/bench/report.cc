#include "bench/report.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "bench/floor.h"
#include "bench/relay_ratio.h"
#include "bench/report_charts.h"
#include "bench/report_style.h"
#include "bench/report_summary.h"
#include "bench/report_svg.h"
#include "bench/report_table.h"
#include "bench/statistics.h"
#include "bench/table_group.h"
#include "bench/table_rows.h"
#include "bench/table_units.h"
#include "bench/worst_subscriber.h"

namespace felix::bench {
namespace {

using Groups = std::vector<RunGroup>;

template <class Wanted>
Groups those(const Groups& groups, Wanted wanted) {
  Groups some;
  std::copy_if(groups.begin(), groups.end(), std::back_inserter(some),
               [&](const RunGroup& group) { return wanted(group.middle()); });
  return some;
}

std::string section(std::string_view heading, std::string_view about, const std::string& content) {
  if (content.empty()) return {};
  return fmt::format("<section>\n<h2>{}</h2>\n<p class=\"about\">{}</p>\n{}</section>\n",
                     escape_html(heading), escape_html(about), content);
}

// "40.1–45.0 µs" under a figure that several trials gave.
std::string range_text(const RunGroup& group, std::uint64_t LatencySummary::* member) {
  if (group.trials.size() < 2) return {};
  const Spread of =
      spread(group.each([&](const Run& run) { return static_cast<double>(run.latency.*member); }));
  return format_ns_range(of.lowest, of.highest);
}

std::string ratio_range(const RunGroup& group, const Spread& of) {
  if (group.trials.size() < 2) return {};
  return format_three(of.lowest) + "–" + format_ratio(of.highest);
}

std::string latency_table(const Groups& groups, const std::vector<std::string>& titles) {
  HtmlTable table("Latency",
                  {"", "p50", "p90", "p99", "p99.9", "max", "samples", "p50 / relay", "p99 / relay"});
  for (std::size_t at = 0; at < groups.size(); ++at) {
    const Run& run = groups[at].middle();
    const LatencySummary& of = run.latency;
    table.row(titles[at]);
    table.cell(percentile_text(of, of.p50_ns, 0.5), range_text(groups[at], &LatencySummary::p50_ns));
    table.cell(percentile_text(of, of.p90_ns, 0.9), range_text(groups[at], &LatencySummary::p90_ns));
    table.cell(percentile_text(of, of.p99_ns, 0.99), range_text(groups[at], &LatencySummary::p99_ns));
    table.cell(percentile_text(of, of.p999_ns, 0.999), range_text(groups[at], &LatencySummary::p999_ns));
    table.cell(format_ns(static_cast<double>(of.max_ns)), range_text(groups[at], &LatencySummary::max_ns));
    table.cell(format_exact(of.count));
    const auto ratio = relay_ratio(groups[at].trials);
    for (const auto member : {&RelayRatio::p50, &RelayRatio::p99})
      table.cell(ratio ? format_ratio((*ratio.*member).median) : "",
                 ratio ? ratio_range(groups[at], *ratio.*member) : "");
    const auto part = [&](const std::string& name, const LatencySummary& latency) {
      if (latency.count == 0) return;
      table.row("└ " + name);
      table.cell(percentile_text(latency, latency.p50_ns, 0.5));
      table.cell(percentile_text(latency, latency.p90_ns, 0.9));
      table.cell(percentile_text(latency, latency.p99_ns, 0.99));
      table.cell(percentile_text(latency, latency.p999_ns, 0.999));
      table.cell(format_ns(static_cast<double>(latency.max_ns)));
      table.cell(format_exact(latency.count));
      table.cell("");
      table.cell("");
    };
    part("worst subscriber", worst_subscriber(run, &ClientResult::latency).value_or(LatencySummary{}));
    part("timed from the actual send", run.latency_from_send);
    part("worst subscriber",
         worst_subscriber(run, &ClientResult::latency_from_send).value_or(LatencySummary{}));
    part("publish → ack", run.ack_latency);
    part("raw UDP relay beside it", run.relay);
  }
  return table.finish();
}

std::string latency_section(const Groups& groups) {
  const Groups timed = those(
      groups, [](const Run& run) { return run.latency.count > 0 && run.shape != "sweep" && !is_flood(run); });
  const std::vector<std::string> titles = short_titles(timed);
  std::string content;
  for (std::size_t from = 0; from < timed.size(); from += kSeriesOfAPlot) {
    const std::size_t count = std::min(kSeriesOfAPlot, timed.size() - from);
    content +=
        percentile_curves(std::span(timed).subspan(from, count), std::span(titles).subspan(from, count));
  }
  if (!timed.empty()) content += latency_table(timed, titles);
  for (std::size_t at = 0; at < std::min<std::size_t>(timed.size(), 3); ++at) {
    content += latency_over_time(timed[at].middle(), timed.size() > 1 ? titles[at] : std::string());
  }
  return section(
      "Latency",
      "From the moment a record was meant to be sent to the moment a subscriber had it, of every record "
      "and every subscriber. \"~\": fewer than ten samples lie beyond.",
      content);
}

std::string targets_section(const Groups& groups) {
  std::string content;
  for (const RunGroup& group : groups) {
    if (group.first().targets.empty()) continue;
    content += target_bars(group.first()) + target_list(group.first());
  }
  return section(
      "Targets",
      "What Felix means to reach on a small virtual machine with everything on it: latency as a multiple of "
      "a raw UDP relay taken beside it, from the actual sending to the worst subscriber; rates and costs "
      "as they are.",
      content);
}

std::string sweep_section(const Groups& groups) {
  std::string content;
  for (const RunGroup& group : groups) content += latency_against_load(group.middle());
  return section("Under load", "The same stream at rising rates, until latency leaves its floor.", content);
}

std::string throughput_section(const Groups& groups) {
  const auto unpaced = [](const Run& run) { return run.parameters.rate == 0 && run.shape != "sweep"; };
  const Groups fast = those(groups, unpaced);
  std::string content = delivered_rates(fast, short_titles(fast));
  content += cpu_per_record(groups, short_titles(groups));
  HtmlTable table("Rates and losses", {"", "submitted", "delivered", "payload", "window", "lost",
                                       "duplicated", "reordered", "dropped"});
  const std::vector<std::string> titles = short_titles(groups);
  for (std::size_t at = 0; at < groups.size(); ++at) {
    const Run& run = groups[at].middle();
    if (run.rates.delivered_per_s <= 0) continue;
    table.row(titles[at]);
    table.cell(format_short(run.rates.submitted_per_s) + "/s");
    table.cell(format_short(run.rates.delivered_per_s) + "/s");
    table.cell(format_mb_per_s(run.rates.delivered_mb_per_s));
    table.cell(format_ns(run.rates.window_s * 1e9));
    for (const std::uint64_t count :
         {run.counts.lost, run.counts.duplicated, run.counts.reordered, run.counts.dropped}) {
      count == 0 ? table.cell("0") : table.bad(format_exact(count));
    }
  }
  return section("Throughput and cost",
                 "What arrived, not what was sent, from the first measured record to the last.",
                 content + table.finish());
}

std::string floor_section(const Groups& groups) {
  std::string content;
  for (const RunGroup& group : groups) {
    const Run& run = group.first();
    if (run.floor.empty()) continue;
    HtmlTable table("Limits of this machine", {"probe", "limit", "what it does"}, 2);
    for (const auto& [name, value] : ordered_floor(run)) {
      table.row(figure_label(name));
      table.cell(format_figure(name, value));
      table.words(floor_meaning(name));
    }
    content = table.finish();
    if (run.shape == "floor") break;
  }
  return section(
      "The floor",
      "Probes without Felix, in the same sitting: no broker on this machine can be faster than its sockets "
      "and wake-ups.",
      content);
}

std::string conditions_section(const Groups& groups) {
  HtmlTable runs("Runs", {"run", "trials", "seed", "command"}, 3);
  HtmlTable places("Where", {});
  std::string notes;
  std::string last_place;
  for (const RunGroup& group : groups) {
    const Run& run = group.first();
    const Environment& of = run.environment;
    runs.row(title_of(run));
    runs.cell(std::to_string(group.trials.size()));
    runs.cell(std::to_string(run.parameters.seed));
    runs.command(of.command);
    const std::string place =
        fmt::format("{} CPUs{}{}; {}", of.cpus, of.cpu_model.empty() ? "" : ", ", of.cpu_model, of.kernel);
    const std::string link = fmt::format("{}{}{}; server {}{}; socket buffers up to {} in, {} out",
                                         of.transport, of.tls.empty() ? "" : " with ", of.tls, of.server,
                                         run.parameters.spawned ? ", started for the run" : "",
                                         format_bytes(of.rmem_max_bytes), format_bytes(of.wmem_max_bytes));
    if (place + link != last_place) {
      places.row("Machine");
      places.words(place);
      places.row("Link");
      places.words(link);
    }
    last_place = place + link;
    for (const Run* trial : group.trials) {
      for (const std::string& note : trial->notes) {
        const std::string item = "<li>" + escape_html(note) + "</li>\n";
        if (notes.find(item) == std::string::npos) notes += item;
      }
    }
  }
  std::string content = runs.finish() + places.finish();
  if (!notes.empty())
    content += "<h3>What a reader must know</h3>\n<ul class=\"notes\">\n" + notes + "</ul>\n";
  return section(
      "Conditions",
      "Everything needed to run it again. Compare ratios taken on one machine, not figures of two.", content);
}

}  // namespace

std::string render_report(const std::vector<Run>& runs) {
  const Groups groups = group_trials(runs);
  const Headline headline = headline_of(groups);
  const std::string title = headline.figure + (headline.figure.empty() ? "" : " ") + headline.rest;
  const std::string when = groups.empty() ? "" : groups.front().first().started_at;
  const std::string version = groups.empty() ? "" : groups.front().first().tool_version;
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{} – felix "
      "bench</title>\n<style>{}</style>\n"
      "</head>\n<body>\n<main>\n<header>\n<p class=\"brand\"><b>Felix</b>bench {} · {}</p>\n"
      "<h1><em>{}</em> {}</h1>\n<p class=\"lead\">{}</p>\n</header>\n",
      escape_html(title), kReportStyle, escape_html(version), escape_html(when), escape_html(headline.figure),
      escape_html(headline.rest), escape_html(headline.lead));
  page += failures(groups);
  page += key_figures(groups);
  page += targets_section(groups);
  page += latency_section(groups);
  page += sweep_section(groups);
  page += throughput_section(groups);
  page += floor_section(groups);
  page += conditions_section(groups);
  page +=
      "<footer>Percentiles are of records, not of batches; MB are 10⁶ bytes; times are of the monotonic "
      "clock; warm-up "
      "is left out. Where there are several trials, a figure is the trial in the middle and the range below "
      "it is all "
      "of them.</footer>\n</main>\n</body>\n</html>\n";
  return page;
}

}  // namespace felix::bench
