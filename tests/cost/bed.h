#pragma once
// A broker's reactor and its clients on one thread, over real sockets, each turned in its turn: what is sent
// in one turn is received in the other's next, so what happens does not depend on how fast anything is.
//
// TLS, authentication and all settings are the product's defaults. Failures end the process with a message.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/admission.h"
#include "broker/identity_store.h"
#include "broker/reactor.h"
#include "client/session.h"
#include "cost/memory_use.h"
#include "cost/stepped_clock.h"
#include "io/loop.h"
#include "support/temporary_directory.h"

namespace felix::cost {

inline constexpr const char* kStream = "orders";
inline constexpr const char* kCache = "prices";

[[noreturn]] void give_up(const std::string& why);
template <class T>
T must(Result<T> result) {
  if (!result) give_up(to_string(result.error()));
  return std::move(*result);
}
void must(const Status& status);

// Of the measured part. Instructions and system calls are counted from outside, by callgrind, in the two
// functions of bed.cc that check.py names.
struct Cost {
  MemoryUse broker;
  MemoryUse client;
  std::uint64_t turns = 0;  // of each side
};

class Bed {
 public:
  Bed();
  ~Bed();
  Bed(const Bed&) = delete;
  Bed& operator=(const Bed&) = delete;

  io::Loop& client_loop() { return *client_loop_; }
  // Connected and authenticated, the first one after some turns.
  std::unique_ptr<client::Session> connect();
  client::ConnectOptions connect_options() const;

  using Done = std::function<bool()>;
  // Turns until `done`.
  void warm_up(const Done& done);
  // `begin` counts as the clients' work.
  Cost measure(const std::function<void()>& begin, const Done& done);

 private:
  test::TemporaryDirectory directory_{test::TemporaryDirectory::in_memory()};
  SteppedClock clock_;
  broker::StandaloneIdentity identity_;
  std::string admin_token_;
  broker::Admission admission_;
  broker::MemoryAccounts memory_;
  broker::Common common_;
  std::unique_ptr<broker::Reactor> reactor_;
  std::unique_ptr<io::Loop> client_loop_;
};

}  // namespace felix::cost
