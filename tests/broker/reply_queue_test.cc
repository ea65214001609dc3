#include "broker/reply_queue.h"

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "support/recording_port.h"
#include "support/seed.h"

using namespace felix;
using broker::AnswerBuffer;
using broker::CacheReply;
using broker::Outcome;
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
constexpr auto write_offset = [](auto&, const Result<Outcome>& outcome, AnswerBuffer& out) {
  append_text(out.bytes(), std::to_string(std::get<PublishOutcome>(*outcome).base_offset) + ' ');
};

Outcome offset(Offset at) { return PublishOutcome{at}; }

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

TEST_CASE("an outcome known at once is written at once, or in its turn") {
  ReplyQueue replies;
  test::RecordingPort port;
  replies.answer(PublishReply{}, offset(1), write_offset);
  CHECK(replies.pending_count() == 0);
  const auto open = replies.reserve(PublishReply{});
  replies.answer(PublishReply{}, offset(3), write_offset);
  CHECK(replies.pending_count() == 2);
  CHECK(replies.unanswered_count() == 1);
  CHECK(flushed(replies, port) == "1 ");
  replies.settle(open, offset(2));
  CHECK(flushed(replies, port) == "2 3 ");
  CHECK(replies.drained());
}

TEST_CASE("large bodies go by reference between small bytes, in order") {
  AnswerBuffer buffer;
  test::RecordingPort port;
  const auto body = [](char letter, std::size_t size) {
    return flow::Slice::copy_of(as_bytes(std::string(size, letter)));
  };
  const auto head = [](std::string_view text) { return flow::InlineBytes(as_bytes(text)); };
  const std::size_t large = AnswerBuffer::kSharedBytes;
  const flow::Slice shared = body('c', large);
  buffer.append(head("1"), body('a', large - 1));
  buffer.append(head("2"), {});
  append_text(buffer.bytes(), "frame");
  buffer.append(head("3"), shared);
  buffer.append(head("4"), body('d', large + 1));
  append_text(buffer.bytes(), "end");
  const std::string expected = "1" + std::string(large - 1, 'a') + "2frame3" + std::string(large, 'c') + "4" +
                               std::string(large + 1, 'd') + "end";
  CHECK(buffer.size() == expected.size());
  buffer.flush(port);
  CHECK(as_text(port.written()) == expected);
  // Joined bytes and their body, a head that goes with its body, what is left.
  CHECK(port.writes() == 4);
  CHECK(port.bodies()[1].data() == shared.bytes().data());
  CHECK(buffer.empty());
  CHECK(buffer.size() == 0);
  append_text(buffer.bytes(), "again");
  buffer.flush(port);
  CHECK(as_text(port.take_written()) == expected + "again");
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
