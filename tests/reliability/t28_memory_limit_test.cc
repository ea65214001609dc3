// T28: a broker with 64 MiB, in a control group that kills what takes more (where one can be made; else its
// resident memory is watched), and ten times as much asked of it: connections, streams, publishes, values. It
// refuses with a reason, is not killed, and serves as before when it is over.

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "client/publisher.h"
#include "client/subscriber.h"
#include "reliability/broker_peer.h"
#include "reliability/verdict.h"
#include "support/temporary_directory.h"

using namespace felix;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kLimit = 64 * kMiB;
constexpr std::uint64_t kFlood = 10 * kLimit;
constexpr std::size_t kSessions = 1500;  // ten times what the plan has room for
constexpr std::size_t kPublishers = 8;
constexpr std::size_t kBatchBytes = 512 * 1024;

std::uint64_t number_in(const std::string& path, std::string_view word = {}) {
  std::ifstream file(path);
  std::string name;
  std::uint64_t value = 0;
  if (word.empty()) {
    file >> value;
    return value;
  }
  while (file >> name) {
    if (name == word) break;
  }
  file >> value;
  return value;
}

// A group of its own for the broker, removed with this.
class MemoryGroup {
 public:
  MemoryGroup() {
    path_ = "/sys/fs/cgroup/memory/felix-t28-" + std::to_string(::getpid());
    if (::mkdir(path_.c_str(), 0755) == 0) {
      std::ofstream(path_ + "/memory.limit_in_bytes") << kLimit;
      made_ = number_in(path_ + "/memory.limit_in_bytes") == kLimit;
    }
    if (!made_) return;
    program_ = directory_.path() + "/felix";
    std::ofstream(program_) << "#!/bin/sh\necho $$ > " << path_ << "/cgroup.procs\nexec " << FELIX_COMMAND
                            << " \"$@\"\n";
    ::chmod(program_.c_str(), 0755);
  }
  ~MemoryGroup() { ::rmdir(path_.c_str()); }
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;

  bool made() const { return made_; }
  // Starts felix in the group.
  const std::string& program() const { return program_; }
  std::uint64_t kills() const { return made_ ? number_in(path_ + "/memory.oom_control", "oom_kill") : 0; }
  std::uint64_t peak_bytes() const { return made_ ? number_in(path_ + "/memory.max_usage_in_bytes") : 0; }

 private:
  test::TemporaryDirectory directory_;
  std::string path_;
  std::string program_ = FELIX_COMMAND;
  bool made_ = false;
};

wire::RecordRun run_of(std::size_t records, std::size_t bytes) {
  wire::RecordRunBuilder builder;
  for (std::size_t i = 0; i < records; ++i) std::memset(builder.append_space(bytes).data(), 'x', bytes);
  return builder.finish();
}

// What came of something that was asked.
struct Outcomes {
  std::uint64_t ok = 0;
  std::uint64_t refused = 0;      // with words
  std::uint64_t unexplained = 0;  // without
  void note(const Error* error) {
    ++(error == nullptr ? ok : error->context.empty() ? unexplained : refused);
  }
};

struct Load {
  explicit Load(const client::ConnectOptions& options) : options_(options) {}

  // Connections to the limit and far beyond.
  Outcomes connect() {
    Outcomes outcomes;
    client::ConnectOptions options = options_;
    options.reconnect.enabled = false;
    options.transport.stream_window_bytes = 16 * 1024;
    for (std::size_t begun = 0; begun < kSessions;) {
      std::vector<std::unique_ptr<client::Session>> wave;
      for (int i = 0; i < 100 && begun < kSessions; ++i, ++begun) {
        wave.push_back(client::Session::create(*loop, options).value());
        wave.back()->start();
      }
      loop->run_until(
          [&] {
            return std::all_of(wave.begin(), wave.end(), [](const auto& session) {
              return session->ready() || session->state() == client::Session::State::closed;
            });
          },
          clock.now() + std::chrono::seconds(6));
      for (auto& session : wave) {
        outcomes.note(session->ready() ? nullptr : session->last_error() ? &*session->last_error() : &silent);
        if (session->ready() && sessions.size() < kPublishers) sessions.push_back(std::move(session));
        // The others stay connected for the rest of this phase.
        else if (session->ready())
          idle.push_back(std::move(session));
      }
    }
    return outcomes;
  }

