#include "metadata/routing_table.h"

#include <catch2/catch_test_macros.hpp>

#include "metadata/command.h"

using namespace felix;
using namespace felix::metadata;

TEST_CASE("a table finds exactly what its state holds") {
  State state;
  REQUIRE(execute(state, CreateTenant{"t1", ""}));
  REQUIRE(execute(state, CreateNamespace{"t1", "default", ""}));
  REQUIRE(execute(
      state, CreateStream{"t1",
                          "default",
                          "s",
                          {.kind = StreamKind::queue, .shards = 4, .durability = Durability::periodic}}));
  REQUIRE(execute(
      state, CreateCache{"t1", "default", "c", {.display_name = "", .shards = 2, .default_ttl_ms = 60}}));
  const auto table = RoutingTable::build(state);
  CHECK(table->version() == state.version());
  const StreamRoute* stream = table->find_stream("t1", "default", "s");
  REQUIRE(stream != nullptr);
  CHECK(stream->incarnation == 1);
  CHECK(stream->shards == 4);
  CHECK(stream->kind == StreamKind::queue);
  CHECK(stream->durability == Durability::periodic);
  const CacheRoute* cache = table->find_cache("t1", "default", "c");
  REQUIRE(cache != nullptr);
  CHECK(cache->incarnation == 2);
  CHECK(cache->shards == 2);
  CHECK(cache->default_ttl_ms == 60);
  CHECK(table->find_stream("t1", "default", "c") == nullptr);
  CHECK(table->find_cache("t1", "default", "s") == nullptr);
  CHECK(table->find_stream("t1", "defaults", "") == nullptr);
  CHECK(table->find_stream("t1default", "", "s") == nullptr);
  CHECK(table->find_stream("", "", "") == nullptr);
}

TEST_CASE("a table in use does not change with the state") {
  State state;
  REQUIRE(execute(state, CreateTenant{"t1", ""}));
  REQUIRE(execute(state, CreateNamespace{"t1", "default", ""}));
  REQUIRE(execute(state, CreateStream{"t1", "default", "s", {}}));
  const auto before = RoutingTable::build(state);
  REQUIRE(execute(state, DeleteStream{"t1", "default", "s"}));
  REQUIRE(execute(state, CreateStream{"t1", "default", "s", {}}));
  const auto after = RoutingTable::build(state);
  CHECK(before->find_stream("t1", "default", "s")->incarnation == 1);
  CHECK(after->find_stream("t1", "default", "s")->incarnation == 2);
  CHECK(after->version() > before->version());
}
