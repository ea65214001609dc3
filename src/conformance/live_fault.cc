// fault.*: what one peer does wrong, or suffers, ends there (wire protocol sections 2, 8.1 and 8.2).

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "conformance/live_context.h"
#include "conformance/live_raw.h"
#include "conformance/live_scenario.h"

namespace felix::conformance {
namespace {

// Requests of one stream that all must be answered, whatever happens to its neighbours.
struct Neighbour {
  RawChannel* channel = nullptr;
  std::uint64_t asked = 0;

  void ask(Context& context, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const RequestId id{1000 + asked++};
      channel->send(publish_message(context, context.stream(1), context.mark() + "n", id));
    }
  }
  Result<Finding> all_answered(std::string_view after) const {
    for (std::uint64_t i = 0; i < asked; ++i) {
      FELIX_TRY(const auto ok, channel->expect<wire::PublishOk>(
                                   fmt::format("the answers of another stream after {}", after)));
      if (ok.request_id != RequestId{1000 + i}) return broken("another stream's answers lost their order");
    }
    return held();
  }
};

Result<Neighbour> open_neighbour(RawConnection& connection) {
  Neighbour neighbour;
  FELIX_TRY(neighbour.channel, connection.bidi());
  FELIX_CHECK(neighbour.channel->authenticate());
  return neighbour;
}

Result<Finding> a_refusal_ends_one_request(Context& context) {
  FELIX_TRY(const RawSession raw, open_raw(context));
  // Pipelined, so that most are under way when the first is refused.
  constexpr std::uint64_t kRequests = 100;
  const auto to_be_refused = [](std::uint64_t id) { return id % 7 == 3; };
  for (std::uint64_t id = 0; id < kRequests; ++id) {
    const std::string record = context.mark() + std::to_string(id);
    if (to_be_refused(id)) {
      // A publish whose answer is owed and that does not say under which id: refused, and the stream goes on.
      raw.channel->send(publish_message(context, context.stream(), record, {}));
    } else {
      raw.channel->send(publish_message(context, context.stream(), record, RequestId{id}));
    }
  }
  for (std::uint64_t id = 0; id < kRequests; ++id) {
    if (to_be_refused(id)) {
      FELIX_CHECK(raw.channel->expect<wire::ErrorMessage>(fmt::format("the refusal of request {}", id)));
      continue;
    }
    FELIX_TRY(const auto ok,
              raw.channel->expect<wire::PublishOk>(fmt::format("publish_ok of request {}", id)));
    if (ok.request_id != RequestId{id})
      return broken(fmt::format("request {} was answered in the place of {}", ok.request_id.value, id));
  }
  return held();
}

Result<Finding> a_reset_stream_ends_alone(Context& context) {
  FELIX_TRY(const RawSession raw, open_raw(context));
  FELIX_TRY(Neighbour neighbour, open_neighbour(*raw.connection));
  neighbour.ask(context, 20);
  for (std::uint64_t id = 1; id <= 20; ++id)
    raw.channel->send(publish_message(context, context.stream(), context.mark() + "r", RequestId{id}));
  raw.channel->reset();
  neighbour.ask(context, 20);
  FELIX_TRY(const Finding finding, neighbour.all_answered("one was reset"));
  if (finding.outcome != Outcome::pass) return finding;
  FELIX_CHECK(raw.connection->still_serves());
  return held();
}

Result<Finding> garbage_ends_one_stream(Context& context) {
  FELIX_TRY(const RawSession raw, open_raw(context));
  FELIX_TRY(Neighbour neighbour, open_neighbour(*raw.connection));
  neighbour.ask(context, 20);
  std::array<std::byte, 4096> garbage;
  for (std::size_t i = 0; i < garbage.size(); ++i) garbage[i] = static_cast<std::byte>(i * 151 + 89);
  raw.channel->send(Bytes(garbage));
  neighbour.ask(context, 20);
  FELIX_CHECK(raw.channel->expect_end("bytes that are no frame"));
  FELIX_TRY(const Finding finding, neighbour.all_answered("one sent garbage"));
  if (finding.outcome != Outcome::pass) return finding;
  FELIX_CHECK(raw.connection->still_serves());
  return held();
}

Result<Finding> a_lost_connection_leaves_whole_publishes(Context& context) {
  FELIX_TRY(const auto reader, Reader::open(context, context.stream(), client::Start::latest()));
  std::vector<std::string> acknowledged;
  constexpr std::uint64_t kRequests = 60;
  {
    FELIX_TRY(const RawSession raw, open_raw(context));
    for (std::uint64_t id = 0; id < kRequests; ++id)
      raw.channel->send(
          publish_message(context, context.stream(), context.records(1, id).front(), RequestId{id}));
    // The rest is in the air when the connection goes.
    for (std::uint64_t id = 0; id < kRequests / 3; ++id) {
      FELIX_CHECK(raw.channel->expect<wire::PublishOk>("publish_ok"));
      acknowledged.push_back(context.records(1, id).front());
    }
  }
  FELIX_TRY(client::Session * session, context.session());
  client::Publisher publisher(*session, {});
  FELIX_CHECK(context.publish(publisher, context.stream(), {context.mark() + "end"}));
  std::vector<std::string> got;
  for (;;) {
    FELIX_TRY(const auto next, reader->take(1));
    if (next.front().text == context.mark() + "end") break;
    got.push_back(next.front().text);
  }
  // What was sent before, from its beginning on, each once.
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (got[i] != context.records(1, i).front())
      return broken(fmt::format("'{}' came in the place of record {}", got[i], i));
  }
  if (got.size() < acknowledged.size())
    return broken(
        fmt::format("{} publishes were acknowledged, {} records came", acknowledged.size(), got.size()));
  return held();
}

