// Each scenario is run against a true broker behind a proxy that breaks the very promise it is about: a
// scenario that still passes shows nothing.

#include <functional>
#include <map>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/running_broker.h"
#include "client/message.h"
#include "conformance/live_proxy.h"
#include "conformance/live_runner.h"
#include "json/reader.h"
#include "wire/ack_codec.h"
#include "wire/cache_codec.h"
#include "wire/json_codec.h"

using namespace felix;
using conformance::LiveOptions;
using conformance::Outcome;
using conformance::test::PassingFrame;
using conformance::test::Proxy;

namespace {

using Frames = std::vector<PassingFrame>;

// A JSON message in place of the frame.
template <class Message>
Frames as(PassingFrame frame, const Message& message) {
  std::vector<std::byte> bytes;
  wire::append_frame(bytes, message);
  frame.flags = 0;
  frame.payload.assign(bytes.begin() + wire::kHeaderBytes, bytes.end());
  return {std::move(frame)};
}

template <class Message, class Parsed>
Frames change(PassingFrame frame, Parsed parsed, const std::function<Frames(PassingFrame, Message&)>& how) {
  if (!parsed) return {std::move(frame)};
  if (auto* message = std::get_if<Message>(&*parsed)) return how(std::move(frame), *message);
  return {std::move(frame)};
}

// Frames that are this request, on their way to the broker.
template <class Message>
Proxy::Tamper on_request(std::function<Frames(PassingFrame, Message&)> how) {
  return [how = std::move(how)](PassingFrame frame) -> Frames {
    if (frame.to_client || frame.flags != 0) return {std::move(frame)};
    json::Reader reader;
    auto parsed = wire::parse_client_message(frame.payload, reader);
    return change<Message>(std::move(frame), std::move(parsed), how);
  };
}

// Frames that are this answer, on their way to the client.
template <class Message>
Proxy::Tamper on_answer(std::function<Frames(PassingFrame, Message&)> how) {
  return [how = std::move(how)](PassingFrame frame) -> Frames {
    if (!frame.to_client || frame.flags != 0) return {std::move(frame)};
    json::Reader reader;
    auto parsed = wire::parse_server_message(frame.payload, reader);
    return change<Message>(std::move(frame), std::move(parsed), how);
  };
}

// An answer that is changed in one member.
template <class Message>
Proxy::Tamper alter(std::function<void(Message&)> how) {
  return on_answer<Message>([how = std::move(how)](PassingFrame frame, Message& message) {
    how(message);
    return as(std::move(frame), message);
  });
}
template <class Message>
Proxy::Tamper alter_request(std::function<void(Message&)> how) {
  return on_request<Message>([how = std::move(how)](PassingFrame frame, Message& message) {
    how(message);
    return as(std::move(frame), message);
  });
}

// Frames between two who agreed upon JSON alone.
Proxy::Tamper in_json(Proxy::Tamper tamper) {
  const auto forget = alter_request<wire::Auth>([](wire::Auth& auth) { auth.client_features_hi.reset(); });
  return [forget, tamper = std::move(tamper)](PassingFrame frame) -> Frames {
    Frames changed;
    for (PassingFrame& said : forget(std::move(frame)))
      for (PassingFrame& left : tamper(std::move(said))) changed.push_back(std::move(left));
    return changed;
  };
}

Proxy::Tamper alter_ack(std::function<void(wire::PublishAck&)> how) {
  return [how = std::move(how)](PassingFrame frame) -> Frames {
    if (!frame.to_client || (frame.flags & wire::kBinaryPublishAck) == 0) return {std::move(frame)};
    auto ack = wire::parse_publish_ack(frame.flags, frame.payload).value();
    how(ack);
    std::vector<std::byte> bytes;
    wire::append_publish_ack(bytes, ack, wire::kServedFlags);
    frame.flags = load_be<std::uint16_t>(bytes.data() + 6);
    frame.payload.assign(bytes.begin() + wire::kHeaderBytes, bytes.end());
    return {std::move(frame)};
  };
}

// The n-th frame of an event stream, the hello being 0.
Proxy::Tamper on_event(std::size_t n, std::function<Frames(PassingFrame)> how) {
  return [n, how = std::move(how)](PassingFrame frame) -> Frames {
    if (frame.to_client && frame.uni && frame.index == n) return how(std::move(frame));
    return {std::move(frame)};
  };
}

// Frame `n` of such a stream goes after the one behind it.
Proxy::Tamper swapped(bool to_client, bool uni, std::size_t n) {
  auto kept = std::make_shared<Frames>();
  return [=](PassingFrame frame) -> Frames {
    if (frame.to_client != to_client || frame.uni != uni) return {std::move(frame)};
    if (frame.index == n) {
      kept->push_back(std::move(frame));
      return {};
    }
    Frames out = {frame};
    if (frame.index == n + 1) {
      out.insert(out.end(), kept->begin(), kept->end());
      kept->clear();
    }
    return out;
  };
}

Frames untouched(PassingFrame frame) { return {std::move(frame)}; }
Frames nothing(PassingFrame) { return {}; }

template <class Message>
Frames swallow(PassingFrame, Message&) {
  return {};
}

// The answer to a JSON publish.
Proxy::Tamper loses_the_answer(std::uint64_t id) {
  return on_answer<wire::PublishOk>([id](PassingFrame frame, wire::PublishOk& ok) -> Frames {
    if (ok.request_id == RequestId{id}) return {};
    return {std::move(frame)};
  });
}

// The n-th frame of a stream, a JSON publish, goes a second time, and nobody is to know.
Proxy::Tamper publishes_twice(std::size_t n) {
  return on_request<wire::Publish>([n](PassingFrame frame, wire::Publish& publish) -> Frames {
    if (frame.index != n) return {std::move(frame)};
    publish.ack = wire::AckMode::none;
    publish.request_id.reset();
    Frames both = as(frame, publish);
    both.push_back(std::move(frame));
    return both;
  });
}

struct Crime {
  std::string scenario;
  std::string what;
  Proxy::Tamper tamper;
  Proxy::LastWords last_words = {};
};

Crime says_more_before_the_end(std::string scenario) {
  return {std::move(scenario), "one more error before the end of the stream", untouched,
          [] { return as({}, wire::ErrorMessage{"one more thing", std::nullopt}); }};
}

std::vector<Crime> crimes() {
  using wire::ErrorMessage;
  return {
      {"pubsub.roundtrip", "a byte of a record changes",
       on_event(1,
                [](PassingFrame frame) -> Frames {
                  frame.payload.back() ^= std::byte{1};
                  return {std::move(frame)};
                })},
      {"pubsub.roundtrip", "a frame of events is lost", on_event(1, nothing)},
      {"pubsub.order", "two publishes change places", swapped(false, false, 5)},
      {"pubsub.order", "a publish is done twice",
       [](PassingFrame frame) -> Frames {
         if (frame.to_client || (frame.flags & wire::kBinaryPublishBatch) == 0 || frame.index != 9)
           return {std::move(frame)};
         PassingFrame copy = frame;
         copy.flags = wire::kBinaryPublishBatch;
         copy.payload.erase(copy.payload.begin(), copy.payload.begin() + 9);
         return {std::move(copy), std::move(frame)};
       }},
      {"pubsub.order", "a frame of events is lost", on_event(2, nothing)},
      {"pubsub.offsets_are_contiguous", "offsets jump",
       [](PassingFrame frame) -> Frames {
         if (frame.to_client && (frame.flags & wire::kEventBatchOffsets) != 0 && frame.index > 1)
           store_be(frame.payload.data(), load_be<std::uint64_t>(frame.payload.data()) + 3);
         return {std::move(frame)};
       }},
      {"pubsub.resume_from_offset", "the record before comes too",
       alter_request<wire::Subscribe>([](wire::Subscribe& subscribe) {
         if (subscribe.start && subscribe.start->at == wire::Start::At::offset) --subscribe.start->offset;
       })},
      {"pubsub.start_earliest", "history is left out",
       alter_request<wire::Subscribe>([](wire::Subscribe& subscribe) { subscribe.start.reset(); })},
      {"pubsub.order_is_the_same_for_all", "one of them hears another record",
       [once = std::make_shared<bool>(false)](PassingFrame frame) -> Frames {
         if (frame.to_client && frame.uni && frame.index > 0 && !std::exchange(*once, true))
           frame.payload.back() ^= std::byte{1};
         return {std::move(frame)};
       }},
      {"events.publisher_and_timestamps", "publishers are not named",
       alter_request<wire::Auth>([](wire::Auth& auth) {
         if (auth.client_flags) *auth.client_flags &= static_cast<std::uint16_t>(~wire::kEventBatchPublisher);
       })},
      {"subscribe.too_old", "it does not say what is kept",
       alter<wire::SubscribeCursorError>([](wire::SubscribeCursorError& error) { error.available = 0; })},
      {"cache.put_get", "an old value stays",
       in_json(on_request<wire::CachePut>([](PassingFrame frame, wire::CachePut& put) -> Frames {
         put.value = flow::Slice::copy_of(as_bytes("replaced"));
         return as(std::move(frame), put);
       }))},
      {"cache.miss_is_absent", "a miss has a value",
       in_json(alter<wire::CacheValue>([](wire::CacheValue& value) { value.value = flow::Slice(); }))},
      {"cache.delete_returns_previous", "a delete does nothing",
       in_json(on_request<wire::CacheDelete>([](PassingFrame frame, wire::CacheDelete& erase) {
         erase.key += "elsewhere";
         return as(std::move(frame), erase);
       }))},
      {"cache.ttl_expires", "it expires at once",
       in_json(alter_request<wire::CachePut>([](wire::CachePut& put) {
         if (put.ttl_ms) put.ttl_ms = 1;
       }))},
      {"cache.ttl_expires", "it never expires",
       in_json(alter_request<wire::CachePut>([](wire::CachePut& put) { put.ttl_ms.reset(); }))},
      {"cache.ttl_expires", "a put does not clear an earlier life",
       in_json(alter_request<wire::CachePut>([](wire::CachePut& put) {
         if (!put.ttl_ms) put.ttl_ms = 1;
       }))},
      {"cache.binary_is_json", "binary values lose a byte",
       [](PassingFrame frame) -> Frames {
         const bool value = frame.to_client && frame.flags == wire::kBinaryCache &&
                            frame.payload[0] == static_cast<std::byte>(wire::CacheVerdict::value);
         if (value) frame.payload.pop_back();
         return {std::move(frame)};
       }},
      {"cache.binary_is_json", "a delete in binary does nothing",
       [](PassingFrame frame) -> Frames {
         const bool erase = !frame.to_client && frame.flags == wire::kBinaryCache &&
                            frame.payload[0] == static_cast<std::byte>(wire::CacheVerb::erase);
         if (erase) frame.payload.back() ^= std::byte{1};
         return {std::move(frame)};
       }},
      {"cache.binary_is_json", "it is agreed to with everybody",
       alter<wire::AuthOk>([](wire::AuthOk& ok) { ok.server_features_hi = wire::kFeatureHiBinaryCache; })},
      {"ack.none_does_not_wait_for_the_broker", "it is answered",
       alter_request<wire::Publish>([](wire::Publish& publish) {
         if (!publish.request_id) publish.request_id = RequestId{99};
         publish.ack.reset();
       })},
      {"ack.per_message_means_the_broker_accepted_it", "an acknowledged record is lost",
       [](PassingFrame frame) -> Frames {
         if (!frame.to_client && (frame.flags & wire::kBinaryPublishBatch) != 0) {
           // The batch arrives empty, and is acknowledged as it should be.
           auto payload = frame.payload;
           std::size_t at = 9;
           for (int name = 0; name < 3; ++name) at += 2 + load_be<std::uint16_t>(payload.data() + at);
           store_be(frame.payload.data() + at, std::uint32_t{0});
         }
         return {std::move(frame)};
       }},
      {"ack.carries_the_offset", "the offset is one off",
       alter_ack([](wire::PublishAck& ack) { ++*ack.offset; })},
      {"ack.carries_the_offset", "there is no offset",
       alter_ack([](wire::PublishAck& ack) { ack.offset.reset(); })},
      {"error.unknown_stream_is_typed", "it is called something else", alter_ack([](wire::PublishAck& ack) {
         if (!ack.ok) ack.info = wire::error_info(Errc::overloaded);
       })},
      {"error.unauthorized_is_typed", "the code is missing",
       alter<ErrorMessage>([](ErrorMessage& error) { error.info.reset(); })},
      {"error.unauthorized_is_typed", "the code is another",
       alter<ErrorMessage>([](ErrorMessage& error) { error.info = wire::error_info(Errc::internal); })},
      {"error.bad_offset_is_typed", "beyond the end is called too old",
       alter<wire::SubscribeCursorError>([](wire::SubscribeCursorError& error) {
         error.reason = wire::SubscribeCursorError::Reason::too_old;
       })},
      {"error.bad_offset_is_typed", "any offset is accepted",
       alter_request<wire::Subscribe>([](wire::Subscribe& subscribe) { subscribe.start.reset(); })},
      {"proto.first_message_must_be_auth", "no error is sent",
       on_answer<ErrorMessage>(swallow<ErrorMessage>)},
      says_more_before_the_end("proto.first_message_must_be_auth"),
      {"proto.second_auth_is_refused", "it is accepted",
       on_answer<ErrorMessage>(
           [](PassingFrame frame, ErrorMessage&) { return as(std::move(frame), wire::Ok{}); })},
      {"proto.plain_ok_without_client_flags", "auth_ok is sent",
       on_answer<wire::Ok>(
           [](PassingFrame frame, wire::Ok&) { return as(std::move(frame), wire::AuthOk{}); })},
      {"proto.nothing_unoffered_is_sent", "an offset",
       alter<wire::PublishOk>([](wire::PublishOk& ok) { ok.offset = 1; })},
      {"proto.nothing_unoffered_is_sent", "a code", alter<ErrorMessage>([](ErrorMessage& error) {
         error.info = wire::error_info(Errc::invalid_request);
       })},
      {"proto.nothing_unoffered_is_sent", "events with offsets",
       on_event(1,
                [](PassingFrame frame) -> Frames {
                  frame.flags |= wire::kEventBatchOffsets;
                  frame.payload.insert(frame.payload.begin(), 8, std::byte{0});
                  return {std::move(frame)};
                })},
      {"proto.frames_split_at_every_byte", "one of them is lost",
       [](PassingFrame frame) -> Frames {
         if (!frame.to_client && frame.index == 50) return {};
         return {std::move(frame)};
       }},
      says_more_before_the_end("proto.wrong_magic_ends_the_stream"),
      says_more_before_the_end("proto.wrong_version_ends_the_stream"),
      says_more_before_the_end("proto.oversized_frame_ends_the_stream"),
      says_more_before_the_end("proto.undecodable_message_ends_the_stream"),
      {"proto.unknown_flag_is_answered", "the bit is masked",
       [](PassingFrame frame) -> Frames {
         frame.flags &= 0x7FFF;
         return {std::move(frame)};
       }},
      {"proto.unknown_message_type", "the request_id is left out",
       alter<wire::Unsupported>([](wire::Unsupported& answer) { answer.request_id.reset(); })},
      {"proto.unknown_message_type", "the extension is not named",
       alter<wire::Unsupported>([](wire::Unsupported& answer) { answer.extension.reset(); })},
      {"proto.acked_publish_needs_a_request_id", "it is taken for one without an answer",
       alter_request<wire::Publish>([](wire::Publish& publish) {
         if (!publish.request_id) publish.ack = wire::AckMode::none;
       })},
      {"proto.malformed_acked_batch_is_answered", "it is acknowledged",
       alter_ack([](wire::PublishAck& ack) { ack.ok = true; })},
      {"proto.malformed_acked_batch_is_answered", "the refusal is for another request",
       alter_ack([](wire::PublishAck& ack) { ack.request_id = RequestId{1}; })},
      says_more_before_the_end("proto.unreadable_request_ends_the_stream"),
      {"proto.answers_keep_request_order", "two answers change places", swapped(true, false, 7)},
      {"proto.publish_only_stream_delivers", "two publishes change places", swapped(false, true, 1)},
      {"proto.event_stream_begins_with_its_hello", "the hello is for another subscription",
       alter<wire::EventStreamHello>(
           [](wire::EventStreamHello& hello) { hello.subscription_id = SubscriptionId{1}; })},
      {"proto.event_stream_begins_with_its_hello", "the id asked for is not used",
       alter<wire::Subscribed>([](wire::Subscribed& answer) { answer.subscription_id = SubscriptionId{1}; })},
      {"pipeline.window_goes_to_who_asks", "everybody is told of the window",
       alter<wire::AuthOk>([](wire::AuthOk& ok) { ok.publish_window = 256; })},
      {"pipeline.window_goes_to_who_asks", "who asks for the pipeline alone hears no window",
       alter<wire::AuthOk>([](wire::AuthOk& ok) {
         if ((ok.server_features.value_or(0) & wire::kFeatureStreamPublishWindow) == 0)
           ok.publish_window.reset();
       })},
      {"pipeline.more_than_a_window_is_answered_in_order", "two answers change places",
       swapped(true, false, 300)},
      {"pipeline.more_than_a_window_is_answered_in_order", "what is beyond the window is forgotten",
       on_request<wire::Publish>([](PassingFrame frame, wire::Publish&) -> Frames {
         if (frame.index == 400) return {};
         return {std::move(frame)};
       })},
      {"fault.a_refusal_ends_one_request", "the request behind it is refused too",
       on_answer<wire::PublishOk>([](PassingFrame frame, wire::PublishOk& ok) -> Frames {
         if (ok.request_id != RequestId{18}) return {std::move(frame)};
         return as(std::move(frame), wire::PublishError{ok.request_id, "forbidden", std::nullopt});
       })},
      {"fault.a_reset_stream_ends_alone", "an answer on another stream is lost", loses_the_answer(1030)},
      {"fault.garbage_ends_one_stream", "an answer on another stream is lost", loses_the_answer(1030)},
      says_more_before_the_end("fault.garbage_ends_one_stream"),
      {"fault.a_lost_connection_leaves_whole_publishes", "a publish is done twice", publishes_twice(6)},
      {"fault.a_lost_connection_leaves_whole_publishes", "an acknowledged record does not arrive",
       on_event(1, nothing)},
      {"fault.an_unread_subscription_holds_up_nobody", "another reader misses a record",
       on_event(3, nothing)},
      {"fault.an_unread_subscription_holds_up_nobody", "another stream is not answered",
       loses_the_answer(1010)},
      {"retry.terminal_failures_are_not_retried", "it is called one to try again",
       alter<ErrorMessage>([](ErrorMessage& error) {
         if (error.info) error.info->retry = RetryClass::retry;
       })},
      {"retry.terminal_failures_are_not_retried", "it is done all the same", publishes_twice(1)},
      {"retry.ambiguous_outcomes_are_not_silently_retried", "a publish is done twice", publishes_twice(6)},
  };
}

conformance::CaseResult run_one(const test::RunningBroker& broker, const std::string& scenario,
                                Proxy::Tamper tamper, Proxy::LastWords last_words) {
  const auto loop = io::Loop::create(broker.clock()).value();
  const client::ConnectOptions upstream = broker.client_options();
  const Proxy proxy(*loop, upstream, std::move(tamper), std::move(last_words));
  LiveOptions options{.connect = proxy.client_options(), .only = {scenario}};
  // What a broken promise leaves waiting need not wait for long.
  options.timeout = std::chrono::milliseconds(1500);
  const auto report = conformance::run_live(*loop, options);
  if (!report) FAIL(to_string(report.error()));
  REQUIRE(report->cases.size() == 1);
  return report->cases.front();
}

}  // namespace

