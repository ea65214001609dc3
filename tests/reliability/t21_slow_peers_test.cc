// T21: peers that are slow on purpose. Handshakes begun and left, and readers that never read while batches
// of 4 MiB are published to them: the broker's memory stays under the bound it printed, and a reader that
// does read hardly notices.

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "client/publisher.h"
#include "client/subscriber.h"
#include "hostile/initials.h"
#include "io/udp_socket.h"
#include "reliability/broker_peer.h"
#include "reliability/verdict.h"

using namespace felix;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kMemoryMax = 384 * kMiB;
constexpr int kHandshakes = 2000;
constexpr int kConnections = 20;
constexpr int kReadersOfOne = 50;  // on each of those connections
constexpr int kStreams = 10;
constexpr std::size_t kBatchRecords = 64;
constexpr std::size_t kRecordBytes = 64 * 1024 - 4;  // a batch is 4 MiB
constexpr Duration kBatchEvery = std::chrono::milliseconds(100);
constexpr Duration kMessageEvery = std::chrono::milliseconds(2);

// Publishes large batches all the time; is joined by those who never read.
class Crowd {
 public:
  explicit Crowd(const bench::BrokerProcess& broker) : broker_(broker), thread_([this] { run(); }) {}
  ~Crowd() {
    stop_ = true;
    thread_.join();
  }

