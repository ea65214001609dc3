#pragma once
// A subscriber that takes nothing from its event channel until it is told to: under policy `block`, who holds
// up the publishers of its stream.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/raw_client.h"

namespace felix::test {

class StuckReader {
 public:
  // What fills its window, what the broker hands to the transport and its queue.
  static constexpr std::size_t kFill = 40;

  StuckReader(const RunningBroker& broker, std::string_view stream)
      : stream_(stream), client_(broker, window()) {
    RawChannel& control = client_.open_authenticated();
    control.write(subscribe(stream));
    events_ = &client_.event_channel();
    REQUIRE(events_->next().text.starts_with(R"({"type":"event_stream_hello")"));
    REQUIRE(control.next().text.starts_with(R"({"type":"subscribed")"));
    events_->stop_consuming();
    // Each on a channel of its own, so that the budget of one holds none of them up.
    for (std::size_t i = 0; i < kFill; ++i)
      client_.open_authenticated().write(acked(i, stream_, {std::string(10'000, 'f')}));
    client_.until([&] { return broker.metric("felix_published_records_total") >= kFill; });
  }

  void read_again() { events_->consume_again(); }
  // What has come so far of what others published.
  const std::vector<std::string>& heard() {
    while (events_->waiting() > 0)
      for (std::string& record : events_of(events_->next()).records)
        if (++heard_count_ > kFill) heard_.push_back(std::move(record));
    return heard_;
  }
  // Turns both loops until `done`; fails the test after ten seconds.
  void until(RawClient& other, const std::function<bool()>& done) {
    const MonoTime give_up = client_.broker().clock().now() + std::chrono::seconds(10);
    while (!done()) {
      REQUIRE(client_.broker().clock().now() < give_up);
      other.turn();
      client_.within(std::chrono::milliseconds(1), [] { return false; });
    }
  }

 private:
  static transport::TransportConfig window() {
    transport::TransportConfig config;
    config.stream_window_bytes = 16 * 1024;
    return config;
  }

  const std::string stream_;
  RawClient client_;
  RawChannel* events_ = nullptr;
  std::vector<std::string> heard_;
  std::size_t heard_count_ = 0;
};

// A broker whose readers hold up their writers after a few batches.
inline broker::ServerOptions blocking_options() {
  broker::ServerOptions options;
  options.reactor.subscription.policy = streams::SlowPolicy::block;
  options.reactor.subscription.bounds = {1, 1 << 20};
  return options;
}

}  // namespace felix::test
