#include "authz/grants.h"

#include <algorithm>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using namespace felix::authz;

namespace {

std::shared_ptr<const Grants> grants_of(std::vector<std::string> permissions,
                                        std::string_view tenant = "t1") {
  return Grants::compile(tenant, permissions);
}

std::vector<Action> all_actions() {
  std::vector<Action> actions;
  for (std::size_t i = 0; i < kActionCount; ++i) actions.push_back(static_cast<Action>(i));
  return actions;
}

}  // namespace

TEST_CASE("every action has a name that leads back to it") {
  for (const Action action : all_actions()) CHECK(find_action(to_string(action)) == action);
  CHECK_FALSE(find_action(""));
  CHECK_FALSE(find_action("stream.publis"));
}

TEST_CASE("a grant on a stream permits its action there and nothing else anywhere") {
  for (const Action granted : {Action::stream_publish, Action::stream_subscribe, Action::stream_manage}) {
    const auto grants = grants_of({std::string(to_string(granted)) + ":stream:t1/default/orders"});
    for (const Action asked : all_actions()) {
      for (const std::string_view tenant : {"t1", "t2", "", "*"}) {
        for (const std::string_view ns : {"default", "other", "", "*"}) {
          for (const std::string_view stream : {"orders", "orders2", "order", "", "*", "orders/x"}) {
            const bool expected = asked == granted && tenant == "t1" && ns == "default" && stream == "orders";
            INFO(to_string(asked) << " on " << tenant << "/" << ns << "/" << stream);
            CHECK(grants->allows(asked, stream_object(tenant, ns, stream)) == expected);
            CHECK(grants->decide(asked, stream_object(tenant, ns, stream)).allowed == expected);
            CHECK_FALSE(grants->allows(asked, cache_object(tenant, ns, stream)));
          }
        }
        CHECK_FALSE(grants->allows(asked, tenant_object(tenant)));
        CHECK_FALSE(grants->allows(asked, namespace_object(tenant, "default")));
        CHECK_FALSE(grants->allows(asked, node_object("a")));
      }
    }
  }
}

TEST_CASE("a wildcard covers every name in its place, slashes included, and no other tenant") {
  const auto one = grants_of({"stream.publish:stream:t1/default/*"});
  CHECK(one->allows(Action::stream_publish, stream_object("t1", "default", "orders")));
  CHECK(one->allows(Action::stream_publish, stream_object("t1", "default", "a/b")));
  CHECK(one->allows(Action::stream_publish, stream_object("t1", "default", "")));
  CHECK_FALSE(one->allows(Action::stream_publish, stream_object("t1", "default/a", "b")));
  CHECK_FALSE(one->allows(Action::stream_publish, stream_object("t1", "other", "orders")));
  for (const std::string permission : {"stream.publish:stream:t1/*/*", "stream.publish:stream:t1/*"}) {
    const auto all = grants_of({permission});
    CHECK(all->allows(Action::stream_publish, stream_object("t1", "other", "orders")));
    CHECK_FALSE(all->allows(Action::stream_publish, stream_object("t2", "other", "orders")));
    CHECK_FALSE(all->allows(Action::stream_subscribe, stream_object("t1", "other", "orders")));
  }
}

TEST_CASE("tenant.manage holds everything in its tenant and nothing of the cluster") {
  const auto grants = grants_of({"tenant.manage:tenant:t1"});
  for (const Action action : all_actions()) {
    const bool global = action == Action::node_view || action == Action::node_manage;
    INFO(to_string(action));
    CHECK(grants->allows(action, stream_object("t1", "any", "thing")) == !global);
    CHECK(grants->allows(action, cache_object("t1", "any", "thing", "key")) == !global);
    CHECK(grants->allows(action, group_object("t1", "any", "thing", "g")) == !global);
    CHECK(grants->allows(action, tenant_object("t1")) == !global);
    CHECK(grants->allows(action, namespace_object("t1", "any")) == !global);
    CHECK_FALSE(grants->allows(action, stream_object("t2", "any", "thing")));
    CHECK_FALSE(grants->allows(action, tenant_object("t2")));
    CHECK_FALSE(grants->allows(action, node_object("a")));
    CHECK_FALSE(grants->allows(action, cluster_object()));
  }
}

TEST_CASE("ns.manage holds the streams, caches and groups of its namespace, not its tenant") {
  const auto grants = grants_of({"ns.manage:namespace:t1/default"});
  for (const Action action : {Action::stream_manage, Action::stream_publish, Action::stream_subscribe}) {
    CHECK(grants->allows(action, stream_object("t1", "default", "s")));
    CHECK_FALSE(grants->allows(action, stream_object("t1", "other", "s")));
    CHECK_FALSE(grants->allows(action, stream_object("t2", "default", "s")));
  }
  for (const Action action : {Action::cache_manage, Action::cache_read, Action::cache_write})
    CHECK(grants->allows(action, cache_object("t1", "default", "c")));
  CHECK(grants->allows(Action::group_consume, group_object("t1", "default", "s", "g")));
  CHECK(grants->allows(Action::ns_manage, namespace_object("t1", "default")));
  CHECK_FALSE(grants->allows(Action::ns_manage, namespace_object("t1", "other")));
  CHECK_FALSE(grants->allows(Action::tenant_manage, tenant_object("t1")));
  CHECK_FALSE(grants->allows(Action::rbac_view, tenant_object("t1")));
}

