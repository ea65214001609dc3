#include "metadata/snapshot.h"

#include <random>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "metadata/command.h"
#include "support/seed.h"

using namespace felix;
using namespace felix::metadata;

namespace {

std::string pick(std::mt19937_64& random) {
  static constexpr std::string_view kNames[] = {"a", "b", "\"c\"", "d\xc3\xa9", "e f", "a!"};
  return std::string(kNames[random() % std::size(kNames)]);
}

Command random_command(std::mt19937_64& random) {
  StreamProperties stream;
  stream.kind = static_cast<StreamKind>(random() % 3);
  stream.shards = static_cast<std::uint32_t>(1 + random() % 3);
  stream.durability = static_cast<Durability>(random() % 4);
  if (random() % 2 == 0) stream.retention.max_age_seconds = random();
  if (random() % 2 == 0) stream.retention.max_size_bytes = UINT64_MAX;
  stream.consistency = static_cast<Consistency>(random() % 2);
  stream.delivery = static_cast<Delivery>(random() % 2);
  stream.routing = static_cast<Routing>(random() % 2);
  if (random() % 2 == 0) stream.region = "eu";
  CacheProperties cache;
  cache.display_name = pick(random);
  cache.default_ttl_ms = random();
  const std::string tenant = pick(random), ns = pick(random), name = pick(random);
  switch (random() % 10) {
    case 0:
      return CreateTenant{tenant, ns};
    case 1:
      return CreateTenant{tenant, ""};
    case 2:
      return DeleteTenant{tenant};
    case 3:
    case 4:
      return CreateNamespace{tenant, ns, ""};
    case 5:
      return DeleteNamespace{tenant, ns};
    case 6:
      return CreateStream{tenant, ns, name, stream};
    case 7:
      return DeleteStream{tenant, ns, name};
    case 8:
      return CreateCache{tenant, ns, name, cache};
    default:
      return DeleteCache{tenant, ns, name};
  }
}

State small_state() {
  State state;
  REQUIRE(execute(state, CreateTenant{"t1", "Tenant"}));
  REQUIRE(execute(state, CreateNamespace{"t1", "default", ""}));
  REQUIRE(execute(state, CreateStream{"t1", "default", "s", {}}));
  REQUIRE(execute(state, CreateCache{"t1", "default", "c", {}}));
  return state;
}

}  // namespace

TEST_CASE("the snapshot at v and the deltas since v are the state of now, through JSON too") {
  std::mt19937_64 random(test::seed());
  State state;
  std::vector<std::string> snapshots{encode_snapshot(state)};  // by version
  std::vector<std::string> deltas;                             // deltas[v] leads from v to v + 1
  std::set<std::uint64_t> incarnations;
  for (int step = 0; step < 1500; ++step) {
    const State before = state;
    const auto delta = execute(state, random_command(random));
    if (!delta || delta->changes.empty()) {
      REQUIRE(state == before);
      continue;
    }
    REQUIRE(state.version() == before.version() + 1);
    if (const auto* created = std::get_if<StreamRecord>(&delta->changes[0].record);
        created != nullptr && delta->changes[0].op == Change::Op::created)
      REQUIRE(incarnations.insert(created->incarnation).second);
    deltas.push_back(encode_delta(*delta));
    snapshots.push_back(encode_snapshot(state));
  }
  REQUIRE(deltas.size() > 50);
  for (int round = 0; round < 20; ++round) {
    const std::size_t from = random() % snapshots.size();
    auto follower = decode_snapshot(snapshots[from]);
    REQUIRE(follower);
    REQUIRE(follower->version() == from);
    for (std::size_t v = from; v < deltas.size(); ++v) {
      const auto delta = decode_delta(deltas[v]);
      REQUIRE(delta);
      REQUIRE(advance(*follower, *delta));
      REQUIRE(encode_snapshot(*follower) == snapshots[v + 1]);
    }
    REQUIRE(*follower == state);
  }
}

TEST_CASE("a delta that is not the next one is refused and changes nothing") {
  State state = small_state();
  const State before = state;
  State ahead = state;
  REQUIRE(execute(ahead, CreateTenant{"t2", ""}));
  const auto gap = plan(ahead, CreateTenant{"t3", ""});
  REQUIRE(gap);
  for (const Delta& wrong : {*gap, Delta{state.version(), gap->changes}, Delta{0, {}}}) {
    const auto advanced = advance(state, wrong);
    REQUIRE_FALSE(advanced);
    CHECK(advanced.error().code == Errc::corrupt);
    CHECK(state == before);
  }
}

