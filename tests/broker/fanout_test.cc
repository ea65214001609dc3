// What many publishers and subscribers may rely on together (wire protocol section 8.2).

#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"
#include "support/seed.h"

using namespace felix;
using namespace felix::test;

namespace {

// One subscription and what it heard.
struct Reader {
  RawChannel* control = nullptr;
  RawChannel* events = nullptr;
  std::uint64_t id = 0;
  bool greeted = false;
  std::vector<std::string> heard;
  std::optional<std::uint64_t> first_offset;
  std::uint64_t next_offset = 0;

  // Takes what is there; offsets must continue.
  void take() {
    while (events != nullptr && events->waiting() > 0) {
      const RawFrame received = events->next();
      if (!std::exchange(greeted, true)) {
        CHECK(received.text.starts_with(R"({"type":"event_stream_hello")"));
        continue;
      }
      RawEvents batch_heard = events_of(received);
      REQUIRE(batch_heard.base_offset);
      if (!first_offset) first_offset = next_offset = *batch_heard.base_offset;
      REQUIRE(*batch_heard.base_offset == next_offset);
      next_offset += batch_heard.records.size();
      for (std::string& record : batch_heard.records) heard.push_back(std::move(record));
    }
  }
};

}  // namespace

TEST_CASE(
    "200 readers that join at random while a publisher never pauses miss nothing from their first record "
    "on",
    "[L-01]") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  broker::ServerOptions options;
  options.reactor.homes.ring = {200'000, 64 << 20};
  options.reactor.subscription.bounds = {200'000, 256 << 20};
  RunningBroker broker(GENERATE(1u, 2u, 4u), std::move(options));
  RawClient publisher_client(broker);
  RawChannel& publisher = publisher_client.open_authenticated();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(std::make_unique<RawClient>(broker));
  std::vector<Reader> readers(200);
  std::uint64_t published = 0, answered = 0;
  std::size_t joined = 0;
  const auto publish_some = [&](std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i, ++published)
      publisher.write(acked(published, "s", {std::to_string(published)}));
    publisher_client.turn();
    while (publisher.waiting() > 0) {
      CHECK(ack_of(publisher.next()).request_id == answered);
      ++answered;
    }
  };
  while (joined < readers.size()) {
    publish_some(random() % 20);
    Reader& reader = readers[joined];
    RawClient& client = *clients[random() % clients.size()];
    reader.control = &client.open_authenticated();
    const std::string start = random() % 3 == 0 ? R"(,"start":"earliest")"
                              : random() % 2 == 0
                                  ? R"(,"start":{"offset":)" + std::to_string(answered / 2) + "}"
                                  : "";
    reader.control->write(subscribe("s", start));
    publish_some(random() % 5);
    reader.events = &client.event_channel();
    ++joined;
  }
  publish_some(20);
  const auto all_there = [&] {
    bool done = answered == published;
    for (auto& client : clients) client->turn();
    for (Reader& reader : readers) {
      reader.take();
      done &= reader.next_offset == published;
    }
    return done;
  };
  publisher_client.until([&] {
    publish_some(0);
    return all_there();
  });
  for (const Reader& reader : readers) {
    REQUIRE(reader.first_offset);
    REQUIRE(reader.heard.size() == published - *reader.first_offset);
    for (std::size_t i = 0; i < reader.heard.size(); ++i)
      REQUIRE(reader.heard[i] == std::to_string(*reader.first_offset + i));
  }
}

TEST_CASE("all readers of a stream hear eight publishers in one and the same order", "[L-19]") {
  broker::ServerOptions options;
  options.reactor.subscription.bounds = {100'000, 256 << 20};
  RunningBroker broker(GENERATE(1u, 2u, 4u), std::move(options));
  std::vector<std::unique_ptr<RawClient>> clients;
  std::vector<Reader> readers(4);
  std::vector<RawChannel*> publishers;
  for (Reader& reader : readers) {
    clients.push_back(std::make_unique<RawClient>(broker));
    reader.control = &clients.back()->open_authenticated();
    reader.control->write(subscribe("s"));
    CHECK(reader.control->next().text.starts_with(R"({"type":"subscribed")"));
    reader.events = &clients.back()->event_channel();
  }
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<RawClient>(broker));
    publishers.push_back(&clients.back()->open_authenticated());
  }
  constexpr std::uint64_t kEach = 200;
  for (std::uint64_t i = 0; i < kEach; ++i) {
    for (std::size_t p = 0; p < publishers.size(); ++p) {
      publishers[p]->write(acked(i, "s", {std::to_string(p) + ':' + std::to_string(i)}));
      if (i % 8 == p) clients[4 + p]->turn();
    }
  }
  clients[0]->until([&] {
    bool done = true;
    for (auto& client : clients) client->turn();
    for (Reader& reader : readers) {
      reader.take();
      done &= reader.heard.size() == kEach * publishers.size();
    }
    return done;
  });
  for (const Reader& reader : readers) CHECK(reader.heard == readers.front().heard);
  std::vector<std::uint64_t> next(publishers.size());
  for (const std::string& record : readers.front().heard) {
    const std::size_t p = static_cast<std::size_t>(record[0] - '0');
    REQUIRE(record.substr(2) == std::to_string(next[p]++));
  }
}

