#include "cost/workloads.h"

#include <array>
#include <memory>
#include <vector>

#include "client/cache_client.h"
#include "client/publisher.h"
#include "client/subscriber.h"

namespace felix::cost {
namespace {

// Records published so that never more than `window` requests wait for their answer, and, with subscribers,
// for their records to arrive at all of them.
struct Flow {
  std::uint32_t record_bytes = 0;
  std::uint32_t batch = 1;
  std::uint64_t window = 1;  // requests
  std::size_t fanout = 0;
};

class Traffic {
 public:
  Traffic(Bed& bed, const Flow& flow) : bed_(bed), flow_(flow), record_(flow.record_bytes, std::byte{0x5a}) {
    for (std::size_t i = 0; i < flow_.fanout; ++i) {
      Reader& reader = *readers_.emplace_back(std::make_unique<Reader>());
      reader.session = bed_.connect();
      reader.subscriber = std::make_unique<client::Subscriber>(
          *reader.session, client::SubscribeOptions{.stream = kStream, .restart = client::Restart::stop});
      bed_.warm_up([&] { return reader.subscriber->state() == client::Subscriber::State::live; });
      reader.subscriber->set_on_event([this, &reader] { on_event(reader); });
    }
    session_ = bed_.connect();
    publisher_ = std::make_unique<client::Publisher>(*session_, client::PublisherOptions{});
  }

  Measured run(std::uint64_t warm_up_requests, std::uint64_t requests) {
    wanted_ = warm_up_requests;
    publish();
    bed_.warm_up([this] { return finished(); });
    wanted_ += requests;
    return {requests * flow_.batch, bed_.measure([this] { publish(); }, [this] { return finished(); })};
  }

 private:
  struct Reader {
    std::unique_ptr<client::Session> session;
    std::unique_ptr<client::Subscriber> subscriber;
    std::uint64_t records = 0;
  };

  bool finished() const { return complete_ == wanted_; }

  void publish() {
    while (sent_ < wanted_ && sent_ < complete_ + flow_.window) {
      wire::RecordRunBuilder builder(flow_.batch * (flow_.record_bytes + wire::kRecordLengthBytes));
      for (std::uint32_t i = 0; i < flow_.batch; ++i) builder.append(record_);
      client::PublishRequest request;
      request.stream = kStream;
      request.records = builder.finish();
      ++sent_;
      publisher_->publish(std::move(request), [this](const Result<client::PublishOutcome>& outcome) {
        if (!outcome) give_up(to_string(outcome.error()));
        ++acked_;
        go_on();
      });
    }
  }

  void on_event(Reader& reader) {
    while (auto batch = reader.subscriber->try_next()) {
      if (batch->dropped_before > 0) give_up("records were dropped");
      for (const Bytes record : batch->records) reader.records += record.size() == flow_.record_bytes ? 1 : 0;
    }
    if (reader.subscriber->state() == client::Subscriber::State::ended) give_up("a subscription ended");
    go_on();
  }

  void go_on() {
    complete_ = acked_;
    for (const auto& reader : readers_) complete_ = std::min(complete_, reader->records / flow_.batch);
    publish();
  }

  Bed& bed_;
  const Flow flow_;
  const std::vector<std::byte> record_;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::unique_ptr<client::Session> session_;
  std::unique_ptr<client::Publisher> publisher_;
  std::uint64_t wanted_ = 0;  // requests, as all below
  std::uint64_t sent_ = 0;
  std::uint64_t acked_ = 0;
  std::uint64_t complete_ = 0;  // acked, and arrived everywhere
};

Measured publish_alone(Bed& bed) { return Traffic(bed, {.record_bytes = 256}).run(200, 1000); }

Measured publish_pipelined(Bed& bed) {
  return Traffic(bed, {.record_bytes = 256, .window = 256}).run(2048, 8192);
}

Measured deliver_alone(Bed& bed) { return Traffic(bed, {.record_bytes = 256, .fanout = 1}).run(200, 1000); }

Measured deliver_batches(Bed& bed) {
  return Traffic(bed, {.record_bytes = 1024, .batch = 48, .window = 2, .fanout = 1}).run(50, 200);
}

Measured fan_out(Bed& bed) {
  return Traffic(bed, {.record_bytes = 1024, .batch = 16, .window = 2, .fanout = 10}).run(30, 100);
}

Measured cache_gets(Bed& bed) {
  constexpr std::uint64_t kWindow = 64;
  const auto session = bed.connect();
  client::CacheClient cache(*session, {});
  const client::CacheKey key{"", kCache, "key"};
  bool put = false;
  const std::vector<std::byte> value(1024, std::byte{0x5a});
  cache.put(key, flow::Slice::copy_of(value), std::nullopt, [&](const Status& done) {
    must(done);
    put = true;
  });
  bed.warm_up([&] { return put; });

  // Enough to have found the size of datagrams: a probe that is on its way holds up a client which sends
  // little.
  std::uint64_t wanted = 4096, asked = 0, got = 0;
  std::function<void()> ask = [&] {
    for (; asked < wanted && asked < got + kWindow; ++asked) {
      cache.get(key, [&](const Result<client::CacheEntry>& entry) {
        if (!entry) give_up(to_string(entry.error()));
        if (!entry->value || entry->value->size() != value.size()) give_up("a wrong value was read");
        ++got;
        ask();
      });
    }
  };
  const Bed::Done done = [&] { return got == wanted; };
  ask();
  bed.warm_up(done);
  constexpr std::uint64_t kGets = 2048;
  wanted += kGets;
  return {kGets, bed.measure(ask, done)};
}

// One after the other: each is closed when the next one begins.
Measured connects(Bed& bed) {
  std::unique_ptr<client::Session> session;
  std::uint64_t wanted = 3, ready = 0;
  io::Timer next(bed.client_loop(), [&] {
    session = must(client::Session::create(bed.client_loop(), bed.connect_options()));
    session->set_on_state([&](client::Session::State state) {
      if (state != client::Session::State::ready) return;
      if (++ready < wanted) next.arm(bed.client_loop().now());
    });
    session->start();
  });
  const std::function<void()> begin = [&] { next.arm(bed.client_loop().now()); };
  const Bed::Done done = [&] { return ready == wanted; };
  begin();
  bed.warm_up(done);
  constexpr std::uint64_t kConnects = 10;
  wanted += kConnects;
  return {kConnects, bed.measure(begin, done)};
}

constexpr std::array kWorkloads = {
    Workload{"publish-256b-alone", publish_alone},
    Workload{"publish-256b-pipelined", publish_pipelined},
    Workload{"deliver-256b-alone", deliver_alone},
    Workload{"deliver-1k-batched", deliver_batches},
    Workload{"fanout10-1k-batched", fan_out},
    Workload{"cache-get-1k-pipelined", cache_gets},
    Workload{"connect", connects},
};

}  // namespace

std::span<const Workload> workloads() { return kWorkloads; }

}  // namespace felix::cost
