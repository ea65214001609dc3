#include "bench/knee.h"

#include <algorithm>
#include <cmath>

namespace felix::bench {

KneeSearch::KneeSearch(double first_per_s, double last_per_s, unsigned refinements)
    : last_(last_per_s), refinements_(refinements), next_(first_per_s) {}

void KneeSearch::add(const SweepPoint& point) {
  const double rate = *next_;
  const bool risen =
      best_p99_ns_ > 0 && static_cast<double>(point.p99_ns) > kMaxRise * static_cast<double>(best_p99_ns_);
  const bool beyond = !point.kept_up || risen;
  if (beyond && !doubted_) {
    doubted_ = true;
    return;
  }
  doubted_ = false;
  if (!beyond) {
    good_ = std::max(good_, rate);
    best_p99_ns_ = best_p99_ns_ == 0 ? point.p99_ns : std::min(best_p99_ns_, point.p99_ns);
  } else {
    bad_ = bad_ == 0 ? rate : std::min(bad_, rate);
  }
  if (bad_ == 0) {
    next_ = rate * 2 <= last_ ? std::optional(rate * 2) : std::nullopt;
  } else if (good_ > 0 && refinements_ > 0) {
    --refinements_;
    next_ = std::round((good_ + bad_) / 2);
  } else {
    next_.reset();
  }
}

}  // namespace felix::bench
