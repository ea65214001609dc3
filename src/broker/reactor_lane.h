#pragma once
// The way of messages from one reactor to one other: a mailbox, and behind it what that has no room for. Its
// sender knows how many bytes are on the way, so that it can stop reading publishers before a reactor that
// keeps it waiting makes them many.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "broker/command.h"
#include "io/patient_mailbox.h"

namespace felix::broker {

// Memory that a message keeps alive, in so far as it grows with what clients send.
inline std::size_t held_bytes(const ReactorMessage& message) {
  if (const auto* publish = std::get_if<PublishCommand>(&message)) return publish->records.encoded_bytes();
  if (const auto* delivery = std::get_if<DeliverMessage>(&message))
    return delivery->delivery.run.encoded_bytes();
  if (const auto* cache = std::get_if<CacheCommand>(&message)) return cache->key.size() + cache->value.size();
  if (const auto* packet = std::get_if<ForeignPacket>(&message)) return packet->bytes.size();
  const auto* outcome = std::get_if<OutcomeMessage>(&message);
  if (outcome == nullptr || !outcome->outcome) return 0;
  if (const auto* found = std::get_if<CacheOutcome>(&*outcome->outcome))
    return found->value ? found->value->size() : 0;
  std::size_t history = 0;
  if (const auto* joined = std::get_if<JoinOutcome>(&*outcome->outcome))
    for (const streams::Delivery& delivery : joined->joined.backlog) history += delivery.run.encoded_bytes();
  return history;
}

class ReactorLane {
 public:
  ReactorLane(io::Loop& receiver, std::size_t capacity) : mailbox_(receiver, capacity) {}

  // --- the sender's thread ---
  void push(ReactorMessage&& message) {
    pushed_bytes_ += held_bytes(message);
    mailbox_.post(std::move(message));
  }
  // Now or not at all: false when it would have to wait.
  bool try_push(ReactorMessage&& message) {
    const std::size_t bytes = held_bytes(message);
    if (!mailbox_.try_post(std::move(message))) return false;
    pushed_bytes_ += bytes;
    return true;
  }
  void flush() { mailbox_.flush(); }
  // Messages the mailbox had no room for.
  std::size_t outbox_size() const { return mailbox_.waiting(); }
  // Of all that was pushed and has not been handled.
  std::size_t bytes_on_the_way() const {
    return static_cast<std::size_t>(pushed_bytes_ - handled_bytes_.load(std::memory_order_relaxed));
  }

  // --- the receiver's thread ---
  // Takes at most `limit` messages.
  template <class Visit>
  void drain(std::size_t limit, Visit&& visit) {
    mailbox_.drain(limit, [&](ReactorMessage&& message) {
      const std::size_t bytes = held_bytes(message);
      visit(std::move(message));
      handled_bytes_.store(handled_bytes_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
    });
  }
  bool empty() const { return mailbox_.empty(); }

 private:
  io::PatientMailbox<ReactorMessage> mailbox_;
  std::uint64_t pushed_bytes_ = 0;
  std::atomic<std::uint64_t> handled_bytes_{0};
};

}  // namespace felix::broker
