#include "wire/json_codec.h"

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "json/reader.h"
#include "support/seed.h"
#include "wire/header.h"

namespace felix::wire {
namespace {

template <class Message>
std::vector<std::byte> encoded(const Message& message) {
  std::vector<std::byte> out;
  append_frame(out, message);
  const auto header = parse_header(Bytes(out).first<kHeaderBytes>());
  REQUIRE(header.has_value());
  REQUIRE(header->flags == 0);
  REQUIRE(header->payload_bytes == out.size() - kHeaderBytes);
  return out;
}

Bytes payload_of(const std::vector<std::byte>& frame) { return Bytes(frame).subspan(kHeaderBytes); }

ClientMessage request(std::string_view text) {
  json::Reader reader;
  auto parsed = parse_client_message(as_bytes(text), reader);
  REQUIRE(parsed.has_value());
  return *std::move(parsed);
}

Error refused(std::string_view text) {
  json::Reader reader;
  const auto parsed = parse_client_message(as_bytes(text), reader);
  REQUIRE_FALSE(parsed.has_value());
  return parsed.error();
}

// Every character class an encoder treats differently.
std::string random_text(std::mt19937_64& random) {
  static const std::vector<std::string> pieces{"a",    "\"",   "\\", "/",  "\b", "\n", std::string(1, '\0'),
                                               "\x1f", "\x7f", "é",  "流", "😀"};
  std::string text;
  for (std::size_t i = 0, n = random() % 12; i < n; ++i) text += pieces[random() % pieces.size()];
  return text;
}

template <class T>
std::optional<T> sometimes(std::mt19937_64& random, T value) {
  return random() % 2 == 0 ? std::optional<T>(std::move(value)) : std::nullopt;
}

RecordRun random_records(std::mt19937_64& random, std::size_t count) {
  RecordRunBuilder builder;
  for (std::size_t i = 0; i < count; ++i) {
    const MutableBytes record = builder.append_space(random() % 50);
    for (std::byte& b : record) b = static_cast<std::byte>(random());
  }
  return builder.finish();
}

// encode -> parse -> encode gives the same bytes, so every member survives.
template <class Variant, class Message, class Parse>
void check_round_trip(const Message& message, Parse parse) {
  json::Reader reader;
  const std::vector<std::byte> frame = encoded(message);
  const auto parsed = parse(payload_of(frame), reader);
  REQUIRE(parsed.has_value());
  const auto* same = std::get_if<Message>(&*parsed);
  REQUIRE(same != nullptr);
  REQUIRE(encoded(*same) == frame);
  if constexpr (requires { message == *same; }) REQUIRE(message == *same);
}
template <class Message>
void check_request(const Message& message) {
  check_round_trip<ClientMessage>(message, parse_client_message);
}
template <class Message>
void check_answer(const Message& message) {
  check_round_trip<ServerMessage>(message, parse_server_message);
}

}  // namespace

TEST_CASE("every request comes back as it was") {
  std::mt19937_64 random(test::seed());
  CAPTURE(test::seed());
  auto text = [&random] { return random_text(random); };
  auto id = [&random] { return sometimes(random, RequestId(random())); };
  for (int round = 0; round < 300; ++round) {
    const auto u16 = static_cast<std::uint16_t>(random());
    const auto u32 = static_cast<std::uint32_t>(random());
    check_request(
        Auth{text(), text(), sometimes(random, u16), sometimes(random, u32), sometimes(random, u32)});
    Publish publish{random() % 2 == 0,
                    text(),
                    text(),
                    text(),
                    {},
                    {},
                    id(),
                    sometimes(random, static_cast<AckMode>(random() % 3))};
    publish.records = random_records(random, publish.batch ? random() % 5 : 1);
    if (random() % 2 == 0) publish.key = std::vector<std::byte>(random() % 4, std::byte{0xfe});
    check_request(publish);
    const Start starts[] = {Start::latest(), Start::earliest(), Start::from(random())};
    check_request(Subscribe{text(), text(), text(), sometimes(random, SubscriptionId(random())),
                            sometimes(random, starts[random() % 3]), sometimes(random, u32),
                            sometimes(random, u32)});
    check_request(CachePut{text(), text(), text(), text(), flow::Slice::copy_of(as_bytes(text())), id(),
                           sometimes(random, random())});
    check_request(CacheGet{text(), text(), text(), text(), id()});
    check_request(CacheDelete{text(), text(), text(), text(), id()});
  }
}

TEST_CASE("every answer comes back as it was") {
  std::mt19937_64 random(test::seed());
  CAPTURE(test::seed());
  auto text = [&random] { return random_text(random); };
  auto id = [&random] { return sometimes(random, RequestId(random())); };
  auto info = [&random, &text] {
    ErrorInfo one = error_info(static_cast<Errc>(random() % (static_cast<unsigned>(Errc::internal) + 1)));
    one.reason = text();
    one.retry_after_ms = sometimes(random, random());
    return sometimes(random, one);
  };
  for (int round = 0; round < 300; ++round) {
    const auto u16 = static_cast<std::uint16_t>(random());
    const auto u32 = static_cast<std::uint32_t>(random());
    check_answer(AuthOk{u16, sometimes(random, u32), sometimes(random, u32),
                        sometimes(random, std::vector<std::uint16_t>(random() % 4, u16)),
                        sometimes(random, u32)});
    check_answer(Ok{});
    check_answer(ErrorMessage{text(), info()});
    check_answer(Unsupported{text(), sometimes(random, text()), id()});
    check_answer(PublishOk{RequestId(random()), sometimes(random, Offset{random()})});
    check_answer(PublishError{RequestId(random()), text(), info()});
    check_answer(Subscribed{SubscriptionId(random()), sometimes(random, Offset{random()}),
                            sometimes(random, Offset{random()}), sometimes(random, u32)});
    check_answer(
        SubscribeCursorError{static_cast<SubscribeCursorError::Reason>(random() % 2), random(), random()});
    check_answer(EventStreamHello{SubscriptionId(random())});
    Event event{random() % 2 == 0, text(), text(), text(), {}, sometimes(random, Offset{random()})};
    event.records = random_records(random, event.batch ? random() % 5 : 1);
    check_answer(event);
    check_answer(CacheValue{text(), text(), text(), text(),
                            sometimes(random, flow::Slice::copy_of(as_bytes(text()))), id(),
                            sometimes(random, random())});
    check_answer(CacheOk{RequestId(random())});
  }
}

TEST_CASE("without an ack member an ack is owed") {
  const auto mode = [](std::string_view text) { return std::get<Publish>(request(text)).ack_mode(); };
  CHECK(mode(R"({"type":"publish","tenant_id":"","namespace":"","stream":"","payload":""})") ==
        AckMode::per_message);
  CHECK(mode(R"({"type":"publish_batch","tenant_id":"","namespace":"","stream":"","payloads":[]})") ==
        AckMode::per_batch);
  CHECK(mode(R"({"type":"publish","tenant_id":"","namespace":"","stream":"","payload":"","ack":"none"})") ==
        AckMode::none);
}

TEST_CASE("a message cut anywhere is refused") {
  const std::string_view text = R"({"type":"auth","tenant_id":"t","token":"x","client_flags":63})";
  for (std::size_t size = 0; size < text.size(); ++size)
    CHECK(refused(text.substr(0, size)).code == Errc::malformed);
}

TEST_CASE("a refusal names the member") {
  CHECK(refused(R"({"type":"auth","tenant_id":"t"})").context == "message: member `token` is not a string");
  CHECK(refused(R"({"type":"auth","tenant_id":"t","token":"x","client_flags":65536})").context ==
        "message: member `client_flags` is not an integer in range");
  CHECK(
      refused(R"({"type":"publish","tenant_id":"t","namespace":"n","stream":"s","payload":"YQ"})").context ==
      "message: member `payload` is not padded base64");
}

TEST_CASE("a request this build does not serve is told apart from a word nobody defined") {
  const auto topology = std::get<UnknownMessage>(request(R"({"type":"topology"})"));
  CHECK(topology == UnknownMessage{"topology", true, {}, {}});
  const auto extension = std::get<UnknownMessage>(
      request(R"({"type":"extension","name":"x","request_id":18446744073709551615,"body":[]})"));
  CHECK(extension == UnknownMessage{"extension", true, "x", RequestId(UINT64_MAX)});
  const auto nobody = std::get<UnknownMessage>(request(R"({"type":"","request_id":-1})"));
  CHECK(nobody == UnknownMessage{"", false, {}, {}});
  // An answer is no request.
  CHECK_FALSE(std::get<UnknownMessage>(request(R"({"type":"auth_ok","server_flags":1})")).known);
}

TEST_CASE("the records of a batch are decoded into one block not larger than the message") {
  std::string text = R"({"type":"publish_batch","tenant_id":"t","namespace":"n","stream":"s","payloads":[)";
  for (int i = 0; i < 5000; ++i) text += "\"\",\"YQ==\",";
  text.back() = ']';
  text += ",\"ack\":\"none\"}";
  const auto publish = std::get<Publish>(request(text));
  CHECK(publish.records.count() == 10000);
  CHECK(publish.records.footprint_bytes() <= 2 * text.size());
  CHECK(publish.records.payload_bytes() == 5000);
}

TEST_CASE("the parsed message does not depend on the payload or the reader") {
  json::Reader reader;
  std::string text =
      R"({"type":"cache_put","tenant_id":"t","namespace":"n","cache":"c","key":"k","value":"eHl6"})";
  const auto parsed = parse_client_message(as_bytes(text), reader);
  REQUIRE(parsed.has_value());
  text.assign(text.size(), '#');
  REQUIRE(parse_client_message(as_bytes(R"({"type":"topology"})"), reader).has_value());
  const auto& put = std::get<CachePut>(*parsed);
  CHECK(put.key == "k");
  CHECK(as_text(put.value.bytes()) == "xyz");
}

TEST_CASE("frames are appended behind what is there") {
  std::vector<std::byte> out;
  append_frame(out, Ok{});
  const std::size_t first = out.size();
  append_frame(out, CacheOk{RequestId(1)});
  CHECK(as_text(Bytes(out).subspan(first + kHeaderBytes)) == R"({"type":"cache_ok","request_id":1})");
  CHECK(as_text(encode_frame(Ok{}).bytes().subspan(kHeaderBytes)) == R"({"type":"ok"})");
}

}  // namespace felix::wire
