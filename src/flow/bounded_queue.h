#pragma once
// A FIFO with two bounds, items and bytes: every queue of the house has both.

#include <cstddef>
#include <utility>

#include "base/ring.h"

namespace felix::flow {

struct QueueBounds {
  std::size_t items = 0;
  std::size_t bytes = 0;
};

template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(QueueBounds bounds) : bounds_(bounds) {}

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }
  const QueueBounds& bounds() const { return bounds_; }

  // An item larger than the byte bound fits only an empty queue: it goes alone rather than never.
  bool has_room_for(std::size_t item_bytes) const {
    if (entries_.size() >= bounds_.items) return false;
    return entries_.empty() || (item_bytes <= bounds_.bytes && bytes_ <= bounds_.bytes - item_bytes);
  }
  // False, and `item` untouched, when there is no room.
  bool try_push(T&& item, std::size_t item_bytes) {
    if (!has_room_for(item_bytes)) return false;
    bytes_ += item_bytes;
    entries_.push_back(Entry{std::move(item), item_bytes});
    return true;
  }
  T& front() { return entries_.front().item; }
  std::size_t front_bytes() { return entries_.front().bytes; }
  T pop_front() {
    Entry entry = entries_.pop_front();
    bytes_ -= entry.bytes;
    return std::move(entry.item);
  }
  T pop_back() {
    Entry entry = entries_.pop_back();
    bytes_ -= entry.bytes;
    return std::move(entry.item);
  }
  // Memory of the queue itself, which stays when it is empty until it is released.
  std::size_t table_bytes() const { return entries_.table_bytes(); }
  void release_table() { entries_.release_table(); }
  // For what is pushed from now on.
  void set_byte_bound(std::size_t bytes) { bounds_.bytes = bytes; }

 private:
  struct Entry {
    T item{};
    std::size_t bytes = 0;
  };
  QueueBounds bounds_;
  Ring<Entry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace felix::flow
