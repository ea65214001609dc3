#pragma once
// One bad network with the load it carries: a writer that publishes all the path takes, a reader of a long
// stream, and a clock that ticks through both directions, each on a connection of its own to the same broker.
//
// Threads: everything on the loop's thread.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/broker_process.h"
#include "client/publisher.h"
#include "client/session.h"
#include "client/subscriber.h"
#include "io/loop.h"
#include "support/udp_relay.h"
#include "telemetry/histogram.h"

namespace felix::test {

// The path is Ethernet's in every cell: larger datagrams vanish.
inline constexpr std::size_t kEthernetPayload = 1472;
// The largest of the sizes that discovery tries and that fit.
inline constexpr std::size_t kFullPacket = 1452;
inline constexpr std::size_t kRecordBytes = 1024;
// What readers read, published beforehand: records that begin with their number.
inline constexpr std::string_view kLongStream = "long";
inline constexpr std::uint64_t kLongRecords = 32 * 1024;

struct Network {
  std::string name;
  RelayFaults faults{};  // both ways
  // Carries 1300 bytes at most, from two seconds after it began until five, or until it is healed.
  bool shrinks_later = false;
};

class NetworkCell {
 public:
  // `direct`: past the bad network, to check there what is published through it. Outlives the cell.
  NetworkCell(client::Session& direct, const bench::BrokerProcess& broker, const Network& network,
              std::size_t index);

  const Network& network() const { return network_; }
  // Connected and subscribed; until then the path is only slow.
  bool ready() const;
  // Faults and load from now on. Then step() in every turn of the loop.
  void begin(MonoTime now);
  void step(MonoTime now);
  // The end of what is measured, and of every fault but the delay and the rate.
  void heal(MonoTime now);
  // Both directions were seen to use the whole of the path since.
  bool full_again() const { return up_.full_at != kNever && down_.full_at != kNever; }
  // No more load. Step on until drained(): every tick was acked and heard, every acked record was seen.
  void stop() { state_ = State::stopped; }
  bool drained() const {
    return clock_publisher_->pending() == 0 && ticks_heard_ >= ticks_ && written_next_ >= acked_records();
  }

  struct Figures {
    double up = 0;  // payload bytes a second, acked
    double down = 0;
    double up_wire = 0;  // bytes that left a side for each of payload: above all, what was sent again
    double down_wire = 0;
    double tick_p50_ms = 0;  // published to delivered
    double tick_p99_ms = 0;
    double full_up_ms = -1;  // since healed; -1: never
    double full_down_ms = -1;
    bool full_again() const { return full_up_ms >= 0 && full_down_ms >= 0; }
    std::uint64_t records = 0;  // received and looked at
    std::uint64_t acked = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
    std::uint64_t connections_lost = 0;
  };
  Figures figures() const;

 private:
  // When packets of this direction were full again.
  struct Direction {
    MonoTime full_at = kNever;
    RelayCounts when_healed;
  };
  std::uint64_t acked_records() const;
  // Counts the records of a batch that are not the next one of their stream.
  void check(const client::EventBatch& batch, std::uint64_t& next);
  void publish_more();
  void read_more();
  void read_from_the_start();
  void tick(MonoTime now);
  std::string stream(std::string_view what) const { return std::string(what) + std::to_string(index_); }

  const Network network_;
  const std::size_t index_;
  UdpRelay relay_;
  std::unique_ptr<client::Session> writer_, reader_, clock_;
  std::unique_ptr<client::Publisher> writer_publisher_, clock_publisher_;
  std::unique_ptr<client::Subscriber> long_subscriber_, clock_subscriber_, written_subscriber_;
  enum class State : std::uint8_t { connecting, measuring, healed, stopped } state_ = State::connecting;
  MonoTime began_{}, healed_{}, next_tick_{};
  Direction up_, down_;
  std::uint64_t batches_published_ = 0, batches_acked_ = 0;
  std::uint64_t measured_batches_ = 0, measured_reads_ = 0;
  std::uint64_t read_next_ = 0, written_next_ = 0;
  std::uint64_t ticks_ = 0, ticks_acked_ = 0, ticks_heard_ = 0;
  telemetry::Histogram tick_delay_;  // ns
  std::uint64_t lost_ = 0, duplicated_ = 0, reordered_ = 0, records_ = 0;
};

// `count` records of the long stream from `first` on.
wire::RecordRun numbered_records(std::uint64_t first, std::uint32_t count);

}  // namespace felix::test
