#include "wire/cache_codec.h"

#include <array>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "wire/flags.h"
#include "wire/header.h"

namespace felix::wire {
namespace {

flow::Slice slice(std::string_view text) { return flow::Slice::copy_of(as_bytes(text)); }

flow::Slice payload_of(const std::vector<std::byte>& frame) {
  const auto header = parse_header(Bytes(frame).first<kHeaderBytes>());
  REQUIRE(header.has_value());
  REQUIRE(header->flags == kBinaryCache);
  REQUIRE(header->payload_bytes == frame.size() - kHeaderBytes);
  return flow::Slice::copy_of(Bytes(frame).subspan(kHeaderBytes));
}

flow::Slice encode(const CacheRequest& request) {
  std::vector<std::byte> frame;
  REQUIRE(append_cache_request_head(frame, request));
  const Bytes value = request.value.bytes();
  frame.insert(frame.end(), value.begin(), value.end());
  return payload_of(frame);
}

flow::Slice encode(const CacheAnswer& answer) {
  std::vector<std::byte> frame;
  if (answer.verdict == CacheVerdict::refused) {
    append_cache_refusal(frame, answer.request_id, answer.message, *answer.info);
    return payload_of(frame);
  }
  const flow::InlineBytes head = cache_answer_head(answer);
  frame.insert(frame.end(), head.bytes().begin(), head.bytes().end());
  const Bytes value = answer.value.bytes();
  frame.insert(frame.end(), value.begin(), value.end());
  return payload_of(frame);
}

CacheRequest put() {
  return {CacheVerb::put, RequestId(7), "default", "primary", "demo-key", slice("cached"), 1000};
}

CacheAnswer refusal() {
  CacheAnswer answer{CacheVerdict::refused, RequestId(9), {}, {}, "not now", error_info(Errc::overloaded)};
  answer.info->reason = "cache_full";
  answer.info->retry_after_ms = 250;
  return answer;
}

// `payload` with one byte changed.
flow::Slice with(const flow::Slice& payload, std::size_t at, std::uint8_t value) {
  std::vector<std::byte> bytes(payload.bytes().begin(), payload.bytes().end());
  bytes[at] = std::byte{value};
  return flow::Slice::copy_of(bytes);
}

}  // namespace

TEST_CASE("a cache request comes back as it was, whatever it has") {
  const std::string long_name(kMaxCacheNameBytes, 'n');
  for (const CacheVerb verb : {CacheVerb::get, CacheVerb::put, CacheVerb::erase})
    for (const std::string_view name :
         {std::string_view(""), std::string_view("\xc3\xa4 \0 \"", 6), std::string_view(long_name)}) {
      CacheRequest request{verb, RequestId(UINT64_MAX), name, "c", name, {}, {}};
      for (const std::string_view value : {"", "v"}) {
        for (const auto ttl : {std::optional<std::uint64_t>(), std::optional<std::uint64_t>(0)}) {
          if (verb == CacheVerb::put) request.value = slice(value), request.ttl_ms = ttl;
          const flow::Slice payload = encode(request);
          const auto parsed = parse_cache_request(payload);
          REQUIRE(parsed.has_value());
          CHECK(parsed->verb == verb);
          CHECK(parsed->request_id == request.request_id);
          CHECK(parsed->namespace_id == name);
          CHECK(parsed->cache == "c");
          CHECK(parsed->key == name);
          CHECK(as_text(parsed->value.bytes()) == as_text(request.value.bytes()));
          CHECK(parsed->ttl_ms == request.ttl_ms);
        }
      }
    }
}

TEST_CASE("a value is a view of its frame, in requests and answers") {
  const flow::Slice request = encode(put());
  CHECK(parse_cache_request(request)->value.bytes().data() == request.bytes().data() + request.size() - 6);
  const flow::Slice answer = encode(CacheAnswer{CacheVerdict::value, RequestId(1), slice("v"), {}, {}, {}});
  CHECK(parse_cache_answer(answer)->value.bytes().data() == answer.bytes().data() + answer.size() - 1);
}

TEST_CASE("a request that does not fit a frame is refused before anything is written") {
  const std::string too_long(kMaxCacheNameBytes + 1, 'n');
  std::vector<std::byte> out{std::byte{1}};
  for (int which = 0; which < 3; ++which) {
    CacheRequest request = put();
    (which == 0 ? request.namespace_id : which == 1 ? request.cache : request.key) = too_long;
    const Status refused = append_cache_request_head(out, request);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::too_large);
    CHECK(out.size() == 1);
  }
}

