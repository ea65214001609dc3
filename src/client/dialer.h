#pragma once
// Makes one QUIC connection out of a list of servers: their addresses are tried in order, the next one
// joining when an earlier one has not answered within a moment, and the first that is ready wins.
//
// Threads: the loop's. Its sockets stay open between dials.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "client/options.h"
#include "crypto/pem_file.h"
#include "io/address.h"
#include "io/loop.h"
#include "transport/connection.h"
#include "transport/endpoint.h"

namespace felix::client {

struct DialerEvents {
  // Exactly one of these two follows dial(), not from inside it.
  std::function<void(transport::Connection&, const std::string& server)> on_connected;
  std::function<void(const Error&)> on_failed;
  // Of the winner, afterwards.
  std::function<void(transport::Channel&)> on_channel;
  std::function<void()> on_channel_credit;
  std::function<void(const transport::CloseReason&)> on_closed;
};

class Dialer {
 public:
  static constexpr Duration kStagger = std::chrono::milliseconds(250);

  Dialer(io::Loop& loop, const ConnectOptions& options, DialerEvents events);
  ~Dialer();
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  // Begins; resolving names blocks. Any winner of an earlier dial must be gone.
  void dial();
  // Closes what there is, the winner too, and sends the goodbyes; no event follows.
  void close(const std::string& reason);

 private:
  struct Candidate {
    std::string server;  // as configured, with the port
    io::Address address;
    std::shared_ptr<const crypto::TlsClientContext> tls;
  };
  struct Attempt;

  Status collect_candidates();
  Result<crypto::Pem> ca() const;
  Result<transport::Endpoint*> endpoint(int family);
  void start_next();
  void begin(Candidate candidate);
  void on_ready(const std::shared_ptr<Attempt>& attempt);
  void on_closed(const std::shared_ptr<Attempt>& attempt, const transport::CloseReason& reason);
  void fail_attempt(Error error);
  void drop_attempts(const Attempt* except);

  io::Loop& loop_;
  const ConnectOptions& options_;
  DialerEvents events_;
  std::unique_ptr<transport::Endpoint> endpoints_[2];  // IPv4, IPv6
  std::vector<Candidate> candidates_;
  std::size_t next_candidate_ = 0;
  std::vector<std::shared_ptr<Attempt>> attempts_;
  bool dialing_ = false;
  Error failure_;  // the most telling so far
  bool failed_ = false;
  io::Timer next_timer_;
};

}  // namespace felix::client
