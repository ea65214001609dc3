#include "transport/receive_window.h"

#include <memory>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using transport::IngressAccount;
using transport::ReceiveWindow;

namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;

// A peer that sends whenever it may, and is read at once.
struct Flow {
  ReceiveWindow& window;
  MonoTime now{};
  std::uint64_t credit;

  explicit Flow(ReceiveWindow& w) : window(w), credit(w.granted_bytes()) {}
  // Sends all it may, in `step`; everything is handled.
  void round(Duration step) {
    now += step;
    const std::uint64_t sent = credit;
    window.note_received(sent);
    credit -= sent;
    credit += window.give_back(sent, now, [] { return Duration(0); });
  }
};

}  // namespace

TEST_CASE("A window stays small until the peer is trusted, then grows with its use", "[L-82]") {
  IngressAccount account(256 * kMiB);
  ReceiveWindow window(32 * kKiB, 64 * kMiB, &account);
  Flow flow(window);
  for (int i = 0; i < 100; ++i) flow.round(std::chrono::milliseconds(1));
  CHECK(window.target_bytes() == 32 * kKiB);
  CHECK(account.granted.used_bytes() == 32 * kKiB);
  flow.credit += window.trust(flow.now);
  CHECK(window.target_bytes() == kMiB);
  // Ten full windows, each in a short time: as far as it goes.
  for (int i = 0; i < 10; ++i) flow.round(std::chrono::milliseconds(1));
  CHECK(window.target_bytes() == 64 * kMiB);
  CHECK(account.granted.used_bytes() == 64 * kMiB);
}

TEST_CASE("A window that is used slowly does not grow", "[memory]") {
  IngressAccount account(256 * kMiB);
  ReceiveWindow window(32 * kKiB, 64 * kMiB, &account);
  Flow flow(window);
  flow.credit += window.trust(flow.now);
  for (int i = 0; i < 100; ++i) flow.round(std::chrono::seconds(2));
  CHECK(window.target_bytes() == kMiB);
}

TEST_CASE("No connection takes more than its share of the account, and all together leave room for frames",
          "[memory]") {
  IngressAccount account(16 * kMiB);
  std::vector<std::unique_ptr<ReceiveWindow>> windows;
  for (int i = 0; i < 64; ++i)
    windows.push_back(std::make_unique<ReceiveWindow>(32 * kKiB, 64 * kMiB, &account));
  for (auto& window : windows) {
    Flow flow(*window);
    flow.credit += window->trust(flow.now);
    for (int i = 0; i < 10; ++i) flow.round(std::chrono::milliseconds(1));
    CHECK(window->target_bytes() <= 4 * kMiB);
  }
  CHECK(account.granted.used_bytes() <= 12 * kMiB);
  windows.clear();
  CHECK(account.granted.used_bytes() == 0);
}

TEST_CASE("Under pressure a window shrinks as it is used, never below the first", "[memory]") {
  IngressAccount account(16 * kMiB);
  ReceiveWindow window(32 * kKiB, 64 * kMiB, &account);
  Flow flow(window);
  flow.credit += window.trust(flow.now);
  for (int i = 0; i < 10; ++i) flow.round(std::chrono::milliseconds(1));
  REQUIRE(window.target_bytes() == 4 * kMiB);
  const flow::Charge others = account.granted.charge(15 * kMiB);
  for (int i = 0; i < 20; ++i) flow.round(std::chrono::milliseconds(1));
  CHECK(window.target_bytes() <= kMiB);
  const flow::Charge more = account.granted.charge(kMiB);
  for (int i = 0; i < 20; ++i) flow.round(std::chrono::milliseconds(1));
  CHECK(window.target_bytes() == 32 * kKiB);
  CHECK(flow.credit > 0);
}

TEST_CASE("A frame larger than the window comes when the account has room for all of it, else not yet",
          "[memory]") {
  IngressAccount account(8 * kMiB);
  ReceiveWindow window(32 * kKiB, 64 * kMiB, &account);
  window.note_received(10 * kKiB);
  CHECK(window.make_room(22 * kKiB) == 0);
  CHECK(window.make_room(4 * kMiB) == 4 * kMiB - 22 * kKiB);
  CHECK(account.granted.used_bytes() == 4 * kMiB + 10 * kKiB);
  CHECK_FALSE(window.make_room(9 * kMiB));
  // All of it is handled: the window is what it was.
  window.note_received(4 * kMiB);
  CHECK(window.give_back(4 * kMiB + 10 * kKiB, MonoTime{}, [] { return Duration(0); }) == 32 * kKiB);
  CHECK(account.granted.used_bytes() == 32 * kKiB);
  CHECK(account.unread_bytes == 0);
}

TEST_CASE("Every extension is large enough for ngtcp2 to pass it on at once", "[memory]") {
  ReceiveWindow window(4096, 4096, nullptr);
  window.note_received(3000);
  CHECK(window.give_back(1000, MonoTime{}, [] { return Duration(0); }) == 0);
  CHECK(window.give_back(25, MonoTime{}, [] { return Duration(0); }) == 1025);
  CHECK(window.make_room(2122) > 1024);  // one more than there is
}
