#include "metadata/command.h"

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using namespace felix::metadata;

namespace {

State with_namespace() {
  State state;
  REQUIRE(execute(state, CreateTenant{"t1", ""}));
  REQUIRE(execute(state, CreateNamespace{"t1", "default", ""}));
  return state;
}

Errc refusal(State& state, const Command& command) {
  const State before = state;
  const auto delta = execute(state, command);
  REQUIRE_FALSE(delta);
  CHECK(state == before);
  return delta.error().code;
}

}  // namespace

TEST_CASE("streams and caches are created in a namespace of a tenant") {
  State state = with_namespace();
  CHECK(state.version() == 2);
  const auto delta = execute(state, CreateStream{"t1", "default", "orders", {.shards = 4}});
  REQUIRE(delta);
  CHECK(delta->version == 3);
  REQUIRE(delta->changes.size() == 1);
  CHECK(delta->changes[0].op == Change::Op::created);
  const StreamRecord* stream = state.find_stream("t1", "default", "orders");
  REQUIRE(stream != nullptr);
  CHECK(stream->incarnation == 1);
  CHECK(stream->properties.shards == 4);
  REQUIRE(execute(state, CreateCache{"t1", "default", "orders", {}}));
  CHECK(state.find_cache("t1", "default", "orders")->incarnation == 2);
  CHECK(state.find_stream("t1", "default", "other") == nullptr);
  CHECK(state.find_stream("t1", "other", "orders") == nullptr);
}

TEST_CASE("creating again changes nothing, with other properties it is refused") {
  State state = with_namespace();
  REQUIRE(execute(state, CreateStream{"t1", "default", "s", {}}));
  const State before = state;
  for (const Command& again : {Command(CreateTenant{"t1", ""}), Command(CreateNamespace{"t1", "default", ""}),
                               Command(CreateStream{"t1", "default", "s", {}})}) {
    const auto delta = execute(state, again);
    REQUIRE(delta);
    CHECK(delta->changes.empty());
    CHECK(delta->version == before.version());
    CHECK(state == before);
  }
  CHECK(refusal(state, CreateTenant{"t1", "other"}) == Errc::already_exists);
  CHECK(refusal(state, CreateNamespace{"t1", "default", "other"}) == Errc::already_exists);
  CHECK(refusal(state, CreateStream{"t1", "default", "s", {.shards = 2}}) == Errc::already_exists);
}

TEST_CASE("what lies in nothing, has a bad name or bad properties is not created") {
  State state = with_namespace();
  CHECK(refusal(state, CreateNamespace{"t2", "default", ""}) == Errc::not_found);
  CHECK(refusal(state, CreateStream{"t1", "other", "s", {}}) == Errc::not_found);
  CHECK(refusal(state, CreateCache{"t2", "default", "s", {}}) == Errc::not_found);
  CHECK(refusal(state, CreateTenant{"a/b", ""}) == Errc::invalid_request);
  CHECK(refusal(state, CreateTenant{"a", "\xff"}) == Errc::invalid_request);
  CHECK(refusal(state, CreateNamespace{"t1", "*", ""}) == Errc::invalid_request);
  CHECK(refusal(state, CreateStream{"t1", "default", "", {}}) == Errc::invalid_request);
  CHECK(refusal(state, CreateStream{"t1", "default", "s", {.shards = 0}}) == Errc::invalid_request);
  CHECK(refusal(state, CreateStream{"t1", "default", "s", {.shards = 1025}}) == Errc::invalid_request);
  CHECK(refusal(state, CreateStream{"t1", "default", "s", {.region = "a:b"}}) == Errc::invalid_request);
  CHECK(refusal(state, CreateCache{"t1", "default", "c", {.shards = 0}}) == Errc::invalid_request);
}

TEST_CASE("nothing is deleted while something lies in it") {
  State state = with_namespace();
  REQUIRE(execute(state, CreateStream{"t1", "default", "s", {}}));
  REQUIRE(execute(state, CreateCache{"t1", "default", "c", {}}));
  CHECK(refusal(state, DeleteTenant{"t1"}) == Errc::invalid_request);
  CHECK(refusal(state, DeleteNamespace{"t1", "default"}) == Errc::invalid_request);
  REQUIRE(execute(state, DeleteStream{"t1", "default", "s"}));
  CHECK(refusal(state, DeleteNamespace{"t1", "default"}) == Errc::invalid_request);
  REQUIRE(execute(state, DeleteCache{"t1", "default", "c"}));
  REQUIRE(execute(state, DeleteNamespace{"t1", "default"}));
  REQUIRE(execute(state, DeleteTenant{"t1"}));
  CHECK(refusal(state, DeleteTenant{"t1"}) == Errc::not_found);
  CHECK(refusal(state, DeleteStream{"t1", "default", "s"}) == Errc::not_found);
  CHECK(refusal(state, DeleteCache{"t1", "default", "c"}) == Errc::not_found);
}

TEST_CASE("neighbours in name order do not count as contents") {
  State state = with_namespace();
  REQUIRE(execute(state, CreateTenant{"t0", ""}));
  REQUIRE(execute(state, CreateTenant{"t", ""}));
  REQUIRE(execute(state, CreateNamespace{"t1", "defaul", ""}));
  REQUIRE(execute(state, CreateStream{"t1", "default", "s", {}}));
  CHECK(execute(state, DeleteNamespace{"t1", "defaul"}));
  CHECK(execute(state, DeleteTenant{"t0"}));
  CHECK(execute(state, DeleteTenant{"t"}));
}

TEST_CASE("a name created again is another incarnation") {
  State state = with_namespace();
  REQUIRE(execute(state, CreateStream{"t1", "default", "s", {}}));
  const auto first = state.find_stream("t1", "default", "s")->incarnation;
  REQUIRE(execute(state, DeleteStream{"t1", "default", "s"}));
  REQUIRE(execute(state, CreateStream{"t1", "default", "s", {}}));
  CHECK(state.find_stream("t1", "default", "s")->incarnation > first);
}