  // Returns when all of them are there, or after `patience`.
  void invite(Duration patience) {
    invited_ = true;
    const MonoTime end = io::SystemClock().now() + patience;
    while (readers_ < kConnections * kReadersOfOne && io::SystemClock().now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  int readers() const { return readers_; }
  std::uint64_t batches() const { return batches_; }
  std::uint64_t refused() const { return refused_; }

 private:
  void run() {
    const io::SystemClock clock;
    const auto loop = io::Loop::create(clock).value();
    const auto session = client::Session::create(*loop, broker_.client_options()).value();
    REQUIRE(session->connect());
    client::Publisher publisher(*session, {.in_flight_bytes = 16 * kMiB});
    wire::RecordRunBuilder builder;
    for (std::size_t i = 0; i < kBatchRecords; ++i)
      std::memset(builder.append_space(kRecordBytes).data(), 'x', kRecordBytes);
    const wire::RecordRun batch = builder.finish();
    test::Initials initials(test::tls_session_with(broker_));
    const auto socket = io::UdpSocket::bind(io::Address::parse("127.0.0.1:0").value(), {}).value();
    const io::Address address = test::address_of(broker_);

    std::vector<std::unique_ptr<client::Session>> sessions;
    std::vector<std::unique_ptr<client::Subscriber>> subscribers;
    int handshakes = 0;
    int stream = 0;
    MonoTime next = clock.now();
    while (!stop_) {
      if (clock.now() >= next) {
        next += kBatchEvery;
        if (publisher.wants_more()) publish(publisher, batch, stream++ % kStreams);
      }
      if (invited_ && sessions.size() < kConnections) {
        client::ConnectOptions slow = broker_.client_options();
        slow.transport.stream_window_bytes = 16 * 1024;
        slow.transport.connection_window_bytes = kReadersOfOne * 16 * 1024;
        sessions.push_back(client::Session::create(*loop, slow).value());
        sessions.back()->start();
        for (int i = 0; i < kReadersOfOne; ++i)
          subscribers.push_back(std::make_unique<client::Subscriber>(
              *sessions.back(), client::SubscribeOptions{.stream = name(i % kStreams)}));
      }
      for (int i = 0; invited_ && handshakes < kHandshakes && i < 40; ++i, ++handshakes) {
        const std::string packet = initials.next();
        std::size_t sent = 0;
        socket->send(address, 0, as_bytes(packet), packet.size(), sent);
      }
      loop->run_until([] { return false; }, clock.now() + std::chrono::milliseconds(5));
      readers_ = static_cast<int>(std::count_if(subscribers.begin(), subscribers.end(), [](const auto& s) {
        return s->state() != client::Subscriber::State::waiting;
      }));
    }
    subscribers.clear();
  }

  static std::string name(int stream) { return "big" + std::to_string(stream); }

  void publish(client::Publisher& publisher, const wire::RecordRun& batch, int stream) {
    publisher.publish(
        {.stream = name(stream), .records = batch},
        [this](const Result<client::PublishOutcome>& outcome) { ++(outcome ? batches_ : refused_); });
  }

  const bench::BrokerProcess& broker_;
  std::atomic<bool> invited_{false};
  std::atomic<bool> stop_{false};
  std::atomic<int> readers_{0};
  std::atomic<std::uint64_t> batches_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::thread thread_;
};

// One that reads what it publishes, and how long each message took.
class FastClient {
 public:
  explicit FastClient(const bench::BrokerProcess& broker)
      : loop_(io::Loop::create(clock_).value()),
        session_(client::Session::create(*loop_, broker.client_options()).value()) {
    REQUIRE(session_->connect());
    publisher_.emplace(*session_, client::PublisherOptions{});
    subscriber_.emplace(*session_, client::SubscribeOptions{.stream = "fast"});
    REQUIRE(subscriber_->wait_live());
  }

  // The 99th percentile in microseconds; `each` is called now and then.
  std::uint64_t p99_us(Duration time, const std::function<void()>& each) {
    std::vector<std::uint64_t> taken;
    const MonoTime end = clock_.now() + time;
    for (MonoTime next = clock_.now(); next < end; next += kMessageEvery) {
      loop_->run_until([&] { return take(taken) && clock_.now() >= next; }, next);
      const auto sent = static_cast<std::uint64_t>(nanos_since_epoch(clock_.now()));
      wire::RecordRunBuilder builder;
      std::memcpy(builder.append_space(sizeof sent).data(), &sent, sizeof sent);
      publisher_->publish({.stream = "fast", .records = builder.finish()},
                          [](const Result<client::PublishOutcome>&) {});
      ++sent_;
      each();
    }
    loop_->run_until([&] { return take(taken) && received_ == sent_; },
                     clock_.now() + std::chrono::seconds(5));
    REQUIRE_FALSE(taken.empty());
    const std::size_t at = taken.size() * 99 / 100;
    std::nth_element(taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(at), taken.end());
    return taken[at];
  }
  std::uint64_t lost() const { return sent_ - received_; }

 private:
  bool take(std::vector<std::uint64_t>& taken) {
    while (const auto batch = subscriber_->try_next()) {
      for (const Bytes record : batch->records) {
        std::uint64_t sent = 0;
        std::memcpy(&sent, record.data(), sizeof sent);
        taken.push_back((static_cast<std::uint64_t>(nanos_since_epoch(clock_.now())) - sent) / 1000);
        ++received_;
      }
    }
    return true;
  }

  io::SystemClock clock_;
  std::unique_ptr<io::Loop> loop_;
  std::unique_ptr<client::Session> session_;
  std::optional<client::Publisher> publisher_;
  std::optional<client::Subscriber> subscriber_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace

TEST_CASE("T21 slow handshakes and readers that never read stay under the printed bound", "[L-11]") {
  test::Verdict verdict("T21 slow peers");
  const auto broker =
      bench::BrokerProcess::start(FELIX_COMMAND, {"--memory-max", std::to_string(kMemoryMax),
                                                  "--max-connections-per-ip", "0", "--reactors", "1"})
          .value();
  const Duration time = test::load_time(std::chrono::seconds(6)) / 3;
  FastClient fast(*broker);
  std::uint64_t before = 0, during = 0, after = 0, peak = 0;
  int readers = 0;
  std::uint64_t batches = 0, refused = 0;
  const auto sample = [&] { peak = std::max(peak, broker->resident_bytes()); };
  {
    Crowd crowd(*broker);
    before = fast.p99_us(time, sample);
    crowd.invite(std::chrono::seconds(5));
    readers = crowd.readers();
    during = fast.p99_us(time, sample);
    batches = crowd.batches();
    refused = crowd.refused();
  }
  {
    Crowd crowd(*broker);
    after = fast.p99_us(time, sample);
  }
  const std::uint64_t alone = std::max(before, after);
  verdict.figure("n", static_cast<std::uint64_t>(readers))
      .figure("handshakes", std::uint64_t{kHandshakes})
      .figure("batches_of_4MiB", batches)
      .figure("refused", refused)
      .figure("lost", fast.lost())
      .figure("rss_peak_mib", peak / kMiB)
      .figure("bound_mib", kMemoryMax / kMiB)
      .figure("p99_us_alone", alone)
      .figure("p99_us_beside", during)
      .figure("p99_ratio", static_cast<double>(during) / static_cast<double>(alone));
  REQUIRE(verdict.print(readers == kConnections * kReadersOfOne && batches > 0 && refused == 0 &&
                        fast.lost() == 0 && peak <= kMemoryMax && during <= 2 * alone));
}
