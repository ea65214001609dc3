#include <deque>
#include <memory>
#include <random>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "base/ids.h"
#include "base/intrusive_list.h"
#include "base/ring.h"
#include "support/seed.h"

using namespace felix;

TEST_CASE("a ring behaves as a deque does, whatever the order of calls") {
  std::mt19937_64 random(test::seed());
  for (const std::size_t capacity : {0u, 1u, 5u, 16u}) {
    Ring<int> ring(capacity);
    std::deque<int> model;
    for (int step = 0; step < 5000; ++step) {
      switch (random() % 5) {
        case 0:
        case 1:
          ring.push_back(step);
          model.push_back(step);
          break;
        case 2:
          if (model.empty()) break;
          REQUIRE(ring.pop_front() == model.front());
          model.pop_front();
          break;
        case 3:
          if (model.empty()) break;
          REQUIRE(ring.pop_back() == model.back());
          model.pop_back();
          break;
        default:
          if (random() % 50 == 0) {
            ring.clear();
            model.clear();
          }
      }
      REQUIRE(ring.size() == model.size());
      for (std::size_t i = 0; i < model.size(); i += 7) REQUIRE(ring[i] == model[i]);
    }
  }
}

TEST_CASE("a ring lets go of an element when it is popped") {
  Ring<std::shared_ptr<int>> ring;
  const auto element = std::make_shared<int>(1);
  ring.push_back(element);
  ring.push_back(element);
  ring.pop_front();
  ring.pop_back();
  CHECK(element.use_count() == 1);
}

namespace {

struct Element {
  int value = 0;
  ListHook<Element> hook;
};
using List = IntrusiveList<Element, &Element::hook>;

std::vector<int> values_of(List& list) {
  std::vector<int> values;
  list.for_each([&](Element& element) { values.push_back(element.value); });
  return values;
}

}  // namespace

TEST_CASE("an intrusive list keeps its order") {
  Element a{1, {}}, b{2, {}}, c{3, {}};
  List list;
  CHECK(list.empty());
  list.push_back(b);
  list.push_back(c);
  list.push_front(a);
  CHECK(values_of(list) == std::vector{1, 2, 3});
  CHECK(list.pop_front() == &a);
  CHECK_FALSE(a.hook.linked());
  list.push_back(a);
  CHECK(values_of(list) == std::vector{2, 3, 1});
}

TEST_CASE("an element leaves its list when it dies or while it is visited") {
  List list;
  Element a{1, {}};
  list.push_back(a);
  {
    Element b{2, {}};
    list.push_back(b);
  }
  CHECK(values_of(list) == std::vector{1});
  Element c{3, {}};
  list.push_back(c);
  list.for_each([](Element& element) { element.hook.unlink(); });
  CHECK(list.empty());
}

TEST_CASE("a list that dies leaves its elements unlinked") {
  Element a{1, {}};
  {
    List list;
    list.push_back(a);
  }
  CHECK_FALSE(a.hook.linked());
}

TEST_CASE("ids of different kinds do not mix") {
  STATIC_REQUIRE_FALSE(std::is_convertible_v<RequestId, SubscriptionId>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::uint64_t, RequestId>);
  CHECK(RequestId(1) < RequestId(2));
}
