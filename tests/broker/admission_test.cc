#include "broker/admission.h"

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using broker::Admission;

namespace {

io::Address at(const std::string& text) { return io::Address::parse(text).value(); }

}  // namespace

TEST_CASE("connections are counted in all and by host, whatever the port") {
  Admission admission({.connections = 3, .per_source = 2}, 7);
  const io::Address one = at("10.0.0.1:1000"), same = at("10.0.0.1:2000"), other = at("[2001:db8::1]:1000");
  admission.enter(one);
  CHECK(admission.has_room(same));
  admission.enter(same);
  CHECK_FALSE(admission.has_room(one));
  CHECK(admission.has_room(other));
  admission.enter(other);
  CHECK_FALSE(admission.has_room(other));
  CHECK(admission.connections() == 3);
  admission.leave(same);
  CHECK(admission.has_room(one));
  admission.leave(one);
  admission.leave(other);
  CHECK(admission.connections() == 0);
}

TEST_CASE("zero means unlimited") {
  Admission admission({.connections = 0, .per_source = 0}, 7);
  for (int i = 0; i < 1000; ++i) admission.enter(at("10.0.0.1:1000"));
  CHECK(admission.has_room(at("10.0.0.1:1")));
}

TEST_CASE("a source is known while one of its connections is authenticated") {
  Admission admission({}, 7);
  const io::Address source = at("10.0.0.1:1000"), port = at("10.0.0.1:7"), other = at("10.0.0.2:1000");
  CHECK_FALSE(admission.knows(source));
  admission.note_authenticated(source, true);
  admission.note_authenticated(port, true);
  CHECK(admission.knows(port));
  CHECK_FALSE(admission.knows(other));
  admission.note_authenticated(source, false);
  CHECK(admission.knows(source));
  admission.note_authenticated(port, false);
  CHECK_FALSE(admission.knows(source));
}
