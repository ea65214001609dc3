#include "streams/cursor.h"

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using streams::resolve;
using wire::Start;
using Reason = wire::SubscribeCursorError::Reason;

TEST_CASE("latest is the tail and earliest the oldest record, whatever the log holds") {
  CHECK(resolve(Start::latest(), 5, 9) == 9);
  CHECK(resolve(Start::earliest(), 5, 9) == 5);
  CHECK(resolve(Start::earliest(), 0, 0) == 0);
  CHECK(resolve(Start::latest(), 7, 7) == 7);
}

TEST_CASE("an offset in the log, or equal to its tail, is where reading starts") {
  for (Offset offset = 5; offset <= 9; ++offset) CHECK(resolve(Start::from(offset), 5, 9) == offset);
  CHECK(resolve(Start::from(0), 0, 0) == 0);
}

TEST_CASE("an offset outside the log is a typed error that says what is available", "[L-03]") {
  const auto old = resolve(Start::from(4), 5, 9);
  REQUIRE_FALSE(old);
  CHECK(old.error() == wire::SubscribeCursorError{Reason::too_old, 4, 5});
  const auto future = resolve(Start::from(10), 5, 9);
  REQUIRE_FALSE(future);
  CHECK(future.error() == wire::SubscribeCursorError{Reason::in_future, 10, 9});
  // An empty log that has numbered records before: everything below the tail is too old.
  const auto empty = resolve(Start::from(8), 9, 9);
  REQUIRE_FALSE(empty);
  CHECK(empty.error() == wire::SubscribeCursorError{Reason::too_old, 8, 9});
}