  // Ten times the broker's memory through streams with readers that do not read, and into a cache.
  Outcomes flood(Duration time) {
    Outcomes outcomes;
    std::vector<std::unique_ptr<client::Subscriber>> readers;
    std::vector<std::unique_ptr<client::Publisher>> publishers;
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      for (int reader = 0; reader < 4; ++reader)
        readers.push_back(std::make_unique<client::Subscriber>(
            *sessions[i], client::SubscribeOptions{.stream = "flood" + std::to_string(reader)}));
      publishers.push_back(std::make_unique<client::Publisher>(
          *sessions[i], client::PublisherOptions{.in_flight_bytes = 16 * kMiB}));
    }
    const wire::RecordRun batch = run_of(kBatchBytes / 4096, 4092);
    std::uint64_t asked = 0;
    const MonoTime end = clock.now() + time;
    while (asked < kFlood && clock.now() < end) {
      for (std::size_t i = 0; i < publishers.size(); ++i) {
        while (publishers[i]->wants_more() && asked < kFlood) {
          asked += kBatchBytes;
          publishers[i]->publish({.stream = "flood" + std::to_string(i % 4), .records = batch},
                                 [&](const Result<client::PublishOutcome>& outcome) {
                                   outcomes.note(outcome ? nullptr : &outcome.error());
                                 });
        }
      }
      loop->run_until([] { return false; }, clock.now() + std::chrono::milliseconds(1));
    }
    for (auto& publisher : publishers) (void)publisher->flush(clock.now() + std::chrono::seconds(2));
    publishers.clear();
    return outcomes;
  }

  bool serves_normally() {
    const auto session = client::Session::create(*loop, options_).value();
    if (!session->connect()) return false;
    client::Subscriber subscriber(*session, {.stream = "after"});
    if (!subscriber.wait_live(clock.now() + std::chrono::seconds(5))) return false;
    client::Publisher publisher(*session, {});
    for (int i = 0; i < 100; ++i) {
      if (!publisher.publish_and_wait({.stream = "after", .records = run_of(1, 1000)})) return false;
      if (!subscriber.next(clock.now() + std::chrono::seconds(5))) return false;
    }
    return true;
  }

  const Error silent{Errc::internal, ""};
  const client::ConnectOptions options_;
  io::SystemClock clock;
  std::unique_ptr<io::Loop> loop = io::Loop::create(clock).value();
  std::vector<std::unique_ptr<client::Session>> sessions;
  std::vector<std::unique_ptr<client::Session>> idle;
};

}  // namespace

TEST_CASE("T28 a broker with 64 MiB refuses what is too much and is not killed", "[memory]") {
  test::Verdict verdict("T28 memory limit");
  const MemoryGroup group;
  // In the group the broker finds its limit by itself.
  std::vector<std::string> options{"--reactors", "1", "--max-connections-per-ip", "0"};
  if (!group.made()) options.insert(options.end(), {"--memory-max", std::to_string(kLimit)});
  auto started = bench::BrokerProcess::start(group.program(), options);
  REQUIRE(started);
  const auto broker = std::move(*started);
  const std::string status = "/proc/" + std::to_string(broker->pid()) + "/status";

  Load load(broker->client_options());
  const Outcomes connections = load.connect();
  const Outcomes publishes = load.flood(test::load_time(std::chrono::seconds(6)));
  load.sessions.clear();
  load.idle.clear();
  load.loop->run_until([] { return false; }, load.clock.now() + std::chrono::milliseconds(300));
  const bool serves = load.serves_normally();
  const std::uint64_t peak = number_in(status, "VmHWM:") * 1024;
  verdict.figure("limit", group.made() ? "control group, version 1" : "--memory-max, watched")
      .figure("n", publishes.ok)
      .figure("connected", connections.ok)
      .figure("connections_refused", connections.refused)
      .figure("published_mib", publishes.ok * kBatchBytes / kMiB)
      .figure("publishes_refused", publishes.refused)
      .figure("without_reason", connections.unexplained + publishes.unexplained)
      .figure("rss_peak_mib", peak / kMiB)
      .figure("group_peak_mib", group.peak_bytes() / kMiB)
      .figure("oom_kills", group.kills())
      .figure("serves_afterwards", serves ? "yes" : "no");
  REQUIRE(verdict.print(group.kills() == 0 && serves && peak <= kLimit && publishes.ok > 0 &&
                        connections.refused > 0 && connections.unexplained + publishes.unexplained == 0));
}
