#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bench/compare.h"
#include "bench/table_layout.h"
#include "bench/table_units.h"

namespace felix::bench {
namespace {

constexpr std::size_t kWidth = 100;

std::string change_text(const FigureComparison& figure) {
  const double percent = (figure.ratio - 1) * 100;
  switch (figure.change) {
    case Change::faster:
    case Change::slower:
      return fmt::format("{} ({}{} %)", figure.change == Change::faster ? "faster" : "SLOWER",
                         percent > 0 ? "+" : "−", format_three(std::abs(percent)));
    case Change::no_evidence:
      return "no evidence";
    case Change::too_few_trials:
      return "too few trials";
  }
  return {};
}

std::string spread_text(const FigureComparison& figure, const Spread& of) {
  const std::string middle = format_figure(figure.name, of.median);
  if (of.lowest == of.highest) return middle;
  if (figure.name.ends_with("_ns"))
    return fmt::format("{} ({})", middle, format_ns_range(of.lowest, of.highest));
  return fmt::format("{} ({}–{})", middle, format_figure(figure.name, of.lowest),
                     format_figure(figure.name, of.highest));
}

std::string p_text(const RankTest& test) { return test.p < 0.001 ? "<0.001" : fmt::format("{:.3f}", test.p); }

struct Tally {
  std::size_t tests = 0;
  std::size_t faster = 0;
  std::size_t slower = 0;
  std::size_t too_few = 0;
};

Tally tally_of(const Comparison& comparison) {
  Tally tally;
  for (const RunComparison& run : comparison.runs) {
    for (const FigureComparison& figure : run.figures) {
      ++tally.tests;
      tally.faster += figure.change == Change::faster;
      tally.slower += figure.change == Change::slower;
      tally.too_few += figure.change == Change::too_few_trials;
    }
  }
  return tally;
}

std::string conclusion(const Tally& tally) {
  if (tally.tests == 0) return "Nothing to compare: no run of the one file is in the other.";
  if (tally.too_few == tally.tests) {
    return "Too few trials for any verdict: with four on each side, differences can show.";
  }
  const std::string by_chance = format_three(static_cast<double>(tally.tests) * kSignificance);
  return fmt::format(
      "{} figures: {} faster, {} slower, {} without evidence. About {} would differ by chance.", tally.tests,
      tally.faster, tally.slower, tally.tests - tally.faster - tally.slower, by_chance);
}

}  // namespace

std::string render_comparison(const Comparison& comparison, Glyphs glyphs) {
  const auto plain = [&](std::string_view text) {
    return glyphs == Glyphs::ascii ? to_ascii(text) : std::string(text);
  };
  std::string text;
  for (const RunComparison& run : comparison.runs) {
    text += wrapped("", plain(run.title), 2, kWidth);
    text += fmt::format("  {} trials before, {} after\n", run.trials_before, run.trials_after);
    TextTable table({"", "before", "after", "ratio", "p", ""});
    for (const FigureComparison& figure : run.figures) {
      table.row({figure_label(figure.name), spread_text(figure, figure.before),
                 spread_text(figure, figure.after), format_ratio(figure.ratio), p_text(figure.test),
                 change_text(figure)});
    }
    text += table.text(glyphs, 2) + "\n";
  }
  for (const std::string& title : comparison.only_before)
    text += wrapped("only before:", plain(title), 13, kWidth);
  for (const std::string& title : comparison.only_after)
    text += wrapped("only after:", plain(title), 13, kWidth);
  for (const std::string& warning : comparison.warnings)
    text += wrapped("warning:", plain(warning), 13, kWidth);
  text += wrapped("", plain(conclusion(tally_of(comparison))), 0, kWidth);
  if (!comparison.runs.empty()) {
    text +=
        wrapped("",
                plain("p: how often chance alone would order equal trials at least this unevenly (two-sided "
                      "Mann–Whitney U test on ranks); 0.05 or less counts. Trials of one sitting share its "
                      "noise: alternate the two when it matters."),
                0, kWidth);
  }
  return text;
}

}  // namespace felix::bench