TEST_CASE("a delta that does not fit is refused whole") {
  State state = small_state();
  const State before = state;
  const Change good{Change::Op::created, TenantRecord{"t2", ""}};
  const std::vector<Change> bad{
      {Change::Op::created, TenantRecord{"t1", ""}},
      {Change::Op::created, NamespaceRecord{"nobody", "x", ""}},
      {Change::Op::created, StreamRecord{"t1", "nowhere", "s", 9, {}}},
      {Change::Op::created, StreamRecord{"t1", "default", "new", 0, {}}},
      {Change::Op::created, StreamRecord{"t1", "default", "s", 9, {}}},
      {Change::Op::created, StreamRecord{"t1", "default", "*", 9, {}}},
      {Change::Op::created, CacheRecord{"t1", "default", "new", 9, {.shards = 0}}},
      {Change::Op::deleted, TenantRecord{"t1", "Tenant"}},
      {Change::Op::deleted, NamespaceRecord{"t1", "default", ""}},
      {Change::Op::deleted, StreamRecord{"t1", "default", "s", 7, {}}},
      {Change::Op::deleted, CacheRecord{"t1", "default", "gone", 1, {}}},
  };
  for (const Change& change : bad) {
    CHECK_FALSE(advance(state, Delta{state.version() + 1, {change}}));
    CHECK(state == before);
    CHECK_FALSE(advance(state, Delta{state.version() + 1, {good, change}}));
    CHECK(state == before);
  }
  CHECK(advance(state, Delta{state.version() + 1, {good}}));
}

TEST_CASE("a snapshot has one spelling") {
  State state;
  REQUIRE(execute(state, CreateTenant{"t1", ""}));
  REQUIRE(execute(state, CreateNamespace{"t1", "n", ""}));
  REQUIRE(execute(
      state, CreateStream{"t1", "n", "s", {.retention = {.max_age_seconds = 60, .max_size_bytes = {}}}}));
  CHECK(
      encode_snapshot(state) ==
      R"({"format":1,"version":3,"next_incarnation":2,"tenants":[{"tenant_id":"t1","display_name":""}],)"
      R"("namespaces":[{"tenant_id":"t1","namespace":"n","display_name":""}],)"
      R"("streams":[{"tenant_id":"t1","namespace":"n","stream":"s","incarnation":1,"kind":"Stream","shards":1,)"
      R"("durable":false,"retention":{"max_age_seconds":60},"consistency":"Leader","delivery":"AtMostOnce",)"
      R"("routing":"modulo","region":""}],"caches":[]})");
}

TEST_CASE("a stream says how durable it is; one that only says that it is promises all there is") {
  State state;
  REQUIRE(execute(state, CreateTenant{"t1", ""}));
  REQUIRE(execute(state, CreateNamespace{"t1", "n", ""}));
  REQUIRE(execute(state, CreateStream{"t1", "n", "s", {.durability = Durability::written}}));
  std::string text = encode_snapshot(state);
  constexpr std::string_view kWords = R"("durable":true,"durability":"written",)";
  const std::size_t at = text.find(kWords);
  REQUIRE(at != std::string::npos);
  CHECK(decode_snapshot(text)->find_stream("t1", "n", "s")->properties.durability == Durability::written);
  text.replace(at, kWords.size(), R"("durable":true,)");
  CHECK(decode_snapshot(text)->find_stream("t1", "n", "s")->properties.durability == Durability::synced);
}

TEST_CASE("a snapshot of a newer format is told apart from a broken one") {
  const auto newer = decode_snapshot(R"({"format":2})");
  REQUIRE_FALSE(newer);
  CHECK(newer.error().code == Errc::newer_version);
  CHECK(decode_delta(R"({"format":2})").error().code == Errc::newer_version);
}

TEST_CASE("a snapshot that is broken or contradicts itself is refused") {
  const std::string good = encode_snapshot(small_state());
  REQUIRE(decode_snapshot(good));
  const std::pair<std::string_view, std::string_view> edits[] = {
      {R"("format":1,)", ""},
      {R"("version":4)", R"("version":"4")"},
      {R"("next_incarnation":3)", R"("next_incarnation":2)"},
      {R"("incarnation":2)", R"("incarnation":1)"},
      {R"("incarnation":2)", R"("incarnation":0)"},
      {R"("kind":"Stream")", R"("kind":"stream")"},
      {R"("shards":1)", R"("shards":4294967297)"},
      {R"("shards":1)", R"("shards":0)"},
      {R"("durable":false)", R"("durable":0)"},
      {R"("durable":false)", R"("durable":false,"durability":"synced")"},
      {R"("durable":false)", R"("durable":true,"durability":"memory")"},
      {R"("durable":false)", R"("durable":true,"durability":"forever")"},
      {R"("durable":false)", R"("durable":true,"durability":1)"},
      {R"("retention":{})", R"("retention":null)"},
      {R"("namespace":"default","stream")", R"("namespace":"none","stream")"},
      {R"("stream":"s")", R"("stream":"*")"},
      {R"("caches":)", R"("cashes":)"},
      {R"("tenants":[)", R"("tenants":[7,)"},
  };
  for (const auto& [from, to] : edits) {
    INFO(from << " -> " << to);
    std::string text = good;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    const auto decoded = decode_snapshot(text);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == Errc::corrupt);
  }
  for (std::size_t cut = 0; cut < good.size(); ++cut)
    CHECK(decode_snapshot(std::string_view(good).substr(0, cut)).error().code == Errc::corrupt);
}
