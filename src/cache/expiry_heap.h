#pragma once
// The entries that expire, earliest first. A binary heap whose entries know their place, so that replacing or
// removing an entry moves exactly it: nothing is ever expired on the word of an older version of its key.

#include <cstddef>
#include <vector>

#include "base/time.h"
#include "cache/entry.h"

namespace felix::cache {

class ExpiryHeap {
 public:
  // Puts the entry where its expires_at belongs; one that never expires is taken out.
  void update(Entry& entry);
  void remove(Entry& entry);

  // The entry to expire first, or null.
  Entry* first() const { return heap_.empty() ? nullptr : heap_.front(); }
  MonoTime earliest() const { return heap_.empty() ? kNever : heap_.front()->expires_at; }
  std::size_t size() const { return heap_.size(); }

 private:
  void place(std::size_t index, Entry* entry);
  void sift_up(std::size_t index);
  void sift_down(std::size_t index);

  std::vector<Entry*> heap_;
};

}  // namespace felix::cache
