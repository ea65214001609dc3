#include "config/stream_policy.h"

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using namespace felix::config;

TEST_CASE("a stream's policy names streams exactly, by their beginning, or all of them") {
  const auto exact = parse_stream_policy("t1/default/orders=block");
  REQUIRE(exact);
  CHECK(exact->policy == QueuePolicy::block);
  CHECK(exact->queue_capacity == 0);
  CHECK(exact->applies_to("t1", "default", "orders"));
  CHECK_FALSE(exact->applies_to("t1", "default", "orders2"));
  CHECK_FALSE(exact->applies_to("t2", "default", "orders"));
  const auto prefix = parse_stream_policy("*/*/audit-*=drop_old:64");
  REQUIRE(prefix);
  CHECK(prefix->queue_capacity == 64);
  CHECK(prefix->applies_to("any", "where", "audit-"));
  CHECK_FALSE(prefix->applies_to("any", "where", "audit"));
  // Names may hold what separates the policy from them.
  const auto odd = parse_stream_policy("t/n/a=b:c=drop_new:1");
  REQUIRE(odd);
  CHECK(odd->applies_to("t", "n", "a=b:c"));
}

TEST_CASE("what is no stream's policy is refused with what is wrong with it") {
  for (const auto& [text, words] : {std::pair{"orders", "TENANT/NAMESPACE/STREAM=POLICY"},
                                    {"a/b=block", "TENANT/NAMESPACE/STREAM"},
                                    {"a/b/c/d=block", "TENANT/NAMESPACE/STREAM"},
                                    {"a/b/=block", "TENANT/NAMESPACE/STREAM"},
                                    {"a/*b/c=block", "TENANT/NAMESPACE/STREAM"},
                                    {"a/b/c=drop", "drop_new, drop_old and block"},
                                    {"a/b/c=block:0", "from 1 to 1000000"},
                                    {"a/b/c=block:x", "from 1 to 1000000"},
                                    {"a/b/c=", "drop_new, drop_old and block"}}) {
    const auto refused = parse_stream_policy(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::usage);
    INFO(refused.error().context);
    CHECK(refused.error().context.contains(words));
    CHECK(refused.error().context.contains(text));
  }
}
