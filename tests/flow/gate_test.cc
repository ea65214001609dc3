#include "flow/gate.h"

#include <optional>

#include <catch2/catch_test_macros.hpp>

using felix::flow::Gate;

TEST_CASE("A closed gate lets nobody in, and tells once when the last one has left") {
  Gate gate;
  std::optional<Gate::Pass> first = gate.try_enter();
  std::optional<Gate::Pass> second = gate.try_enter();
  CHECK(*first);
  CHECK(gate.inside() == 2);
  int told = 0;
  gate.close([&] { ++told; });
  CHECK(gate.closed());
  CHECK_FALSE(gate.try_enter());
  first.reset();
  CHECK(told == 0);
  second.reset();
  CHECK(told == 1);
  CHECK(gate.inside() == 0);
}

TEST_CASE("An empty gate tells at once when it is closed") {
  Gate gate;
  {
    const Gate::Pass pass = gate.try_enter();
  }
  int told = 0;
  gate.close([&] { ++told; });
  CHECK(told == 1);
}

TEST_CASE("A pass leaves once, wherever it was moved") {
  Gate gate;
  Gate::Pass pass = gate.try_enter();
  Gate::Pass moved = std::move(pass);
  CHECK_FALSE(pass);  // NOLINT(bugprone-use-after-move): the state is promised
  CHECK(gate.inside() == 1);
  moved = gate.try_enter();
  CHECK(gate.inside() == 1);
  moved = Gate::Pass();
  CHECK(gate.inside() == 0);
}