Result<Finding> an_unread_subscription_holds_up_nobody(Context& context) {
  FELIX_TRY(const RawSession raw, open_raw(context));
  wire::Subscribe subscribe;
  subscribe.tenant_id = context.tenant();
  subscribe.namespace_id = context.namespace_id();
  subscribe.stream = context.stream();
  raw.channel->send(subscribe);
  raw.channel->finish();
  FELIX_CHECK(raw.channel->expect<wire::Subscribed>("subscribed"));
  FELIX_TRY(RawChannel* const unread, raw.connection->accept());
  unread->stop_consuming();
  // Less than what a broker that paces publishers by their readers holds for one of them.
  FELIX_TRY(const auto reader, Reader::open(context, context.stream(), client::Start::latest()));
  FELIX_TRY(client::Session * session, context.session());
  client::Publisher publisher(*session, {});
  std::vector<std::string> sent = context.records(64);
  for (std::string& record : sent) {
    record += '.' + std::string(2000, 'x');
    FELIX_CHECK(context.publish(publisher, context.stream(), {record}));
  }
  FELIX_TRY(const auto got, reader->take(sent.size()));
  if (const std::string where = difference(sent, texts_of(got)); !where.empty()) return broken(where);
  // Nor another stream of its own connection.
  FELIX_TRY(Neighbour neighbour, open_neighbour(*raw.connection));
  neighbour.ask(context, 20);
  return neighbour.all_answered("a subscription was not read");
}

constexpr Scenario kScenarios[] = {
    {.id = "fault.a_refusal_ends_one_request",
     .sentence = "Of pipelined publishes those that are refused end alone, and the others succeed in order",
     .run = a_refusal_ends_one_request,
     .uses_stream = true},
    {.id = "fault.a_reset_stream_ends_alone",
     .sentence = "A stream the client resets takes no other stream of its connection with it",
     .run = a_reset_stream_ends_alone,
     .uses_stream = true},
    {.id = "fault.garbage_ends_one_stream",
     .sentence = "Bytes that are no frame end their stream, while the others of the connection are answered",
     .run = garbage_ends_one_stream,
     .uses_stream = true},
    {.id = "fault.a_lost_connection_leaves_whole_publishes",
     .sentence = "Of what was under way on a lost connection, everything acknowledged is there, in order, "
                 "nothing twice",
     .run = a_lost_connection_leaves_whole_publishes,
     .uses_stream = true},
    {.id = "fault.an_unread_subscription_holds_up_nobody",
     .sentence =
         "A subscription that is not read delays neither other readers nor other streams of its connection",
     .run = an_unread_subscription_holds_up_nobody,
     .uses_stream = true},
};

}  // namespace

std::span<const Scenario> fault_scenarios() { return kScenarios; }

}  // namespace felix::conformance
