#include "bench/table.h"

#include <algorithm>

#include <fmt/format.h>

#include "bench/relay_ratio.h"
#include "bench/table_group.h"
#include "bench/table_layout.h"
#include "bench/table_rows.h"
#include "bench/table_targets.h"
#include "bench/table_units.h"

namespace felix::bench {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kLabel = 14;  // where the text of a labelled line begins

class Block {
 public:
  Block(const RunGroup& group, Glyphs glyphs) : group_(group), run_(group.middle()), glyphs_(glyphs) {}

  std::string text() {
    out_ = wrapped("", plain(title_of(run_)), 2, kWidth);
    tables();
    facts();
    verdict();
    return out_;
  }

 private:
  std::string plain(std::string_view text) const {
    return glyphs_ == Glyphs::ascii ? to_ascii(text) : std::string(text);
  }
  void line(std::string_view label, const std::string& text) {
    if (!text.empty()) out_ += wrapped("  " + std::string(label), plain(text), kLabel, kWidth);
  }

  void tables() {
    bool approximate = false;
    out_ += latency_rows(group_, approximate).text(glyphs_, 2);
    if (approximate) line("", "~ fewer than ten samples lie beyond this percentile: run longer to trust it");
    out_ += sweep_rows(run_).text(glyphs_, 2);
    if (run_.shape == "sweep") {
      line("knee", run_.knee_per_s > 0 ? "keeps up to " + format_short(run_.knee_per_s) + "/s"
                                       : "none found: every load was kept up with, or none was");
    }
    out_ += target_table(run_).text(glyphs_, 2);
    if (!run_.targets.empty()) line("", targets_met_text(run_));
    if (run_.shape == "floor") out_ += floor_rows(run_).text(glyphs_, 2);
    if (group_.trials.size() > 1) {
      line("trials", fmt::format("{}; below, the trial in the middle", group_.trials.size()));
    }
  }

  void facts() {
    line("rate", rate_line(group_));
    line("link", link_line(run_));
    line("CPU", cpu_line(run_));
    line("records", records_line(run_));
    line("deliveries", deliveries_line(run_));
    out_ += loss_rows(run_).text(glyphs_, 4);
    std::string others;
    for (const auto& [name, value] : run_.figures) {
      if (name == kRelayP50Ratio || name == kRelayP99Ratio) continue;  // of all trials, above
      others += (others.empty() ? "" : " · ") + figure_label(name) + " " + format_figure(name, value);
    }
    line("also", others);
  }

  void verdict() {
    std::vector<std::string> notes;
    bool ok = true;
    for (const Run* run : group_.trials) {
      for (const std::string& note : run->notes) {
        if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
      }
    }
    for (const std::string& note : notes) line("note", note);
    std::vector<std::string> flags;
    for (const Run* run : group_.trials) {
      for (const std::string& flag : run->verdict.flags) {
        if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.push_back(flag);
      }
    }
    for (const std::string& flag : flags) line("FLAGGED", flag);
    for (const Run* run : group_.trials) {
      if (run->verdict.ok) continue;
      ok = false;
      const std::string trial = group_.trials.size() > 1 ? fmt::format("trial {}: ", run->trial) : "";
      if (run->verdict.reasons.empty()) line("FAILED", trial + "no reason given");
      for (const std::string& reason : run->verdict.reasons) line("FAILED", trial + reason);
    }
    if (ok && run_.counts.expected > 0) line("ok", "every record arrived once and in order");
  }

  const RunGroup& group_;
  const Run& run_;
  Glyphs glyphs_;
  std::string out_;
};

}  // namespace

std::string render_table(const std::vector<Run>& runs, Glyphs glyphs) {
  const std::vector<RunGroup> groups = group_trials(runs);
  std::string text;
  for (const RunGroup& group : groups) {
    if (!text.empty()) text += '\n';
    text += Block(group, glyphs).text();
  }
  if (groups.size() > 1) text += "\nsummary\n" + summary_rows(groups).text(glyphs, 2);
  return text;
}

}  // namespace felix::bench
