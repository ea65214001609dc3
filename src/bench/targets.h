#pragma once
// What Felix means to reach on a small machine, as rows that a measurement answers with met or missed. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/peers.h"
#include "bench/plan.h"
#include "bench/result.h"

namespace felix::bench {

enum class Bound : std::uint8_t { at_most, at_least };

// A limit that is a multiple of what a peer reaches.
struct PeerMultiple {
  double factor;
  std::string_view figure;  // of Peers::figures
  std::string_view peer;    // "NATS with TLS"
  std::string_view scale;   // what it reached on the machine of Criterion::limit: "407–483k/s"
};

struct Criterion {
  std::string_view figure;  // the unit last
  std::string_view label;
  Bound bound;
  double limit;  // in the figure's unit; where there is a peer, on a virtual machine with two CPUs
  std::optional<PeerMultiple> peer;
};

struct TargetRow {
  std::string_view name;  // "latency-f10"
  // A round of it; more than one trial shares the round's duration among them.
  Request request;
  std::vector<Criterion> criteria;
};

// In the order in which they are measured and shown.
const std::vector<TargetRow>& target_rows();

// One result a criterion. `runs` are of the row's request, at least one; Run::trial is the round each belongs
// to. Measured is over all of them, lowest and highest are those of the rounds. With the peer's figure at
// hand its multiple is the limit, otherwise Criterion::limit.
std::vector<TargetResult> judge_row(const TargetRow& row, const std::vector<const Run*>& runs,
                                    const Peers& peers);
// Sentences about where limits come from, for notes.
std::vector<std::string> explain_limits(const std::vector<TargetResult>& results);

}  // namespace felix::bench
