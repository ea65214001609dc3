#pragma once
// A doubly linked list through members of its elements: no allocation, O(1) removal, no ownership.
// An element leaves its list when it is destroyed.

#include "base/contract.h"

namespace felix {

template <class T>
class ListHook {
 public:
  ListHook() = default;
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;
  ~ListHook() { unlink(); }

  bool linked() const { return next_ != nullptr; }
  void unlink() {
    if (!linked()) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = nullptr;
  }

 private:
  template <class U, ListHook<U> U::* Hook>
  friend class IntrusiveList;

  ListHook* next_ = nullptr;
  ListHook* previous_ = nullptr;
  T* owner_ = nullptr;
};

template <class T, ListHook<T> T::* Hook>
class IntrusiveList {
 public:
  IntrusiveList() { head_.next_ = head_.previous_ = &head_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;
  ~IntrusiveList() {
    while (pop_front() != nullptr) {
    }
    head_.next_ = head_.previous_ = nullptr;
  }

  bool empty() const { return head_.next_ == &head_; }
  T* front() const { return empty() ? nullptr : head_.next_->owner_; }

  // `element` must not be in a list.
  void push_back(T& element) { insert_before(&head_, element); }
  void push_front(T& element) { insert_before(head_.next_, element); }
  T* pop_front() {
    T* first = front();
    if (first != nullptr) (first->*Hook).unlink();
    return first;
  }

  // Calls `visit(T&)` for each element; it may remove the element it is given.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (ListHook<T>* at = head_.next_; at != &head_;) {
      ListHook<T>* after = at->next_;
      visit(*at->owner_);
      at = after;
    }
  }

 private:
  void insert_before(ListHook<T>* place, T& element) {
    ListHook<T>& hook = element.*Hook;
    FELIX_ASSERT(!hook.linked());
    hook.owner_ = &element;
    hook.next_ = place;
    hook.previous_ = place->previous_;
    place->previous_->next_ = &hook;
    place->previous_ = &hook;
  }

  ListHook<T> head_;
};

}  // namespace felix
