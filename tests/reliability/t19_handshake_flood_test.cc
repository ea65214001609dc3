// T19: thousands of handshakes a second that nobody goes on with, beside clients who mean it.

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "broker/running_broker.h"
#include "client/publisher.h"
#include "hostile/frames.h"
#include "hostile/initials.h"
#include "io/clock.h"
#include "io/loop.h"
#include "io/udp_socket.h"
#include "reliability/broker_peer.h"
#include "reliability/verdict.h"

using namespace felix;

namespace {

constexpr std::uint64_t kInitialsPerSecond = 5000;
constexpr std::size_t kSources = 64;  // each in a network of its own
constexpr int kGoodClients = 20;
constexpr std::uint64_t kAllowedBytes = 64u << 20;
constexpr Duration kPublishEvery = std::chrono::milliseconds(20);
constexpr Duration kConnectEvery = std::chrono::milliseconds(100);

// Sends first packets from a thread of its own until stopped.
class Flood {
 public:
  Flood(const io::Address& broker, test::Initials& initials) : broker_(broker) {
    for (std::uint64_t i = 0; i < kInitialsPerSecond; ++i) {
      // One of four asks for nothing, but costs its reader the same keys.
      packets_.push_back(i % 4 == 3 ? initials.next_with(test::frames::ping()) : initials.next());
    }
    for (std::size_t i = 0; i < kSources; ++i) {
      const auto from = io::Address::parse("127.19." + std::to_string(i) + ".1:0").value();
      sockets_.push_back(io::UdpSocket::bind(from, {}).value());
    }
  }
  void start() {
    thread_ = std::thread([this] { run(); });
  }
  void stop() {
    stopping_ = true;
    thread_.join();
  }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t retries() const { return retries_; }
  std::uint64_t hellos() const { return hellos_; }

