#include <string>

#include <catch2/catch_test_macros.hpp>

#include "support/recording_port.h"

using namespace felix;

namespace {

void write(flow::Port& port, std::string_view prefix, std::string_view body) {
  port.write(flow::InlineBytes(as_bytes(prefix)), flow::Slice::copy_of(as_bytes(body)));
}

}  // namespace

TEST_CASE("A recording port keeps the bytes in order and counts them until they are acknowledged") {
  test::RecordingPort port;
  write(port, "ab", "cdef");
  write(port, "g", "");
  CHECK(as_text(port.written()) == "abcdefg");
  CHECK(port.writes() == 2);
  CHECK(port.queued_bytes() == 7);
  port.send(3);
  CHECK(port.unsent_bytes() == 4);
  port.acknowledge(5);
  CHECK(port.queued_bytes() == 2);
  CHECK(port.unsent_bytes() == 2);
  CHECK(port.take_written().size() == 7);
  CHECK(port.take_written().empty());
  port.acknowledge();
  CHECK(port.queued_bytes() == 0);
}

TEST_CASE("A recording port ignores writes after the end, and when the peer is gone") {
  test::RecordingPort port;
  port.finish();
  write(port, "late", "");
  CHECK(port.writes() == 0);
  test::RecordingPort lost;
  write(lost, "held", "");
  lost.lose_peer();
  write(lost, "late", "");
  CHECK(as_text(lost.written()) == "held");
  CHECK(lost.queued_bytes() == 0);
}

TEST_CASE("Inline bytes are a few integers and texts, big-endian") {
  flow::InlineBytes bytes;
  bytes.append_be(std::uint32_t{0x01020304});
  bytes.append(as_bytes("x"));
  bytes.append_be(std::uint16_t{0x0506});
  CHECK(as_text(bytes.bytes()) == std::string_view("\1\2\3\4x\5\6", 7));
  CHECK(bytes.size() == 7);
}
