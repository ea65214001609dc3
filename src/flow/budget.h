#pragma once
// Memory accounts of a reactor. A Budget hands out Charges; the holder of the bytes carries the Charge, whose
// destructor gives back. Nobody else invents a memory limit.

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace felix::flow {

class Charge;

// Threads: charged on its reactor; given back from any thread.
class Budget {
 public:
  explicit Budget(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  std::size_t limit_bytes() const { return limit_bytes_; }
  std::size_t used_bytes() const { return used_bytes_.load(std::memory_order_relaxed); }

  // Refuses (nullopt) when the limit would be passed.
  std::optional<Charge> try_charge(std::size_t bytes);
  // Never refuses: for bytes that exist already (they were bounded elsewhere) and must be counted.
  Charge charge(std::size_t bytes);
  // Makes `receipt`, empty or of this Budget, one for `bytes`. The first refuses (false, nothing changes) to
  // grow past `limit_bytes`.
  bool try_resize(Charge& receipt, std::size_t bytes, std::size_t limit_bytes);
  void resize(Charge& receipt, std::size_t bytes);

 private:
  friend class Charge;
  std::size_t limit_bytes_;
  std::atomic<std::size_t> used_bytes_{0};
};

// A receipt for bytes of one Budget, which must outlive it. Empty after a move.
class Charge {
 public:
  Charge() = default;
  Charge(Charge&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Charge& operator=(Charge&& other) noexcept {
    if (this != &other) {
      give_back();
      budget_ = std::exchange(other.budget_, nullptr);
      bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
  }
  ~Charge() { give_back(); }

  std::size_t bytes() const { return bytes_; }
  void give_back() {
    if (budget_ != nullptr) budget_->used_bytes_.fetch_sub(bytes_, std::memory_order_relaxed);
    budget_ = nullptr;
    bytes_ = 0;
  }

 private:
  friend class Budget;
  Charge(Budget* budget, std::size_t bytes) : budget_(budget), bytes_(bytes) {}
  Budget* budget_ = nullptr;
  std::size_t bytes_ = 0;
};

inline Charge Budget::charge(std::size_t bytes) {
  used_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  return Charge(this, bytes);
}

inline std::optional<Charge> Budget::try_charge(std::size_t bytes) {
  const std::size_t used = used_bytes();
  if (bytes > limit_bytes_ || used > limit_bytes_ - bytes) return std::nullopt;
  return charge(bytes);
}

inline bool Budget::try_resize(Charge& receipt, std::size_t bytes, std::size_t limit_bytes) {
  const std::size_t others = used_bytes() - receipt.bytes_;
  if (bytes > receipt.bytes_ && (bytes > limit_bytes || others > limit_bytes - bytes)) return false;
  resize(receipt, bytes);
  return true;
}

inline void Budget::resize(Charge& receipt, std::size_t bytes) {
  // Unsigned arithmetic wraps: a smaller receipt adds what takes the difference away.
  used_bytes_.fetch_add(bytes - receipt.bytes_, std::memory_order_relaxed);
  receipt.budget_ = this;
  receipt.bytes_ = bytes;
}

}  // namespace felix::flow
