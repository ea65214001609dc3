#include "flow/frame.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "flow/live_bytes.h"

using namespace felix;
using flow::Frame;
using flow::Slice;

namespace {

Slice numbered(std::size_t size) {
  Frame* frame = Frame::allocate(size);
  for (std::size_t i = 0; i < size; ++i) frame->data()[i] = static_cast<std::byte>(i);
  return Slice::adopt(frame, 0, size);
}

}  // namespace

TEST_CASE("A frame holds at least what was asked for") {
  for (const std::size_t size : {1u, 200u, 256u, 4096u, 131'072u, 131'073u, 20'000'000u}) {
    Frame* frame = Frame::allocate(size);
    CHECK(frame->capacity() >= size);
    std::fill_n(frame->data(), size, std::byte{0xa5});
    frame->release();
  }
  flow::trim_frame_cache();
}

TEST_CASE("A slice keeps its frame alive, and parts of it see the same bytes") {
  Slice part;
  {
    const Slice whole = numbered(100);
    part = whole.sub(10, 20);
    CHECK(part.bytes().data() == whole.bytes().data() + 10);
  }
  CHECK(part.size() == 20);
  CHECK(part.bytes()[0] == std::byte{10});
  CHECK(part.sub(19, 1).bytes()[0] == std::byte{29});
  CHECK(part.sub(20, 0).empty());
  CHECK(part.footprint_bytes() >= 100);
}

TEST_CASE("A slice moved from is empty, one assigned to itself is unchanged") {
  Slice first = numbered(10);
  const Slice second = std::move(first);
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): the state is promised
  CHECK(first.bytes().empty());
  CHECK(first.footprint_bytes() == 0);
  Slice third = second;
  const Slice& alias = third;
  third = alias;
  CHECK(std::ranges::equal(third.bytes(), second.bytes()));
}

TEST_CASE("A copy is a frame of its own; a copy of nothing is no frame") {
  const std::array<std::byte, 3> source{std::byte{1}, std::byte{2}, std::byte{3}};
  const Slice copy = Slice::copy_of(source);
  CHECK(std::ranges::equal(copy.bytes(), source));
  CHECK(copy.bytes().data() != source.data());
  CHECK(Slice::copy_of({}).footprint_bytes() == 0);
}

TEST_CASE("A frame given back is used again by its thread, until the cache is trimmed") {
  flow::trim_frame_cache();
  Frame* first = Frame::allocate(1000);
  const std::byte* at = first->data();
  first->release();
  Frame* second = Frame::allocate(900);  // of the same size class
  CHECK(second->data() == at);
  second->release();
  flow::trim_frame_cache();
}

TEST_CASE("A frame of a full batch is of kept memory, and little of it is unused") {
  flow::trim_frame_cache();
  constexpr std::size_t kBatchBytes = 256 * 1024 + 100;
  Frame* first = Frame::allocate(kBatchBytes);
  CHECK(first->capacity() <= kBatchBytes * 5 / 4);
  const std::byte* at = first->data();
  first->release();
  Frame* second = Frame::allocate(kBatchBytes);
  CHECK(second->data() == at);
  second->release();
  flow::trim_frame_cache();
}

TEST_CASE("Slices may be copied and dropped on any thread; the last one out frees the frame") {
  constexpr int kThreads = 4;
  constexpr int kRounds = 20'000;
  const Slice shared = numbered(64);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&wrong, slice = shared] {
      for (int i = 0; i < kRounds; ++i) {
        const Slice copy = slice;
        const Slice part = copy.sub(static_cast<std::size_t>(i) % 64, 1);
        if (part.bytes()[0] != static_cast<std::byte>(i % 64)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("A frame allocated here may be dropped there, bytes written before are seen there") {
  constexpr int kRounds = 2000;
  std::atomic<Slice*> handed{nullptr};
  std::thread receiver([&] {
    for (int i = 0; i < kRounds; ++i) {
      Slice* slice = nullptr;
      while ((slice = handed.exchange(nullptr)) == nullptr) std::this_thread::yield();
      if (slice->bytes()[0] != static_cast<std::byte>(i)) std::abort();
      delete slice;
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    Frame* frame = Frame::allocate(512);
    frame->data()[0] = static_cast<std::byte>(i);
    auto* slice = new Slice(Slice::adopt(frame, 0, 1));
    Slice* none = nullptr;
    while (!handed.compare_exchange_weak(none, slice)) {
      none = nullptr;
      std::this_thread::yield();
    }
  }
  receiver.join();
  SUCCEED();
}

TEST_CASE("Frames alive are counted once however many share them, on whatever thread they end") {
  const std::size_t before = flow::live_frame_bytes();
  flow::Slice slice = flow::Slice::adopt(flow::Frame::allocate(10'000), 0, 10'000);
  const std::size_t one = flow::live_frame_bytes();
  CHECK(one - before >= 10'000);
  flow::Slice part = slice.sub(0, 10);
  CHECK(flow::live_frame_bytes() == one);
  slice = {};
  CHECK(flow::live_frame_bytes() == one);
  std::thread([last = std::move(part)]() mutable { last = {}; }).join();
  CHECK(flow::live_frame_bytes() == before);
}