TEST_CASE("one unread subscription of fifty on a connection holds up none of the others", "[L-09]") {
  broker::ServerOptions options;
  options.reactor.subscription.bounds = {100'000, 256 << 20};
  RunningBroker broker(GENERATE(1u, 2u, 4u), std::move(options));
  transport::TransportConfig config;
  config.stream_window_bytes = 64 * 1024;
  RawClient client(broker, config), publisher_client(broker);
  RawChannel& publisher = publisher_client.open_authenticated();
  std::vector<Reader> readers(50);
  for (Reader& reader : readers) {
    reader.control = &client.open_authenticated();
    reader.control->write(subscribe("s"));
    CHECK(reader.control->next().text.starts_with(R"({"type":"subscribed")"));
    reader.events = &client.event_channel();
  }
  readers[17].events->stop_consuming();
  const std::string body(1000, 'x');
  // More than a window and what the transport takes ahead: some of it waits in our queue.
  constexpr std::size_t kRecords = 500;
  for (std::size_t i = 0; i < kRecords; ++i) publisher.write(acked(i, "s", {body}));
  const auto all_but_one = [&] {
    bool done = true;
    publisher_client.turn();
    for (std::size_t i = 0; i < readers.size(); ++i) {
      if (i == 17) continue;
      readers[i].take();
      done &= readers[i].heard.size() == kRecords;
    }
    return done;
  };
  client.until(all_but_one);
  CHECK(readers[17].events->heard_bytes() <= 64 * 1024);
  readers[17].events->consume_again();
  client.until([&] {
    readers[17].take();
    return readers[17].heard.size() == kRecords;
  });
}

TEST_CASE("a lone event leaves with the turn that took its publish, without a timer", "[L-18]") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  RawClient client(broker);
  Reader reader;
  reader.control = &client.open_authenticated();
  reader.control->write(subscribe("s"));
  CHECK(reader.control->next().text.starts_with(R"({"type":"subscribed")"));
  reader.events = &client.event_channel();
  RawChannel& publisher = client.open_authenticated();
  // On one connection, event and ack of a publish are written in one turn and arrive together.
  for (int i = 0; i < 200; ++i) {
    publisher.write(acked(1, "s", {"x"}));
    CHECK(ack_of(publisher.next()).status == 0);
    reader.take();
    if (reader.heard.size() <= static_cast<std::size_t>(i)) {
      client.turn();
      reader.take();
    }
    REQUIRE(reader.heard.size() == static_cast<std::size_t>(i) + 1);
  }
}

TEST_CASE("when everyone has left, every gauge of what they held is zero again") {
  broker::ServerOptions options;
  const bool blocking = GENERATE(false, true);
  if (blocking) {
    options.reactor.subscription.policy = streams::SlowPolicy::block;
    options.reactor.subscription.bounds = {4, 1 << 20};
  }
  options.reactor.transport.idle_timeout = std::chrono::milliseconds(400);
  options.reactor.transport.keep_alive = std::chrono::milliseconds(100);
  RunningBroker broker(GENERATE(1u, 2u, 4u), std::move(options));
  for (int round = 0; round < 2; ++round) {
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 6; ++i) {
      clients.push_back(std::make_unique<RawClient>(broker));
      RawClient& client = *clients.back();
      for (int k = 0; k < 3; ++k) {
        RawChannel& control = client.open_authenticated();
        control.write(subscribe("s" + std::to_string(k), R"(,"start":"earliest")"));
        client.event_channel().stop_consuming();
      }
      RawChannel& publisher = client.open_authenticated();
      for (std::uint64_t k = 0; k < 60; ++k) {
        publisher.write(acked(k, "s" + std::to_string(k % 3), {std::string(20'000, 'x')}));
        publisher.write(cache_put("c" + std::to_string(k % 3), "k", "YQ==", with_id(k)));
        publisher.write(acked(k, "s" + std::to_string(i) + 'n' + std::to_string(k % 3), {"x"}));
      }
      client.turn();
      client.open_uni().write(auth(client.token()) + acked(1, "s0", {"x"}));
      client.open().write("FLX");
      client.turn();
    }
    // Some say goodbye, some vanish.
    for (std::size_t i = 0; i < clients.size(); i += 2) clients[i]->close();
    clients.clear();
  }
  RawClient watcher(broker);
  RawChannel& control = watcher.open_authenticated();
  watcher.until([&] {
    watcher.turn();
    return broker.metric("felix_connections") == 1;
  });
  CHECK(broker.metric("felix_sub_connection_subscribers") == 0);
  CHECK(broker.metric("felix_sub_queue_len") == 0);
  CHECK(broker.metric("felix_inflight_requests") == 0);
  watcher.until([&] { return broker.metric("felix_broker_out_ack_depth") == 0; });
  // Nobody blocks any more: everything is appended and answered.
  for (std::uint64_t i = 0; i < 50; ++i) control.write(acked(i, "s" + std::to_string(i % 3), {"x"}));
  for (std::uint64_t i = 0; i < 50; ++i) CHECK(ack_of(control.next()).status == 0);
  watcher.close();
  watcher.within(std::chrono::seconds(2), [&] { return broker.metric("felix_connections") == 0; });
  CHECK(broker.metric("felix_connections") == 0);
}
