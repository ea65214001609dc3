#pragma once
// What one run of the bench found, as plain values: the table, the report and the comparison are made of
// these, live or from a file. A file holds a list of runs. Times are nanoseconds of CLOCK_MONOTONIC, MB are
// 10^6 bytes.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "telemetry/histogram.h"

namespace felix::bench {

// One point of a percentile curve: `count` samples of at most `upper_ns`, and more than the point before.
struct CurvePoint {
  std::uint64_t upper_ns = 0;
  std::uint64_t count = 0;
};

// A histogram, in the figures people ask for and in a curve of at most a few hundred points (16 an octave).
struct LatencySummary {
  std::uint64_t count = 0;  // 0: not measured, and nothing else holds
  std::uint64_t min_ns = 0;
  std::uint64_t p50_ns = 0;
  std::uint64_t p90_ns = 0;
  std::uint64_t p99_ns = 0;
  std::uint64_t p999_ns = 0;
  std::uint64_t p9999_ns = 0;
  std::uint64_t max_ns = 0;
  double mean_ns = 0;
  std::vector<CurvePoint> curve;
};
LatencySummary summarize(const telemetry::Histogram& histogram);

// What was asked for. Numbers a shape does not know are 0.
struct Parameters {
  std::uint64_t payload_bytes = 0;  // of a record, stamp included
  std::uint64_t batch = 1;          // records a publish
  std::uint64_t fanout = 1;         // subscribers; each receives every record
  std::uint64_t publishers = 1;
  std::uint64_t rate = 0;       // records a second of all publishers together; 0: as fast as it goes
  std::uint64_t in_flight = 0;  // publishes, requests or undelivered records outstanding, as the shape has it
  std::string loop;             // "open", "closed" or "" where the word does not apply
  std::string ack;              // "none", "per_message", "per_batch"
  std::string encoding;         // "binary" or "json"
  std::string durability;       // of the stream, as far as known: "memory"
  std::string operation;        // of cache: "get" or "put"
  std::uint64_t seed = 0;
  double warmup_s = 0;
  double duration_s = 0;   // asked for; what was measured is in Rates
  std::string profile;     // "" or "original"
  bool processes = false;  // publishers and subscribers in processes of their own, not threads
  bool spawned = false;    // the broker was started for this run
  std::string placement;   // of --pin: "broker=0,publisher=0,subscriber=1"; empty: nothing was pinned
};

struct Environment {
  std::uint64_t cpus = 0;
  std::string cpu_model;
  std::string kernel;
  std::uint64_t rmem_max_bytes = 0;
  std::uint64_t wmem_max_bytes = 0;
  std::string tls;        // protocol and cipher, as far as known
  std::string transport;  // "quic"
  std::string server;     // host:port
  std::string command;    // the command line that reproduces the run
};

struct Counts {
  std::uint64_t published = 0;  // records handed to the publishers, warm-up left out
  std::uint64_t acked = 0;      // of those, with a good outcome
  std::uint64_t failed = 0;     // of those, refused or without an outcome
  std::uint64_t expected = 0;   // deliveries that should have happened: published x fanout
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t dropped = 0;  // of lost: what the broker said that it dropped
};

// One subscriber, or one client of a shape without subscribers.
struct ClientResult {
  std::string name;  // "subscriber 3"
  std::uint64_t received = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t dropped = 0;
  LatencySummary latency;            // as Run::latency
  LatencySummary latency_from_send;  // as Run::latency_from_send
};

// Over the measured window.
struct Rates {
  double window_s = 0;         // end of the warm-up to last measured record received
  double submitted_per_s = 0;  // records, or operations, the clients handed in
  double submitted_mb_per_s = 0;
  double delivered_per_s = 0;  // of all subscribers together, or operations answered
  double delivered_mb_per_s = 0;
  std::uint64_t moved_bytes = 0;        // payload published in the window
  std::uint64_t send_window_bytes = 0;  // payload that can be under way without having arrived
};

// CPU seconds in the measured window; 0 where nobody could tell (a broker that was not started by the bench).
struct Cpu {
  double broker_s = 0;
  double publisher_s = 0;
  double subscriber_s = 0;
  double broker_us_per_record = 0;      // per record published, or operation done
  double publisher_us_per_record = 0;   // likewise
  double subscriber_us_per_record = 0;  // per delivery
};

// A load of a sweep.
struct SweepPoint {
  double offered_per_s = 0;
  double delivered_per_s = 0;
  std::uint64_t p50_ns = 0;
  std::uint64_t p99_ns = 0;
  std::uint64_t p999_ns = 0;
  std::uint64_t samples = 0;
  bool kept_up = true;  // delivered what was offered, and no loss
};

// An interval of the measured window, in order.
struct TimelinePoint {
  double at_s = 0;  // its end, since the window began
  double delivered_per_s = 0;
  std::uint64_t p50_ns = 0;
  std::uint64_t p99_ns = 0;
};

// One limit of the targets, and what was measured for it over all rounds.
struct TargetResult {
  std::string row;     // its name: "latency-f10"
  std::string label;   // "p50 / raw UDP relay"
  std::string figure;  // the unit last, of the next five
  std::string bound;   // "at_most" or "at_least"
  double limit = 0;
  double measured = 0;  // 0: not measured
  double lowest = 0;
  double highest = 0;
  std::string status;  // "met", "missed", "failed" (a run lost something), "not measured"
  std::string basis;   // where the limit comes from, when it is not fixed
};

struct Verdict {
  bool ok = true;
  std::vector<std::string> reasons;  // why not
  // What makes the figures say less than they seem to: a run too small for its buffers. No failure.
  std::vector<std::string> flags{};
};

struct Run {
  std::string tool_version;
  std::string started_at;  // RFC 3339, UTC
  std::string shape;  // "latency", "throughput", "fanout", "cache", "connect", "sweep", "floor", "targets"
  std::uint64_t trial = 1;  // of several alike
  Parameters parameters;
  Environment environment;
  // From the time a record was due (open loop), or was sent, to its arrival, all subscribers merged; or of
  // operations.
  LatencySummary latency;
  // Open loop only: from the actual sending, without what the generator itself was late. Other tools, and the
  // floor's relay, show this one.
  LatencySummary latency_from_send;
  LatencySummary ack_latency;  // publish to its answer
  // The raw UDP relay, taken just before this run with its payload, rate and placement; open loop only.
  LatencySummary relay;
  std::vector<ClientResult> clients;
  Rates rates;
  Counts counts;
  Cpu cpu;
  std::vector<SweepPoint> sweep;
  std::vector<TargetResult> targets;  // of the shape "targets", which has no figures of its own
  double knee_per_s = 0;              // highest rate of the sweep before the knee; 0: none found
  std::vector<TimelinePoint> timeline;
  // Other figures of a shape by name, the unit last: "connects_per_s", "idle_connection_bytes".
  std::map<std::string, double> figures;
  // The limit of this machine in the same sitting, likewise: "relay_p50_ns", "relay_p99_ns". Empty: not
  // taken.
  std::map<std::string, double> floor;
  Verdict verdict;
  std::vector<std::string> notes;  // warnings, and what a reader of the figures must know
};

}  // namespace felix::bench
