// subscribe.* and events.*: where a subscription begins, what it is told beside the records, and what becomes
// of a slow one (wire protocol sections 4, 6.2, 7.4 and 8.2).

#include <array>

#include <fmt/format.h>

#include "conformance/live_context.h"
#include "conformance/live_scenario.h"
#include "wire/features.h"
#include "wire/flags.h"

namespace felix::conformance {
namespace {

using client::Start;

Result<Finding> order_is_the_same_for_all(Context& context) {
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 3; ++i) {
    FELIX_TRY(readers.emplace_back(), Reader::open(context, context.stream(), Start::latest()));
  }
  constexpr std::size_t kPublishers = 4, kEach = 50;
  auto answered = std::make_shared<std::size_t>(0);
  auto refused = std::make_shared<std::optional<Error>>();
  std::vector<std::unique_ptr<client::Publisher>> publishers;
  for (std::size_t i = 0; i < kPublishers; ++i) {
    FELIX_TRY(client::Session * session, context.session());
    publishers.push_back(std::make_unique<client::Publisher>(*session, client::PublisherOptions{}));
  }
  for (std::size_t i = 0; i < kEach; ++i) {
    for (std::size_t p = 0; p < kPublishers; ++p)
      publishers[p]->publish(
          {.stream = context.stream(), .records = run_of({fmt::format("{}{}:{}", context.mark(), p, i)})},
          [answered, refused](Result<client::PublishOutcome> outcome) {
            ++*answered;
            if (!outcome) *refused = std::move(outcome).error();
          });
  }
  FELIX_CHECK(context.wait([&] { return *answered == kPublishers * kEach; }, "the outcome of every publish"));
  if (*refused) return std::unexpected(std::move(**refused));
  FELIX_TRY(const auto first, readers.front()->take(kPublishers * kEach));
  for (std::size_t i = 1; i < readers.size(); ++i) {
    FELIX_TRY(const auto other, readers[i]->take(first.size()));
    if (const std::string where = difference(texts_of(first), texts_of(other)); !where.empty())
      return broken(fmt::format("subscriber {} heard another order than the first: {}", i, where));
    for (std::size_t k = 0; k < first.size(); ++k)
      if (other[k].offset != first[k].offset) return broken("a record has two offsets");
  }
  return held();
}

Result<Finding> publisher_and_timestamps(Context& context) {
  if (!context.agreement().has_flags(wire::kEventBatchOffsets))
    return not_applicable("the broker sends no offsets");
  FELIX_TRY(client::Session * session, context.session());
  client::Publisher publisher(*session, {});
  FELIX_CHECK(context.publish(publisher, context.stream(), context.records(3)));
  const auto ask = [&](bool more) -> Result<std::vector<client::EventBatch>> {
    client::Subscriber subscriber(*session, {.stream = context.stream(),
                                             .start = Start::earliest(),
                                             .with_publisher = more,
                                             .with_timestamps = more});
    std::vector<client::EventBatch> batches;
    for (std::size_t ours = 0; ours < 3;) {
      FELIX_TRY(batches.emplace_back(), subscriber.next(context.deadline()));
      for (const Bytes record : batches.back().records) ours += as_text(record).starts_with(context.mark());
    }
    return batches;
  };
  FELIX_TRY(const auto plain, ask(false));
  for (const client::EventBatch& batch : plain)
    if (!batch.publisher.empty() || !batch.timestamps_us.empty())
      return broken("a subscriber that asked for neither was told a publisher or times");
  FELIX_TRY(const auto told, ask(true));
  const client::EventBatch& last = told.back();
  if (last.publisher.empty() && last.timestamps_us.empty())
    return not_applicable("the broker does not advertise publishers and times (flags 0x2000, 0x4000)");
  if (last.publisher.empty()) return broken("the publisher of our own records is not named");
  if (last.timestamps_us.size() != last.records.count())
    return broken(
        fmt::format("{} records came with {} times", last.records.count(), last.timestamps_us.size()));
  std::uint64_t latest = 0;
  for (const client::EventBatch& batch : told) {
    for (const std::uint64_t time : batch.timestamps_us) {
      if (time < latest) return broken("a record is older than the one before it");
      latest = time;
    }
  }
  return held();
}

Result<Finding> too_old(Context& context) {
  if (!context.owns_streams()) return not_applicable("the stream is not this run's own");
  const std::string stream = context.unused_name("too-old");
  FELIX_TRY(client::Session * session, context.session());
  client::Publisher publisher(*session, {});
  for (std::size_t i = 0; i < 20; ++i) FELIX_CHECK(context.publish(publisher, stream, context.records(100)));
  client::Subscriber subscriber(*session, {.stream = stream, .start = Start::from(0)});
  if (subscriber.wait_live(context.deadline()))
    return not_applicable("the stream keeps more than 2,000 records");
  if (!subscriber.cursor_error()) return std::unexpected(*subscriber.error());
  const wire::SubscribeCursorError& error = *subscriber.cursor_error();
  if (error.reason != wire::SubscribeCursorError::Reason::too_old || error.requested != 0 ||
      error.available == 0)
    return broken("a place that is not kept was not answered with too_old and the oldest one that is");
  client::Subscriber oldest(*session, {.stream = stream, .start = Start::from(error.available)});
  FELIX_TRY(const client::EventBatch first, oldest.next(context.deadline()));
  if (first.base_offset != error.available)
    return broken("the oldest offset kept is not where reading begins");
  return held();
}

Result<Finding> lagged_is_told(Context& context) {
  constexpr std::uint32_t kNeeded = wire::kFeatureSubscriptionLagged | wire::kFeatureSubscribeQueue;
  if ((context.agreement().features & kNeeded) != kNeeded)
    return not_applicable("the broker does not advertise subscription_lagged and queue sizes");
  if (!context.owns_streams()) return not_applicable("the stream is not this run's own");
  const std::string stream = context.unused_name("lagged");
  client::ConnectOptions narrow = context.connect();
  narrow.transport.stream_window_bytes = 64 * 1024;
  FELIX_TRY(client::Session * reading, context.session(narrow));
  FELIX_TRY(client::Session * session, context.session());
  client::Publisher publisher(*session, {});
  FELIX_CHECK(context.publish(publisher, stream, {"first"}));
  client::Subscriber slow(*reading, {.stream = stream, .start = Start::earliest(), .queue_capacity = 2});
  FELIX_CHECK(slow.wait_live(context.deadline()));
  constexpr std::size_t kRecords = 400;
  const std::string body(8 * 1024, '.');
  for (std::size_t i = 0; i < kRecords; ++i) FELIX_CHECK(context.publish(publisher, stream, {body}));
  // Nothing is published any more: what was missed must be known without it.
  for (std::size_t received = 0; received < kRecords + 1;) {
    FELIX_TRY(const client::EventBatch batch, slow.next(context.deadline()));
    if (batch.dropped_before != 0)
      return not_applicable("the broker's policy goes on with the newest records, or keeps fewer than 400");
    received += batch.records.count();
  }
  if (slow.lags() == 0) return not_applicable("the broker held everything for the slow subscriber");
  return held();
}

constexpr Scenario kScenarios[] = {
    {.id = "pubsub.order_is_the_same_for_all",
     .sentence = "All subscribers of a stream hear several publishers in one and the same order",
     .run = order_is_the_same_for_all,
     .uses_stream = true},
    {.id = "events.publisher_and_timestamps",
     .sentence = "Who asks is told who published a record and when, and nobody else is",
     .run = publisher_and_timestamps,
     .uses_stream = true},
    {.id = "subscribe.too_old",
     .sentence = "A place that is no longer kept is answered with the oldest one that is",
     .run = too_old,
     .uses_stream = true},
    {.id = "subscribe.lagged_is_told",
     .sentence = "A subscriber that was too slow is told where to go on, and misses nothing that is kept",
     .run = lagged_is_told,
     .uses_stream = true},
};

}  // namespace

std::span<const Scenario> subscribe_scenarios() { return kScenarios; }

}  // namespace felix::conformance
