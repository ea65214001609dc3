#include "client/lane.h"

#include <catch2/catch_test_macros.hpp>

#include "json/reader.h"
#include "support/recording_port.h"
#include "wire/json_codec.h"

using namespace felix;
using namespace felix::client;
using felix::test::RecordingPort;

namespace {

template <class Message>
std::vector<std::byte> frame_of(const Message& message) {
  std::vector<std::byte> out;
  wire::append_frame(out, message);
  return out;
}

struct Scene {
  explicit Scene(Lane::Kind kind = Lane::Kind::two_way, std::optional<std::uint16_t> flags = 0x1234,
                 std::optional<std::uint32_t> features = std::nullopt, std::uint32_t features_hi = 0) {
    LaneEvents events;
    events.on_open = [this] { ++opened; };
    events.on_frame = [this](const wire::IncomingFrame&) -> Status {
      ++frames;
      return give_up ? fail(Errc::malformed, "no") : Status{};
    };
    events.on_ended = [this](const Error& error) { ended.push_back(error); };
    lane = std::make_shared<Lane>(kind, 1000, std::move(events));
    lane->attach(port, {"t", "tok", flags, features, features_hi}, {});
  }
  void feed(Bytes bytes, bool finished = false) {
    lane->on_bytes(bytes);
    lane->on_readable(finished, false);
  }

  RecordingPort port;
  std::shared_ptr<Lane> lane;
  int opened = 0;
  int frames = 0;
  bool give_up = false;
  std::vector<Error> ended;
};

}  // namespace

TEST_CASE("A lane's first frame is its auth, and nothing else leaves before the answer") {
  Scene scene;
  wire::Auth auth{"t", "tok", 0x1234, std::nullopt, std::nullopt};
  CHECK(scene.port.take_written() == frame_of(auth));
  scene.lane->send(flow::Slice::copy_of(as_bytes("early")));
  CHECK(scene.port.take_written().empty());
  CHECK(scene.lane->state() == Lane::State::authenticating);
}

TEST_CASE("What both offered is agreed, whatever else the broker has") {
  Scene scene;
  scene.feed(frame_of(wire::AuthOk{0x7FFF, 0x44, std::nullopt, std::nullopt, 9}));
  CHECK(scene.opened == 1);
  CHECK(scene.lane->agreement().flags == 0x1234);
  CHECK(scene.lane->agreement().features == 0x44);
  CHECK(scene.lane->agreement().publish_window == 9);
  CHECK(scene.port.consumed_bytes() > 0);
}

TEST_CASE("A second feature word is said beside the first alone, and agreed where the broker says it too") {
  constexpr std::uint32_t kHi = wire::kFeatureHiBinaryCache;
  constexpr std::uint32_t kExtended = wire::kFeatureExtended;
  Scene without(Lane::Kind::two_way, 0x1234, std::nullopt, kHi);
  CHECK(without.port.take_written() == frame_of(wire::Auth{"t", "tok", 0x1234, std::nullopt, std::nullopt}));
  Scene none(Lane::Kind::two_way, 0x1234, 0x4, 0);
  CHECK(none.port.take_written() == frame_of(wire::Auth{"t", "tok", 0x1234, 0x4, std::nullopt}));
  const auto agreed = [&](std::optional<std::uint32_t> word, std::optional<std::uint32_t> second) {
    Scene scene(Lane::Kind::two_way, 0x1234, 0x4, kHi);
    CHECK(scene.port.take_written() == frame_of(wire::Auth{"t", "tok", 0x1234, 0x4 | kExtended, kHi}));
    scene.feed(frame_of(wire::AuthOk{0x7FFF, word, second, std::nullopt, std::nullopt}));
    CHECK(scene.lane->open());
    return scene.lane->agreement().features_hi;
  };
  CHECK(agreed(kExtended, kHi) == kHi);
  CHECK(agreed(kExtended, kHi | 1) == kHi);
  CHECK(agreed(kExtended, 1) == 0);
  CHECK(agreed(kExtended, std::nullopt) == 0);
  CHECK(agreed(0x4, kHi) == 0);
  CHECK(agreed(std::nullopt, std::nullopt) == 0);
}

TEST_CASE("A plain ok agrees on the original flags") {
  Scene scene(Lane::Kind::two_way, std::nullopt);
  scene.feed(frame_of(wire::Ok{}));
  CHECK(scene.lane->open());
  CHECK(scene.lane->agreement().flags == wire::kOriginalFlags);
}

TEST_CASE("A refused auth ends the lane with the broker's words and its code when it has one") {
  Scene plain;
  plain.feed(frame_of(wire::ErrorMessage{"no idea who you are", std::nullopt}), true);
  CHECK(plain.ended == std::vector{Error{Errc::unauthenticated, "no idea who you are"}});
  CHECK(plain.port.finished());
  Scene coded;
  coded.feed(frame_of(wire::ErrorMessage{"later", wire::error_info(Errc::draining)}), true);
  CHECK(coded.ended == std::vector{Error{Errc::draining, "later"}});
}

TEST_CASE("FIN without an answer is the broker gone, FIN inside a frame is an error") {
  Scene gone;
  gone.feed({}, true);
  REQUIRE(gone.ended.size() == 1);
  CHECK(gone.ended[0].code == Errc::unavailable);
  Scene cut;
  const auto answer = frame_of(wire::Ok{});
  cut.feed(Bytes(answer).first(answer.size() - 1), true);
  REQUIRE(cut.ended.size() == 1);
  CHECK(cut.ended[0].code == Errc::malformed);
}

TEST_CASE("Garbage, foreign versions and frames over the cap end the lane") {
  for (const std::string_view bad :
       {std::string_view("GET / HTTP/1.1\r\n\r\n"), std::string_view("FLX1\0\2\0\0\0\0\0\0", 12),
        std::string_view("FLX1\0\1\0\0\xff\xff\xff\xff", 12)}) {
    Scene scene;
    scene.feed(as_bytes(bad));
    CHECK(scene.ended.size() == 1);
    CHECK(scene.port.reading_stopped());
  }
}

TEST_CASE("The owner may give the lane up in the middle of an event") {
  Scene scene;
  auto bytes = frame_of(wire::Ok{});
  for (int i = 0; i < 3; ++i) {
    const auto more = frame_of(wire::Ok{});
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  scene.give_up = true;
  scene.feed(bytes);
  CHECK(scene.frames == 1);
  CHECK(scene.ended.size() == 1);
  Scene abandoned;
  abandoned.lane->abandon();
  abandoned.feed(bytes, true);
  CHECK(abandoned.opened == 0);
  CHECK(abandoned.ended.empty());
}

TEST_CASE("A one-way lane is open at once and ends when the broker stops reading") {
  Scene scene(Lane::Kind::one_way);
  CHECK(scene.opened == 1);
  scene.lane->send(flow::Slice::copy_of(as_bytes("x")));
  CHECK(as_text(scene.port.written()).back() == 'x');
  scene.lane->on_writable(true);
  CHECK(scene.ended.size() == 1);
}
