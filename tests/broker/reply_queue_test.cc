#include "broker/reply_queue.h"

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "support/recording_port.h"
#include "support/seed.h"

using namespace felix;
using broker::CacheReply;
using broker::Outcome;
using broker::PendingReply;
using broker::PublishOutcome;
using broker::PublishReply;
using broker::ReplyQueue;

namespace {

void append_text(std::vector<std::byte>& out, std::string_view text) {
  const Bytes bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

auto text(std::string words) {
  return [words](std::vector<std::byte>& out) { append_text(out, words); };
}

// Writes a settled answer as its offset.
void write_offset(PendingReply&, const Result<Outcome>& outcome, std::vector<std::byte>& out) {
  append_text(out, std::to_string(std::get<PublishOutcome>(*outcome).base_offset) + ' ');
}

std::string flushed(ReplyQueue& replies, test::RecordingPort& port, std::size_t room = SIZE_MAX) {
  replies.advance(room, write_offset);
  replies.flush(port);
  const auto bytes = port.take_written();
  return std::string(as_text(bytes));
}

}  // namespace

TEST_CASE("an answer waits for those before it") {
  ReplyQueue replies;
  test::RecordingPort port;
  replies.answer(text("a "));
  const auto first = replies.reserve(PublishReply{});
  replies.answer(text("c "));
  const auto second = replies.reserve(PublishReply{});
  CHECK(replies.next_slot() == second + 1);
  CHECK(flushed(replies, port) == "a ");
  CHECK(replies.pending_count() == 3);
  CHECK(replies.unanswered_count() == 2);
  replies.settle(second, Outcome(PublishOutcome{4}));
  CHECK(flushed(replies, port).empty());
  CHECK_FALSE(replies.drained());
  replies.fulfil(first, text("b "));
  CHECK(flushed(replies, port) == "b c 4 ");
  CHECK(replies.drained());
  CHECK(replies.held_bytes() == 0);
  CHECK(replies.unanswered_count() == 0);
}

TEST_CASE("settled answers are written only as far as there is room") {
  ReplyQueue replies;
  test::RecordingPort port;
  std::vector<std::uint64_t> slots;
  for (int i = 0; i < 4; ++i) slots.push_back(replies.reserve(PublishReply{}));
  for (const auto slot : slots) replies.settle(slot, Outcome(PublishOutcome{slot}));
  CHECK(replies.held_bytes() == 0);
  CHECK(flushed(replies, port, 0).empty());
  CHECK(flushed(replies, port, 1) == "0 ");
  CHECK(flushed(replies, port, 3) == "1 2 ");
  CHECK_FALSE(replies.drained());
  CHECK(flushed(replies, port) == "3 ");
  CHECK(replies.drained());
}

TEST_CASE("bytes that wait behind an open place are counted") {
  ReplyQueue replies;
  test::RecordingPort port;
  const auto open = replies.reserve(CacheReply{});
  replies.answer(text(std::string(1000, 'x')));
  CHECK(replies.held_bytes() == 1000);
  replies.fulfil(open, text("yyy"));
  CHECK(replies.held_bytes() == 1003);
  CHECK(flushed(replies, port).size() == 1003);
  CHECK(replies.held_bytes() == 0);
}

TEST_CASE("answers of any kind leave in request order, whatever order outcomes come in") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  ReplyQueue replies;
  test::RecordingPort port;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> open;  // slot, number
  std::string expected, heard;
  for (std::uint64_t number = 0; number < 5000; ++number) {
    expected += std::to_string(number) + ' ';
    if (random() % 2 == 0) {
      open.emplace_back(replies.reserve(PublishReply{}), number);
    } else {
      replies.answer(text(std::to_string(number) + ' '));
    }
    while (!open.empty() && (random() % 2 == 0 || number == 4999)) {
      const std::size_t pick = random() % open.size();
      const auto [slot, answered] = open[pick];
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(pick));
      if (random() % 2 == 0) {
        replies.settle(slot, Outcome(PublishOutcome{answered}));
      } else {
        replies.fulfil(slot, text(std::to_string(answered) + ' '));
      }
    }
    CHECK(replies.unanswered_count() == open.size());
    if (random() % 3 == 0) heard += flushed(replies, port, random() % 100);
  }
  heard += flushed(replies, port);
  CHECK(heard == expected);
  CHECK(replies.drained());
}
