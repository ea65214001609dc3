#include "authz/object.h"

#include <catch2/catch_test_macros.hpp>

using namespace felix;

TEST_CASE("objects that can be granted are read") {
  for (const std::string_view text :
       {"tenant:t1", "namespace:t1/default", "namespace:t1/*", "stream:t1/default/orders",
        "stream:t1/default/*", "stream:t1/*/*", "stream:t1/*", "cache:t1/default/c", "cache:t1/default/*",
        "cache:t1/*/*", "cache:t1/default/c/key", "cache:t1/default/c/a/b:c", "cache:t1/default/c/user-*",
        "cache:t1/default/c/*", "group:t1/default/orders/g", "group:t1/default/orders/*", "cluster:*",
        "node:broker-a", "stream:t1/dé/s"}) {
    INFO(text);
    CHECK(authz::parse_object_pattern(text));
  }
}

TEST_CASE("objects that would reach too far or mean nothing are refused") {
  for (const std::string_view text : {"",
                                      "*",
                                      "tenant:",
                                      "tenant:*",
                                      "tenant:t*",
                                      "tenant:a/b",
                                      "tenant:a:b",
                                      "namespace:t1",
                                      "namespace:*/x",
                                      "namespace:t1/",
                                      "namespace:t1/a*",
                                      "namespace:t1/a/b",
                                      "stream:t1",
                                      "stream:t1/default",
                                      "stream:*/*/*",
                                      "stream:t1/*/orders",
                                      "stream:t1/default/or*",
                                      "stream:t1/default/a/b",
                                      "stream:t1//s",
                                      "stream:t1/ns/",
                                      "stream:t1/n:s/s",
                                      "cache:t1/*/c",
                                      "cache:t1/*/*/key",
                                      "cache:t1/default/c/a*b",
                                      "cache:t1/default/c/**",
                                      "group:t1/default/orders",
                                      "group:t1/default/*/g",
                                      "cluster:",
                                      "cluster:a",
                                      "node:",
                                      "node:*",
                                      "node:a/b",
                                      "topic:t1/a",
                                      "stream:t1/ns/a\nb",
                                      "STREAM:t1/ns/s"}) {
    INFO(text);
    const auto parsed = authz::parse_object_pattern(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Errc::invalid_request);
  }
}

TEST_CASE("objects are shown as they are granted, without keys") {
  CHECK(to_string(authz::tenant_object("t")) == "tenant:t");
  CHECK(to_string(authz::stream_object("t", "n", "s")) == "stream:t/n/s");
  CHECK(to_string(authz::cache_object("t", "n", "c", "secret key")) == "cache:t/n/c");
  CHECK(to_string(authz::group_object("t", "n", "s", "g")) == "group:t/n/s/g");
  CHECK(to_string(authz::node_object("a")) == "node:a");
  CHECK(to_string(authz::cluster_object()) == "cluster:*");
}