 private:
  void run() {
    const auto began = std::chrono::steady_clock::now();
    while (!stopping_) {
      const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
      const auto due = static_cast<std::uint64_t>(elapsed.count() * kInitialsPerSecond);
      for (; sent_ < due; ++sent_) {
        const std::string& packet = packets_[sent_ % packets_.size()];
        std::size_t bytes = 0;
        sockets_[sent_ % kSources]->send(broker_, 0, as_bytes(packet), packet.size(), bytes);
      }
      for (const auto& socket : sockets_) socket->receive(256, [this](const io::Datagram& d) { hear(d); });
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  void hear(const io::Datagram& datagram) {
    if (datagram.bytes.empty()) return;
    const unsigned type = std::to_integer<unsigned>(datagram.bytes.front()) & 0xf0;
    if (type == 0xf0) ++retries_;
    if (type == 0xc0) ++hellos_;
  }

  const io::Address broker_;
  std::vector<std::string> packets_;
  std::vector<std::unique_ptr<io::UdpSocket>> sockets_;
  std::uint64_t sent_ = 0;
  std::uint64_t retries_ = 0;
  std::uint64_t hellos_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

struct Tally {
  std::uint64_t tried = 0;
  std::uint64_t succeeded = 0;
  std::vector<Duration> times;

  void note(bool success, Duration time) {
    ++tried;
    succeeded += success ? 1 : 0;
    if (success) times.push_back(time);
  }
  double percent() const {
    return tried == 0 ? 0 : 100.0 * static_cast<double>(succeeded) / static_cast<double>(tried);
  }
  double p99_ms() {
    if (times.empty()) return 0;
    const auto at = times.begin() + static_cast<std::ptrdiff_t>(times.size() * 99 / 100);
    std::nth_element(times.begin(), at, times.end());
    return std::chrono::duration<double, std::milli>(*at).count();
  }
};

// Publishes a record now and then on a connection that stands, and waits for its ack.
class Resident {
 public:
  Resident(io::Loop& loop, const client::ConnectOptions& options)
      : loop_(loop),
        session_(client::Session::create(loop, options).value()),
        publisher_(std::make_unique<client::Publisher>(*session_, client::PublisherOptions{})),
        timer_(loop, [this] { publish(); }) {
    REQUIRE(session_->connect());
    timer_.arm(loop.clock().now() + kPublishEvery);
  }
  ~Resident() { publisher_.reset(); }
  Tally* tally = nullptr;
  void rest() { timer_.disarm(); }
  bool idle() const { return publisher_->pending() == 0; }

 private:
  void publish() {
    timer_.arm(loop_.now() + kPublishEvery);
    const MonoTime began = loop_.clock().now();
    publisher_->publish(
        {.stream = "flooded", .records = test::records({"still here"}), .ack = client::AckMode::per_message},
        [this, began, to = tally](const Result<client::PublishOutcome>& outcome) {
          to->note(outcome.has_value(), loop_.clock().now() - began);
        });
  }
  io::Loop& loop_;
  std::unique_ptr<client::Session> session_;
  std::unique_ptr<client::Publisher> publisher_;
  io::Timer timer_;
};

// Connects anew, again and again.
class Newcomers {
 public:
  Newcomers(io::Loop& loop, client::ConnectOptions options, Tally& tally)
      : loop_(loop), options_(std::move(options)), tally_(tally), timer_(loop, [this] { next(); }) {
    next();
  }
  ~Newcomers() {
    for (auto& newcomer : all_) newcomer->session->set_on_state({});
  }
  void rest() { timer_.disarm(); }
  bool idle() const {
    return std::all_of(all_.begin(), all_.end(), [](const auto& one) { return one->over; });
  }

 private:
  struct Newcomer {
    std::unique_ptr<client::Session> session;
    MonoTime began;
    bool over = false;
  };
  void next() {
    timer_.arm(loop_.now() + kConnectEvery);
    while (!all_.empty() && all_.front()->over) {
      all_.front()->session->close();
      all_.erase(all_.begin());
    }
    auto added = std::make_unique<Newcomer>();
    added->session = client::Session::create(loop_, options_).value();
    added->began = loop_.clock().now();
    added->session->set_on_state([this, one = added.get()](client::Session::State state) {
      if (one->over || state == client::Session::State::connecting) return;
      one->over = true;
      tally_.note(state == client::Session::State::ready, loop_.clock().now() - one->began);
    });
    all_.push_back(std::move(added));
    all_.back()->session->start();
  }
  io::Loop& loop_;
  const client::ConnectOptions options_;
  Tally& tally_;
  std::vector<std::unique_ptr<Newcomer>> all_;
  io::Timer timer_;
};

}  // namespace

TEST_CASE("T19 clients publish and connect through a flood of handshakes") {
  const std::chrono::seconds flood_time = test::load_time(std::chrono::seconds(5));
  const auto broker = bench::BrokerProcess::start(FELIX_COMMAND, {}).value();
  const io::SystemClock clock;
  const auto loop = io::Loop::create(clock).value();
  Tally quiet, flooded, newcomers_tally;
  std::vector<std::unique_ptr<Resident>> residents;
  for (int i = 0; i < kGoodClients; ++i) {
    residents.push_back(std::make_unique<Resident>(*loop, broker->client_options()));
    residents.back()->tally = &quiet;
  }
  const auto wait = [&](Duration time) { loop->run_until([] { return false; }, clock.now() + time); };
  test::Initials initials(test::tls_session_with(*broker));
  Flood flood(test::address_of(*broker), initials);
  wait(std::chrono::milliseconds(1500));

  test::Verdict verdict("T19 handshake flood");
  const std::uint64_t before = broker->resident_bytes();
  const double cpu_before = broker->cpu_s();
  std::uint64_t most = before;
  for (auto& resident : residents) resident->tally = &flooded;
  flood.start();
  Newcomers newcomers(*loop, broker->client_options(), newcomers_tally);
  for (const MonoTime end = clock.now() + flood_time; clock.now() < end;) {
    wait(std::chrono::milliseconds(250));
    most = std::max(most, broker->resident_bytes());
  }
  newcomers.rest();
  for (auto& resident : residents) resident->rest();
  loop->run_until(
      [&] {
        return newcomers.idle() &&
               std::all_of(residents.begin(), residents.end(), [](const auto& r) { return r->idle(); });
      },
      clock.now() + std::chrono::seconds(5));
  flood.stop();

  const double retried = 100.0 * static_cast<double>(flood.retries()) / static_cast<double>(flood.sent());
  const double growth = static_cast<double>(most - before) / (1 << 20);
  verdict.figure("initials", flood.sent())
      .figure("retry_percent", retried)
      .figure("answered_with_a_handshake", flood.hellos())
      .figure("publishes", flooded.tried)
      .figure("publish_success_percent", flooded.percent())
      .figure("connects", newcomers_tally.tried)
      .figure("connect_success_percent", newcomers_tally.percent())
      .figure("connect_p99_ms", newcomers_tally.p99_ms())
      .figure("publish_p99_ms_before", quiet.p99_ms())
      .figure("publish_p99_ms_during", flooded.p99_ms())
      .figure("rss_growth_mb", growth)
      .figure("broker_cpu_percent",
              100 * (broker->cpu_s() - cpu_before) / static_cast<double>(flood_time.count()));
  REQUIRE(verdict.print(flooded.percent() >= 99.0 && newcomers_tally.percent() >= 99.0 &&
                        newcomers_tally.tried > 0 && most - before <= kAllowedBytes));
}
