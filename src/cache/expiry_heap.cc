#include "cache/expiry_heap.h"

#include "base/contract.h"

namespace felix::cache {

void ExpiryHeap::update(Entry& entry) {
  if (entry.expires_at == kNever) {
    remove(entry);
    return;
  }
  if (entry.heap_index == Entry::kNotInHeap) {
    heap_.push_back(&entry);
    entry.heap_index = heap_.size() - 1;
  }
  sift_up(entry.heap_index);
  sift_down(entry.heap_index);
}

void ExpiryHeap::remove(Entry& entry) {
  if (entry.heap_index == Entry::kNotInHeap) return;
  const std::size_t index = entry.heap_index;
  FELIX_ASSERT(heap_[index] == &entry);
  entry.heap_index = Entry::kNotInHeap;
  Entry* last = heap_.back();
  heap_.pop_back();
  if (last == &entry) return;
  place(index, last);
  sift_up(index);
  sift_down(last->heap_index);
}

void ExpiryHeap::place(std::size_t index, Entry* entry) {
  heap_[index] = entry;
  entry->heap_index = index;
}

void ExpiryHeap::sift_up(std::size_t index) {
  Entry* entry = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (heap_[parent]->expires_at <= entry->expires_at) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void ExpiryHeap::sift_down(std::size_t index) {
  Entry* entry = heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->expires_at < heap_[child]->expires_at) ++child;
    if (entry->expires_at <= heap_[child]->expires_at) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, entry);
}

}  // namespace felix::cache