TEST_CASE("subscribing holds consuming in groups, managing a stream holds managing its groups") {
  const auto subscriber = grants_of({"stream.subscribe:stream:t1/default/s"});
  CHECK(subscriber->allows(Action::group_consume, group_object("t1", "default", "s", "g")));
  CHECK_FALSE(subscriber->allows(Action::group_manage, group_object("t1", "default", "s", "g")));
  CHECK_FALSE(subscriber->allows(Action::group_consume, group_object("t1", "default", "other", "g")));
  const auto manager = grants_of({"stream.manage:stream:t1/default/*"});
  CHECK(manager->allows(Action::group_manage, group_object("t1", "default", "s", "g")));
  CHECK_FALSE(manager->allows(Action::group_consume, group_object("t1", "default", "s", "g")));
  CHECK_FALSE(manager->allows(Action::stream_publish, stream_object("t1", "default", "s")));
}

TEST_CASE("who holds a grant on groups of a stream is confined to those") {
  const auto grants =
      grants_of({"stream.subscribe:stream:t1/default/*", "group.consume:group:t1/default/s/mine"});
  CHECK(grants->allows(Action::group_consume, group_object("t1", "default", "s", "mine")));
  CHECK_FALSE(grants->allows(Action::group_consume, group_object("t1", "default", "s", "other")));
  CHECK(grants->allows(Action::group_consume, group_object("t1", "default", "elsewhere", "other")));
  CHECK(grants->allows(Action::stream_subscribe, stream_object("t1", "default", "s")));
}

TEST_CASE("a grant on a cache covers its keys, one on keys never the cache") {
  const auto whole = grants_of({"cache.read:cache:t1/default/c"});
  CHECK(whole->allows(Action::cache_read, cache_object("t1", "default", "c")));
  CHECK(whole->allows(Action::cache_read, cache_object("t1", "default", "c", "any")));
  CHECK_FALSE(whole->allows(Action::cache_write, cache_object("t1", "default", "c", "any")));
  const auto one = grants_of({"cache.read:cache:t1/default/c/user/1"});
  CHECK(one->allows(Action::cache_read, cache_object("t1", "default", "c", "user/1")));
  CHECK_FALSE(one->allows(Action::cache_read, cache_object("t1", "default", "c", "user/10")));
  CHECK_FALSE(one->allows(Action::cache_read, cache_object("t1", "default", "c")));
  const auto prefix = grants_of({"cache.read:cache:t1/default/c/user/*"});
  CHECK(prefix->allows(Action::cache_read, cache_object("t1", "default", "c", "user/")));
  CHECK(prefix->allows(Action::cache_read, cache_object("t1", "default", "c", "user/1")));
  CHECK_FALSE(prefix->allows(Action::cache_read, cache_object("t1", "default", "c", "users")));
  CHECK_FALSE(prefix->allows(Action::cache_read, cache_object("t1", "default", "c")));
  const auto every_key = grants_of({"cache.read:cache:t1/default/c/*"});
  CHECK(every_key->allows(Action::cache_read, cache_object("t1", "default", "c", "")));
  CHECK_FALSE(every_key->allows(Action::cache_read, cache_object("t1", "default", "c")));
}

TEST_CASE("cluster grants reach nodes, node grants only theirs") {
  const auto cluster = grants_of({"node.view:cluster:*"});
  CHECK(cluster->allows(Action::node_view, cluster_object()));
  CHECK(cluster->allows(Action::node_view, node_object("a")));
  CHECK_FALSE(cluster->allows(Action::node_manage, node_object("a")));
  const auto node = grants_of({"node.manage:node:a"});
  CHECK(node->allows(Action::node_manage, node_object("a")));
  CHECK_FALSE(node->allows(Action::node_manage, node_object("b")));
  CHECK_FALSE(node->allows(Action::node_manage, cluster_object()));
}

TEST_CASE("what is not understood or lies in another tenant grants nothing and is counted") {
  const auto grants =
      grants_of({"stream.publish:stream:t2/default/s", "stream.teleport:stream:t1/default/s",
                 "stream.publish", "", "stream.publish:stream:*/*/*", "tenant.manage:stream:t1/default/x",
                 "stream.publish:stream:t1/default/mine"});
  CHECK(grants->ignored() == 5);
  CHECK(grants->allows(Action::stream_publish, stream_object("t1", "default", "mine")));
  CHECK_FALSE(grants->allows(Action::stream_publish, stream_object("t2", "default", "s")));
  CHECK_FALSE(grants->allows(Action::stream_publish, stream_object("t1", "default", "x")));
}

TEST_CASE("a refusal says why") {
  const auto grants = grants_of({});
  CHECK(grants->decide(Action::stream_publish, stream_object("t1", "default", "s")).reason ==
        "no grant of stream.publish on stream:t1/default/s");
  CHECK(grants->decide(Action::cache_read, cache_object("t2", "default", "c", "k")).reason ==
        "cache:t2/default/c is of another tenant than the token's, t1");
  CHECK(grants_of({"tenant.manage:tenant:t1"})
            ->decide(Action::ns_manage, namespace_object("t1", "x"))
            .reason.empty());
}
