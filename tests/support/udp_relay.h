#pragma once
// A bad network between clients and one server on loopback: everything clients send to address() reaches the
// server from a socket of its own per client, and back, subject to seeded faults. Counts turns of the Loop,
// never time.

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "io/address.h"
#include "io/loop.h"
#include "io/udp_socket.h"

namespace felix::test {

// Probabilities from 0 to 1. All may be changed at any time.
struct RelayFaults {
  double drop = 0;
  double duplicate = 0;
  double corrupt = 0;  // one bit is flipped
  double reorder = 0;  // held back for 1 to reorder_turns more turns, so that later datagrams overtake
  unsigned reorder_turns = 8;
  unsigned delay_turns = 0;  // everything is held back so long
  bool blackhole = false;    // drops everything
};

struct RelayCounts {
  std::uint64_t forwarded = 0;
  std::uint64_t dropped = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t corrupted = 0;
  std::uint64_t reordered = 0;
};

class UdpRelay {
 public:
  UdpRelay(io::Loop& loop, const io::Address& server, std::uint64_t seed);
  UdpRelay(const UdpRelay&) = delete;
  UdpRelay& operator=(const UdpRelay&) = delete;

  // Where clients send to.
  const io::Address& address() const { return front_->local(); }
  RelayFaults to_server;
  RelayFaults to_client;
  const RelayCounts& counts() const { return counts_; }

 private:
  // One client as the server sees it.
  struct Flow {
    io::Address client;
    std::unique_ptr<io::UdpSocket> socket;
    std::unique_ptr<io::Watch> watch;
  };
  struct Held {
    std::uint64_t due_turn;
    io::UdpSocket* out;
    io::Address to;
    std::uint8_t ecn;
    std::vector<std::byte> bytes;
  };
  Flow& flow_of(const io::Address& client);
  void pass(const RelayFaults& faults, io::UdpSocket& out, const io::Address& to,
            const io::Datagram& datagram);
  void forward(const Held& held);
  void on_turn();
  bool happens(double probability);

  io::Loop& loop_;
  io::Address server_;
  std::mt19937_64 random_;
  RelayCounts counts_;
  std::unique_ptr<io::UdpSocket> front_;
  std::map<std::string, Flow> flows_;
  std::vector<Held> held_;
  std::uint64_t turn_ = 0;
  io::Timer next_turn_;
  std::unique_ptr<io::Watch> front_watch_;
};

}  // namespace felix::test
