#pragma once
// Stops new work and tells when the work begun before is done. Single-threaded, like the reactor it belongs
// to.

#include <cstddef>
#include <functional>
#include <utility>

#include "base/contract.h"

namespace felix::flow {

class Gate {
 public:
  // One piece of work in progress; leaving is its destructor. The Gate must outlive it.
  class Pass {
   public:
    Pass() = default;
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&& other) noexcept {
      if (this != &other) {
        leave();
        gate_ = std::exchange(other.gate_, nullptr);
      }
      return *this;
    }
    ~Pass() { leave(); }
    explicit operator bool() const { return gate_ != nullptr; }

   private:
    friend class Gate;
    explicit Pass(Gate* gate) : gate_(gate) {}
    void leave() {
      if (gate_ != nullptr) std::exchange(gate_, nullptr)->on_leave();
    }
    Gate* gate_ = nullptr;
  };

  Gate() = default;
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate() { FELIX_ASSERT(inside_ == 0); }

  // An empty Pass once closed.
  Pass try_enter() {
    if (closed_) return {};
    ++inside_;
    return Pass(this);
  }
  // Calls `on_empty` once, when the last Pass is gone (at once if there is none).
  void close(std::function<void()> on_empty) {
    closed_ = true;
    on_empty_ = std::move(on_empty);
    if (inside_ == 0) finish();
  }
  bool closed() const { return closed_; }
  std::size_t inside() const { return inside_; }

 private:
  void on_leave() {
    FELIX_ASSERT(inside_ > 0);
    if (--inside_ == 0 && closed_) finish();
  }
  void finish() {
    if (auto call = std::exchange(on_empty_, nullptr)) call();
  }

  std::size_t inside_ = 0;
  bool closed_ = false;
  std::function<void()> on_empty_;
};

}  // namespace felix::flow
