#include "reliability/network_cell.h"

#include <algorithm>

#include "reliability/broker_peer.h"
#include "support/seed.h"

namespace felix::test {
namespace {

constexpr std::uint32_t kBatchRecords = 4;
constexpr Duration kShrinksAfter = std::chrono::seconds(2);
// A path that is narrow for longer than our probes last is a narrow path.
constexpr Duration kWidensAfter = std::chrono::seconds(5);
constexpr std::size_t kShrunk = 1300;
constexpr Duration kTickEvery = std::chrono::milliseconds(20);

wire::RecordRun records_of(std::uint64_t first, std::uint32_t count, std::size_t bytes) {
  wire::RecordRunBuilder builder(count * (bytes + wire::kRecordLengthBytes));
  for (std::uint32_t i = 0; i < count; ++i) {
    const MutableBytes record = builder.append_space(bytes);
    std::ranges::fill(record, std::byte{'n'});
    store_be(record.data(), first + i);
  }
  return builder.finish();
}

std::unique_ptr<client::Session> session_by_way_of(io::Loop& loop, const bench::BrokerProcess& broker,
                                                   const UdpRelay& relay) {
  client::ConnectOptions options = broker.client_options();
  options.servers = {relay.address().to_string()};
  auto session = client::Session::create(loop, options).value();
  session->start();
  return session;
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

wire::RecordRun numbered_records(std::uint64_t first, std::uint32_t count) {
  return records_of(first, count, kRecordBytes);
}

NetworkCell::NetworkCell(client::Session& direct, const bench::BrokerProcess& broker, const Network& network,
                         std::size_t index)
    : network_(network), index_(index), relay_(direct.loop(), address_of(broker), seed() + 100 * index) {
  io::Loop& loop = direct.loop();
  RelayFaults slow;
  slow.delay = network_.faults.delay;
  slow.largest_datagram = kEthernetPayload;
  relay_.to_server = relay_.to_client = slow;
  writer_ = session_by_way_of(loop, broker, relay_);
  reader_ = session_by_way_of(loop, broker, relay_);
  clock_ = session_by_way_of(loop, broker, relay_);
  client::PublisherOptions enough;
  enough.in_flight_bytes = 1 << 20;
  writer_publisher_ = std::make_unique<client::Publisher>(*writer_, enough);
  clock_publisher_ = std::make_unique<client::Publisher>(*clock_, client::PublisherOptions{});
  clock_subscriber_ =
      std::make_unique<client::Subscriber>(*clock_, client::SubscribeOptions{.stream = stream("ticks")});
  written_subscriber_ =
      std::make_unique<client::Subscriber>(direct, client::SubscribeOptions{.stream = stream("written")});
}

bool NetworkCell::ready() const {
  return writer_->ready() && reader_->ready() && clock_->ready() &&
         clock_subscriber_->state() == client::Subscriber::State::live &&
         written_subscriber_->state() == client::Subscriber::State::live;
}

void NetworkCell::begin(MonoTime now) {
  state_ = State::measuring;
  began_ = next_tick_ = now;
  relay_.to_server = relay_.to_client = network_.faults;
  read_from_the_start();
}

void NetworkCell::read_from_the_start() {
  client::SubscribeOptions all{.stream = std::string(kLongStream)};
  all.start = client::Start::earliest();
  long_subscriber_ = std::make_unique<client::Subscriber>(*reader_, all);
  read_next_ = 0;
}

void NetworkCell::step(MonoTime now) {
  if (state_ == State::connecting) return;
  if (state_ != State::stopped) publish_more();
  read_more();
  tick(now);
  if (state_ == State::measuring && now - began_ > kWidensAfter) {
    relay_.to_server.largest_datagram = relay_.to_client.largest_datagram = kEthernetPayload;
  } else if (state_ == State::measuring && network_.shrinks_later && now - began_ > kShrinksAfter) {
    relay_.to_server.largest_datagram = relay_.to_client.largest_datagram = kShrunk;
  }
  if (state_ != State::healed) return;
  if (relay_.take_largest_to_server() >= kFullPacket) up_.full_at = std::min(up_.full_at, now);
  if (relay_.take_largest_to_client() >= kFullPacket) down_.full_at = std::min(down_.full_at, now);
}

void NetworkCell::publish_more() {
  while (writer_publisher_->wants_more()) {
    client::PublishRequest request;
    request.stream = stream("written");
    request.records = numbered_records(batches_published_++ * kBatchRecords, kBatchRecords);
    writer_publisher_->publish(std::move(request), [this](Result<client::PublishOutcome> outcome) {
      if (!outcome) return;
      ++batches_acked_;
      if (state_ == State::measuring) ++measured_batches_;
    });
  }
}

std::uint64_t NetworkCell::acked_records() const { return batches_acked_ * kBatchRecords; }

void NetworkCell::check(const client::EventBatch& batch, std::uint64_t& next) {
  lost_ += batch.dropped_before;
  for (const Bytes record : batch.records) {
    const auto number = load_be<std::uint64_t>(record.data());
    if (number < next) ++duplicated_;
    if (number > next) ++reordered_;
    next = number + 1;
    ++records_;
  }
}

void NetworkCell::read_more() {
  while (auto batch = long_subscriber_->try_next()) {
    check(*batch, read_next_);
    if (state_ == State::measuring) measured_reads_ += batch->records.count();
  }
  if (read_next_ == kLongRecords) read_from_the_start();
  while (auto batch = written_subscriber_->try_next()) check(*batch, written_next_);
}

void NetworkCell::tick(MonoTime now) {
  for (; state_ != State::stopped && next_tick_ <= now; next_tick_ += kTickEvery) {
    wire::RecordRunBuilder builder;
    const MutableBytes record = builder.append_space(16);
    store_be(record.data(), ticks_++);
    store_be(record.data() + 8, nanos_since_epoch(next_tick_));
    client::PublishRequest request;
    request.stream = stream("ticks");
    request.records = builder.finish();
    clock_publisher_->publish(std::move(request), [this](Result<client::PublishOutcome> outcome) {
      ticks_acked_ += outcome.has_value();
    });
  }
  while (auto batch = clock_subscriber_->try_next()) {
    check(*batch, ticks_heard_);
    if (state_ != State::measuring) continue;
    for (const Bytes record : batch->records)
      tick_delay_.record(nanos_since_epoch(now) - load_be<std::uint64_t>(record.data() + 8));
  }
}

void NetworkCell::heal(MonoTime now) {
  state_ = State::healed;
  healed_ = now;
  up_.when_healed = relay_.counts_to_server();
  down_.when_healed = relay_.counts_to_client();
  RelayFaults good;
  good.delay = network_.faults.delay;
  good.bytes_per_second = network_.faults.bytes_per_second;
  good.largest_datagram = kEthernetPayload;
  relay_.to_server = relay_.to_client = good;
  relay_.take_largest_to_server();
  relay_.take_largest_to_client();
}

NetworkCell::Figures NetworkCell::figures() const {
  const auto rate = [&](std::uint64_t records) {
    return static_cast<double>(records * kRecordBytes) / std::max(seconds(healed_ - began_), 1e-9);
  };
  const auto wire_bytes = [](const RelayCounts& counts, std::uint64_t records) {
    return static_cast<double>(counts.forwarded_bytes) /
           static_cast<double>(std::max<std::uint64_t>(records * kRecordBytes, 1));
  };
  const auto since_healed = [&](MonoTime at) { return at == kNever ? -1.0 : seconds(at - healed_) * 1000; };
  const std::uint64_t written = measured_batches_ * kBatchRecords;
  Figures found;
  found.up = rate(written);
  found.down = rate(measured_reads_);
  found.up_wire = wire_bytes(up_.when_healed, written);
  found.down_wire = wire_bytes(down_.when_healed, measured_reads_);
  found.tick_p50_ms = static_cast<double>(tick_delay_.percentile(0.5)) / 1e6;
  found.tick_p99_ms = static_cast<double>(tick_delay_.percentile(0.99)) / 1e6;
  found.full_up_ms = since_healed(up_.full_at);
  found.full_down_ms = since_healed(down_.full_at);
  found.records = records_;
  found.acked = acked_records() + ticks_acked_;
  found.lost = lost_ + (written_next_ < acked_records() ? acked_records() - written_next_ : 0) +
               (ticks_heard_ < ticks_acked_ ? ticks_acked_ - ticks_heard_ : 0);
  found.duplicated = duplicated_;
  found.reordered = reordered_;
  for (const auto* session : {writer_.get(), reader_.get(), clock_.get()})
    found.connections_lost += session->connection_count() - 1;
  return found;
}

}  // namespace felix::test
