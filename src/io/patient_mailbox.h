#pragma once
// A mailbox that takes everything: what it has no room for waits with the sender, in order, until flush()
// finds room. Bounding what is sent is the sender's part.

#include <cstddef>
#include <utility>

#include "base/ring.h"
#include "io/mailbox.h"

namespace felix::io {

template <class T>
class PatientMailbox {
 public:
  PatientMailbox(Loop& consumer, std::size_t capacity) : mailbox_(consumer, capacity) {}

  // --- the producer's thread ---
  void post(T&& message) {
    if (!try_post(std::move(message))) outbox_.push_back(std::move(message));
  }
  // Now or not at all: false, and `message` untouched, when it would have to wait.
  bool try_post(T&& message) { return outbox_.empty() && mailbox_.try_post(std::move(message)); }
  // True when nothing is left waiting.
  bool flush() {
    while (!outbox_.empty() && mailbox_.try_post(std::move(outbox_.front()))) outbox_.pop_front();
    return outbox_.empty();
  }
  std::size_t waiting() const { return outbox_.size(); }

  // --- the consumer's thread: as of a Mailbox ---
  template <class Visit>
  std::size_t drain(std::size_t limit, Visit&& visit) {
    return mailbox_.drain(limit, std::forward<Visit>(visit));
  }
  bool empty() const { return mailbox_.empty(); }

 private:
  Mailbox<T> mailbox_;
  Ring<T> outbox_;
};

}  // namespace felix::io
