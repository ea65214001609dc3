#pragma once
// What an Endpoint keeps. Included by the files of this module only.

#include <memory>
#include <unordered_map>
#include <vector>

#include <ngtcp2/ngtcp2.h>

#include "io/udp_socket.h"
#include "transport/connection_id.h"
#include "transport/endpoint.h"
#include "transport/flush.h"

namespace felix::transport {

struct Endpoint::State {
  State(io::Loop& l, std::unique_ptr<io::UdpSocket> s);

  io::Loop& loop;
  std::unique_ptr<io::UdpSocket> socket;
  Endpoint* self = nullptr;
  ListenOptions options;  // of a server; a client keeps the defaults
  EndpointSecrets secrets;
  bool server = false;
  bool accepting = false;
  EndpointCounters counters;

  std::unordered_map<ConnectionId, Connection*, ConnectionIdHash> routes;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections;  // live ones
  std::unique_ptr<HandshakeGate> gate;                                       // of a server

  // A connection whose owner has heard on_closed, kept for a while to repeat its last words.
  struct Grave {
    std::unique_ptr<Connection> connection;
    MonoTime until;
  };
  std::vector<Grave> graves;

  // What is answered without keeping state.
  TokenBucket retries;
  TokenBucket refusals;
  TokenBucket resets;
  TokenBucket version_lists;

  // To be flushed at the end of the turn, in this order: who has something to say, then who was heard. So
  // what a packet brought is on its way to its readers before its sender is answered.
  IntrusiveList<Connection, &Connection::dirty_hook_> dirty;
  IntrusiveList<Connection, &Connection::dirty_hook_> heard;
  IntrusiveList<Connection, &Connection::event_hook_> eventful;
  Flusher flusher;
  io::Watch watch;
  io::Timer grave_timer;
  io::EndOfTurn turn_end;

  ConnectionId new_id() const { return new_connection_id(options.reactor, options.reactor_count); }
  void add_route(const ConnectionId& id, Connection& connection);
  void remove_route(const ConnectionId& id, Connection& connection);
  void note_handshake_over(Connection& connection);

  void on_socket(std::uint32_t events);
  void on_datagram(Bytes bytes, const io::Address& from, std::uint8_t ecn, bool injected);
  void on_new_peer(Bytes bytes, const io::Address& from, std::uint8_t ecn);
  void reply_statelessly(Bytes packet, const io::Address& to);
  // Whether one more of these answers may be given now; counts it when not.
  bool may_answer(TokenBucket& bucket, const Rate& rate);
  void send_retry(const ngtcp2_pkt_hd& header, const io::Address& to);
  void send_refusal(const ngtcp2_pkt_hd& header, std::uint64_t transport_error, const io::Address& to);
  void deliver_events();
  void bury(Connection& connection);
  void visit_graves();
  void forget_routes(const Connection& connection);
  bool end_of_turn();

  Result<Connection*> start_server_connection(const ngtcp2_pkt_hd& header, const io::Address& from,
                                              const ngtcp2_cid* original_dcid);
};

}  // namespace felix::transport
