#include "authz/revocations.h"

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using namespace felix::authz;

TEST_CASE("a revocation covers its principal, its token, and nobody else") {
  const auto list = Revocations::parse(
      "# who left\n"
      "\n"
      "principal t1 p:alice   # by hand, 21 November\r\n"
      "\tprincipal t1 p:bob before 1000\n"
      "token t1 7f3a");
  REQUIRE(list);
  CHECK(list->size() == 3);
  CHECK(list->covers("t1", "p:alice", 0, ""));
  CHECK(list->covers("t1", "p:alice", INT64_MAX, ""));
  CHECK_FALSE(list->covers("t2", "p:alice", 0, ""));
  CHECK_FALSE(list->covers("t1", "p:alice2", 0, ""));
  CHECK(list->covers("t1", "p:bob", 999, ""));
  CHECK_FALSE(list->covers("t1", "p:bob", 1000, ""));
  CHECK(list->covers("t1", "p:carol", 5, "7f3a"));
  CHECK_FALSE(list->covers("t2", "p:carol", 5, "7f3a"));
  CHECK_FALSE(list->covers("t1", "p:carol", 5, ""));
  CHECK_FALSE(list->covers("t1", "7f3a", 5, "p:alice"));
}

TEST_CASE("of two entries for one principal the wider holds") {
  CHECK(Revocations::parse("principal t p before 10\nprincipal t p before 20")
            .value()
            .covers("t", "p", 15, ""));
  CHECK(Revocations::parse("principal t p before 20\nprincipal t p before 10")
            .value()
            .covers("t", "p", 15, ""));
  CHECK(Revocations::parse("principal t p\nprincipal t p before 10").value().covers("t", "p", 15, ""));
}

TEST_CASE("an empty list covers nobody") {
  CHECK(Revocations::parse("").value().size() == 0);
  CHECK_FALSE(Revocations::parse("\n# nothing").value().covers("t", "p", 0, "id"));
}

TEST_CASE("a line that is no revocation is refused by its number") {
  for (const char* line :
       {"principal t1", "principal", "p:alice", "principal t1 p:alice after 5", "principal t1 p:alice before",
        "principal t1 p:alice before x", "principal t1 p:alice before -1", "principal t1 p:alice before 5 6",
        "token t1 id before 5", "Principal t1 p:alice"}) {
    CAPTURE(line);
    const auto refused = Revocations::parse("token t1 fine\n" + std::string(line) + "\n");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::malformed);
    CHECK(refused.error().context.starts_with("line 2: "));
  }
}