TEST_CASE("a cache answer comes back as it was, whatever it has") {
  std::vector<CacheAnswer> answers;
  for (const auto version : {std::optional<std::uint64_t>(), std::optional<std::uint64_t>(42)}) {
    answers.push_back({CacheVerdict::done, RequestId(0), {}, version, {}, {}});
    answers.push_back({CacheVerdict::value, RequestId(1), slice(""), version, {}, {}});
    answers.push_back({CacheVerdict::value, RequestId(1), slice("\xff"), version, {}, {}});
  }
  answers.push_back({CacheVerdict::absent, RequestId(UINT64_MAX), {}, {}, {}, {}});
  answers.push_back(refusal());
  answers.push_back({CacheVerdict::refused, RequestId(2), {}, {}, "no", error_info(Errc::forbidden)});
  for (const CacheAnswer& answer : answers) {
    const auto parsed = parse_cache_answer(encode(answer));
    REQUIRE(parsed.has_value());
    CHECK(parsed->verdict == answer.verdict);
    CHECK(parsed->request_id == answer.request_id);
    CHECK(as_text(parsed->value.bytes()) == as_text(answer.value.bytes()));
    CHECK(parsed->version == answer.version);
    CHECK(parsed->message == answer.message);
    CHECK(parsed->info == answer.info);
  }
}

TEST_CASE("a long refusal is cut at a character boundary") {
  std::vector<std::byte> frame;
  append_cache_refusal(frame, RequestId(1), std::string(511, 'x') + "\xc3\xa4", error_info(Errc::internal));
  CHECK(parse_cache_answer(payload_of(frame))->message == std::string(511, 'x'));
}

TEST_CASE("cache frames that end early are malformed, cut anywhere") {
  const flow::Slice request = encode(CacheRequest{CacheVerb::erase, RequestId(1), "n", "c", "k", {}, {}});
  for (std::size_t size = 0; size < request.size(); ++size)
    CHECK_FALSE(parse_cache_request(request.sub(0, size)).has_value());
  const flow::Slice lived = encode(put());
  for (std::size_t size = 0; size < lived.size() - 6; ++size)
    CHECK_FALSE(parse_cache_request(lived.sub(0, size)).has_value());
  const flow::Slice refused = encode(refusal());
  for (std::size_t size = 0; size < refused.size(); ++size)
    CHECK_FALSE(parse_cache_answer(refused.sub(0, size)).has_value());
  const flow::Slice versioned = encode(CacheAnswer{CacheVerdict::value, RequestId(1), {}, 5, {}, {}});
  for (std::size_t size = 0; size < versioned.size(); ++size)
    CHECK_FALSE(parse_cache_answer(versioned.sub(0, size)).has_value());
}

TEST_CASE("cache frames that say what does not exist are malformed") {
  const flow::Slice request = encode(CacheRequest{CacheVerb::get, RequestId(1), "n", "c", "k", {}, {}});
  for (const std::uint8_t verb : {std::uint8_t{0}, std::uint8_t{4}, std::uint8_t{255}})
    CHECK_FALSE(parse_cache_request(with(request, 0, verb)).has_value());
  const flow::Slice answer = encode(CacheAnswer{CacheVerdict::absent, RequestId(1), {}, {}, {}, {}});
  for (const std::uint8_t verdict : {std::uint8_t{0}, std::uint8_t{5}, std::uint8_t{255}})
    CHECK_FALSE(parse_cache_answer(with(answer, 0, verdict)).has_value());
  for (int field = 0; field < 8; ++field) {
    const auto bit = static_cast<std::uint8_t>(1 << field);
    CHECK_FALSE(parse_cache_request(with(request, 1, bit)).has_value());
    CHECK_FALSE(parse_cache_answer(with(answer, 1, bit)).has_value());
    if (bit != 1) CHECK_FALSE(parse_cache_request(with(encode(put()), 1, bit)).has_value());
  }
}

TEST_CASE("bytes behind what an operation has are malformed, and so is text that is not UTF-8") {
  const auto longer = [](const flow::Slice& payload) {
    std::vector<std::byte> bytes(payload.bytes().begin(), payload.bytes().end());
    bytes.push_back(std::byte{0});
    return flow::Slice::copy_of(bytes);
  };
  CHECK_FALSE(parse_cache_request(longer(encode(CacheRequest{CacheVerb::get, {}, "n", "c", "k", {}, {}}))));
  CHECK_FALSE(parse_cache_answer(longer(encode(CacheAnswer{}))));
  CHECK_FALSE(parse_cache_answer(longer(encode(refusal()))));
  CHECK_FALSE(parse_cache_request(encode(CacheRequest{CacheVerb::get, {}, "n", "c", "\xff", {}, {}})));
  CHECK_FALSE(parse_cache_request(encode(CacheRequest{CacheVerb::get, {}, "\xc3", "c", "k", {}, {}})));
  CacheAnswer answer = refusal();
  answer.message = "\xff";
  CHECK_FALSE(parse_cache_answer(encode(answer)));
}

}  // namespace felix::wire
