#include "flow/compact.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using flow::Slice;

TEST_CASE("A small view of a large frame is copied out of it, and only then") {
  const Slice large = Slice::adopt(flow::Frame::allocate(100'000), 0, 100'000);
  std::fill_n(const_cast<std::byte*>(large.bytes().data()), large.size(), std::byte{7});
  const Slice view = large.sub(500, 100);
  const Slice compact = flow::compacted(view);
  CHECK(std::ranges::equal(compact.bytes(), view.bytes()));
  CHECK(compact.footprint_bytes() < 2048);

  const Slice half = large.sub(0, 50'000);
  CHECK(flow::compacted(half).bytes().data() == half.bytes().data());
  const Slice small = Slice::adopt(flow::Frame::allocate(1000), 0, 1);
  CHECK(flow::compacted(small).bytes().data() == small.bytes().data());
  CHECK(flow::compacted(Slice()).empty());
}
