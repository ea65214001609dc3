#pragma once
// A bad network between clients and one server on loopback: everything clients send to address() reaches the
// server from a socket of its own per client, as behind a NAT, and back, subject to seeded faults. Its times
// are those of the Loop's clock, so that it runs as well in the time of a test.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/address.h"
#include "io/loop.h"
#include "io/udp_socket.h"
#include "support/impairment.h"

namespace felix::test {

class UdpRelay {
 public:
  UdpRelay(io::Loop& loop, const io::Address& server, std::uint64_t seed);
  UdpRelay(const UdpRelay&) = delete;
  UdpRelay& operator=(const UdpRelay&) = delete;

  // Where clients send to.
  const io::Address& address() const { return front_->local(); }
  RelayFaults to_server;
  RelayFaults to_client;
  // Of both directions.
  RelayCounts counts() const;
  const RelayCounts& counts_to_server() const { return server_side_.counts; }
  const RelayCounts& counts_to_client() const { return client_side_.counts; }
  // Bytes of the largest datagram that was forwarded since the last call.
  std::size_t take_largest_to_server() { return std::exchange(server_side_.largest, 0); }
  std::size_t take_largest_to_client() { return std::exchange(client_side_.largest, 0); }

  // The NAT forgets: from now on the server sees every client at a new port of `host` (a numeric loopback
  // address; empty: the same as before), and what is sent to the old one is lost.
  void rebind(const std::string& host = {});

  // An attacker on the way: while on, the server gets a copy of every datagram from another address, before
  // the datagram itself. What the server sends to the attacker goes nowhere.
  void shadow(bool on);
  std::uint64_t bytes_to_shadow() const { return shadow_sent_bytes_; }  // attacker's to the server
  std::uint64_t bytes_from_server_to_shadow() const { return shadow_got_bytes_; }

 private:
  // One client as the server sees it.
  struct Flow {
    io::Address client;
    std::unique_ptr<io::UdpSocket> socket;
    std::unique_ptr<io::Watch> watch;
  };
  struct Side {
    explicit Side(std::uint64_t seed) : impairment(seed) {}
    Impairment impairment;
    RelayCounts counts;
    std::size_t largest = 0;
  };
  struct Held {
    Side* side;
    Flow* flow;
    std::uint8_t ecn;
    std::vector<std::byte> bytes;
    std::uint64_t due_turn;  // 0: none
  };
  Flow& flow_of(const io::Address& client);
  void open_flow(Flow& flow, const std::string& host);
  void pass(Side& side, RelayFaults& faults, Flow& flow, const io::Datagram& datagram);
  void forward(const Held& held);
  void on_turn();
  void rearm();

  io::Loop& loop_;
  io::Address server_;
  Side server_side_;
  Side client_side_;
  std::unique_ptr<io::UdpSocket> front_;
  std::map<std::string, Flow> flows_;
  std::multimap<MonoTime, Held> held_;  // by arrival; equal ones in the order of their coming
  std::uint64_t held_by_turn_ = 0;      // how many of them wait for a turn
  std::uint64_t turn_ = 0;
  io::Timer next_turn_;
  std::unique_ptr<io::Watch> front_watch_;
  std::unique_ptr<io::UdpSocket> shadow_;
  std::unique_ptr<io::Watch> shadow_watch_;
  std::uint64_t shadow_sent_bytes_ = 0;
  std::uint64_t shadow_got_bytes_ = 0;
};

}  // namespace felix::test
