#include "io/timers.h"

#include <utility>

#include "base/contract.h"

namespace felix::io {
namespace {

constexpr std::size_t kNowhere = SIZE_MAX;

}  // namespace

void Loop::Timers::set(Timer& timer, MonoTime deadline) {
  if (timer.due_index_ != kNowhere) due_[std::exchange(timer.due_index_, kNowhere)] = nullptr;
  timer.deadline_ = deadline;
  const std::size_t index = timer.heap_index_;
  if (deadline == kNever) {
    if (index != kNowhere) remove(index);
    return;
  }
  const Entry entry{deadline, ++armings_, &timer};
  if (index == kNowhere) {
    heap_.push_back(entry);
    sift_up(heap_.size() - 1, entry);
  } else if (entry.before(heap_[index])) {
    sift_up(index, entry);
  } else {
    sift_down(index, entry);
  }
}

void Loop::Timers::fire_due(MonoTime now) {
  FELIX_ASSERT(due_.empty());
  while (!heap_.empty() && heap_.front().deadline <= now) {
    Timer* timer = heap_.front().timer;
    remove(0);
    timer->due_index_ = due_.size();
    due_.push_back(timer);
  }
  for (std::size_t i = 0; i < due_.size(); ++i) {
    if (due_[i] == nullptr) continue;
    firing_ = due_[i];
    firing_->due_index_ = kNowhere;
    firing_->deadline_ = kNever;
    // Held here while it runs: the callback may destroy its Timer, and with it its own captures.
    std::function<void()> call = std::move(firing_->on_due_);
    call();
    if (firing_ != nullptr) firing_->on_due_ = std::move(call);
  }
  firing_ = nullptr;
  due_.clear();
}

void Loop::Timers::forget(Timer& timer) {
  set(timer, kNever);
  if (firing_ == &timer) firing_ = nullptr;
}

void Loop::Timers::put(std::size_t index, Entry entry) {
  heap_[index] = entry;
  entry.timer->heap_index_ = index;
}

void Loop::Timers::sift_up(std::size_t index, Entry entry) {
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (!entry.before(heap_[parent])) break;
    put(index, heap_[parent]);
    index = parent;
  }
  put(index, entry);
}

void Loop::Timers::sift_down(std::size_t index, Entry entry) {
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].before(heap_[child])) ++child;
    if (!heap_[child].before(entry)) break;
    put(index, heap_[child]);
    index = child;
  }
  put(index, entry);
}

void Loop::Timers::remove(std::size_t index) {
  heap_[index].timer->heap_index_ = kNowhere;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  if (index > 0 && last.before(heap_[(index - 1) / 2])) {
    sift_up(index, last);
  } else {
    sift_down(index, last);
  }
}

}  // namespace felix::io