TEST_CASE("through a proxy that changes nothing, every scenario holds") {
  test::RunningBroker broker(GENERATE(1u, 2u));
  const auto all = conformance::live_scenarios({}).value();
  for (const auto& scenario : all) {
    INFO(scenario.id);
    const auto result = run_one(broker, std::string(scenario.id), untouched, {});
    INFO(result.reason);
    CHECK(result.outcome != Outcome::fail);
  }
}

TEST_CASE("a broker that breaks the promise of a scenario fails it") {
  test::RunningBroker broker(1);
  std::map<std::string, int> broken;
  for (Crime& crime : crimes()) {
    INFO(crime.scenario << ": " << crime.what);
    const auto result = run_one(broker, crime.scenario, std::move(crime.tamper), std::move(crime.last_words));
    INFO(result.reason);
    CHECK(result.outcome == Outcome::fail);
    CHECK(!result.reason.empty());
    ++broken[crime.scenario];
  }
  // Every scenario that can be tried at all was broken once.
  const auto all = conformance::live_scenarios({}).value();
  for (const auto& scenario : all) {
    const std::string id(scenario.id);
    const bool needs_a_cluster = id == "error.shard_unavailable_is_retryable" ||
                                 id == "error.quorum_timeout_is_outcome_unknown" ||
                                 id == "ack.duplicate_reports_the_original_offset" ||
                                 id == "retry.idempotent_producers_re_send_ambiguous_outcomes";
    // Behind the proxy, which reads everything, nobody is slow.
    const bool needs_a_slow_reader = id == "subscribe.lagged_is_told";
    CHECK((broken.contains(id) || needs_a_cluster || needs_a_slow_reader));
  }
}
