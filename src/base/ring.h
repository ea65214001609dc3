#pragma once
// A FIFO over a power-of-two array that grows by doubling and never shrinks: steady state allocates nothing.

#include <bit>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/contract.h"

namespace felix {

template <class T>
class Ring {
 public:
  explicit Ring(std::size_t initial_capacity = 0) {
    if (initial_capacity > 0) slots_.resize(std::bit_ceil(initial_capacity));
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // Index 0 is the front.
  T& operator[](std::size_t index) {
    FELIX_ASSERT(index < size_);
    return slots_[(head_ + index) & (slots_.size() - 1)];
  }
  const T& operator[](std::size_t index) const { return const_cast<Ring&>(*this)[index]; }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }

  void push_back(T value) {
    if (size_ == slots_.size()) grow();
    slots_[(head_ + size_) & (slots_.size() - 1)] = std::move(value);
    ++size_;
  }
  T pop_front() {
    FELIX_ASSERT(size_ > 0);
    T value = std::exchange(slots_[head_], T{});
    head_ = (head_ + 1) & (slots_.size() - 1);
    --size_;
    return value;
  }
  T pop_back() {
    FELIX_ASSERT(size_ > 0);
    --size_;
    return std::exchange(slots_[(head_ + size_) & (slots_.size() - 1)], T{});
  }
  void clear() {
    while (!empty()) pop_front();
  }
  // Memory of the array, used or not.
  std::size_t table_bytes() const { return slots_.capacity() * sizeof(T); }
  // Lets the array of an empty one go.
  void release_table() {
    FELIX_ASSERT(empty());
    slots_ = {};
    head_ = 0;
  }

 private:
  void grow() {
    std::vector<T> bigger(slots_.empty() ? 8 : slots_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) bigger[i] = std::move((*this)[i]);
    slots_ = std::move(bigger);
    head_ = 0;
  }

  std::vector<T> slots_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace felix
