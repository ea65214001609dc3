#pragma once
// A UdpRelay on a thread of its own, for clients and servers that run elsewhere: other threads, other
// processes.

#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "io/clock.h"
#include "io/loop.h"
#include "support/udp_relay.h"

namespace felix::test {

class RelayThread {
 public:
  RelayThread(const io::Address& server, std::uint64_t seed);
  ~RelayThread();
  RelayThread(const RelayThread&) = delete;
  RelayThread& operator=(const RelayThread&) = delete;

  // Where clients send to.
  const io::Address& address() const { return address_; }
  // Runs `change` on the relay's thread and waits until it is done.
  void with(const std::function<void(UdpRelay&)>& change);

 private:
  void run_changes();

  io::SystemClock clock_;
  std::unique_ptr<io::Loop> loop_;
  std::unique_ptr<UdpRelay> relay_;
  io::Address address_;
  std::mutex mutex_;
  std::vector<std::function<void()>> changes_;
  std::unique_ptr<io::EndOfTurn> end_of_turn_;
  std::thread thread_;
};

}  // namespace felix::test
