#pragma once
// Traffic that goes on while a test does something to the broker, and what became of it.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "broker/raw_client.h"

namespace felix::test {

// A subscribe on a channel of its own; the event channel, its hello taken.
inline RawChannel& subscribed(RawClient& client, std::string_view stream) {
  RawChannel& asking = client.open_authenticated();
  asking.write(subscribe(stream));
  REQUIRE(asking.next().text.starts_with(R"({"type":"subscribed")"));
  RawChannel& events = client.event_channel();
  REQUIRE(events.next().text.starts_with(R"({"type":"event_stream_hello")"));
  return events;
}

// Publishes without a pause, a few requests ahead: "NAME 0", "NAME 1" ...
class Pump {
 public:
  Pump(const RunningBroker& broker, std::string name, std::string stream = "s", const Dial& dial = {})
      : client(broker, dial), name_(std::move(name)), stream_(std::move(stream)) {
    channel_ = &client.open_authenticated();
  }

  void turn() {
    for (; !channel_->ended() && sent_ < answered + 16; ++sent_)
      channel_->write(acked(sent_, stream_, {record(sent_)}));
    take_answers();
  }
  // Nothing more is sent; true when all that was is answered.
  bool settle() {
    take_answers();
    return answered == sent_;
  }
  std::string record(std::uint64_t number) const { return name_ + ' ' + std::to_string(number); }
  const std::string& name() const { return name_; }

  RawClient client;
  std::uint64_t answered = 0;               // answers come in the order of the requests
  std::vector<std::uint64_t> acknowledged;  // of these, good ones

 private:
  void take_answers() {
    client.turn();
    while (channel_->waiting() > 0) {
      const RawAck ack = ack_of(channel_->next());
      REQUIRE(ack.request_id == answered);
      if (ack.status == 0) acknowledged.push_back(answered);
      ++answered;
    }
  }

  const std::string name_;
  const std::string stream_;
  RawChannel* channel_ = nullptr;
  std::uint64_t sent_ = 0;
};

// A subscriber that takes everything, and remembers whose it was.
class Listener {
 public:
  Listener(const RunningBroker& broker, std::string_view stream = "s", const Dial& dial = {})
      : client(broker, dial), events_(subscribed(client, stream)) {}

  void turn() {
    client.turn();
    while (events_.waiting() > 0) {
      for (const std::string& record : events_of(events_.next()).records) {
        const std::size_t space = record.find(' ');
        heard_[record.substr(0, space)].push_back(std::stoull(record.substr(space + 1)));
      }
    }
  }
  // Of one pump, in the order they came.
  const std::vector<std::uint64_t>& heard_of(const Pump& pump) { return heard_[pump.name()]; }
  // All that was acknowledged to the pump came, once and in order, and at most what was not besides.
  void check_has_all_of(const Pump& pump) {
    const auto& heard = heard_of(pump);
    CHECK(std::ranges::is_sorted(heard, std::less_equal{}));
    CHECK(std::ranges::includes(heard, pump.acknowledged));
  }

  RawClient client;

 private:
  RawChannel& events_;
  std::map<std::string, std::vector<std::uint64_t>> heard_;
};

}  // namespace felix::test
