#pragma once
// What the broker may hold at most: a sum of terms, each computed from settings, that must not exceed
// node.memory_max. Made before anything is opened, shown at start and by --print-config, and the source of
// every limit of an account (flow/budget.h).
//
// A setting nobody wrote is lowered until it fits; one that was written is kept, or the plan refused.

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/broker_config.h"

namespace felix::broker {

// Where the limit comes from when node.memory_max is 0: of a control group nearly all is ours, of a machine
// half.
struct MemorySource {
  std::uint64_t bytes = 0;
  std::string origin;  // as a person would say it
};
MemorySource memory_source(const config::BrokerConfig& config);

struct MemoryPlan {
  struct Term {
    std::string name;  // of accounts: as in felix_memory_limit_bytes{account="..."}
    std::string how;   // the sum, in words and numbers
    std::uint64_t bytes = 0;
  };
  MemorySource limit;
  std::vector<Term> terms;        // together at most limit.bytes
  config::BrokerConfig settings;  // as they fit

  // Of each reactor.
  std::uint64_t frame_cache_bytes = 0;
  // Accounts, of all reactors together.
  std::uint64_t ingress_bytes = 0;
  std::uint64_t retained_bytes = 0;
  std::uint64_t fanout_bytes = 0;
  std::uint64_t control_bytes = 0;
  std::uint64_t subscription_bytes = 0;

  std::uint64_t total_bytes() const;
  // A table of the terms, each line a comment of a configuration file.
  std::string to_comment() const;
};

// What one connection is granted before it is authenticated, and always: see transport/receive_window.h.
inline constexpr std::uint64_t kFirstWindowBytes = 32 * 1024;
inline constexpr std::uint32_t kFirstUniStreams = 4;
// What is held of each, empty and idle: a stream (ngtcp2's state of it, its Channel, its ChannelSession), a
// subscription (its stream, its EventChannel, its place at its home), a connection with its first stream.
// Each a fifth above what tests/reliability/t28_held_memory_test.cc finds: 2.4 KB, 2.0 KB and 34.4 KB.
inline constexpr std::uint64_t kStreamBytes = 3 * 1024;
inline constexpr std::uint64_t kSubscriptionBytes = 2560;
inline constexpr std::uint64_t kIdleConnectionBytes = 40 * 1024;
// The program itself, its names, its HTTP side and the threads' stacks as far as they are used. 9 MB at
// start, of which 7 are the program's own file; the rest has room for some thousand names, 2 KB each.
inline constexpr std::uint64_t kProgramBytes = 14 * 1024 * 1024;

// `reactors` > 0. Errc::usage: names the largest term that was asked for, and what to lower.
Result<MemoryPlan> plan_memory(const config::BrokerConfig& config, MemorySource limit,
                               std::uint32_t reactors);

}  // namespace felix::broker
