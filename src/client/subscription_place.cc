#include "client/subscription_place.h"

#include <algorithm>

namespace felix::client {

void SubscriptionPlace::on_subscribed(const wire::Subscribed& answer) {
  accepted_ = true;
  if (next_offset_) return;  // gaps are counted from what we had
  if (answer.start_offset)
    next_offset_ = answer.start_offset;
  else if (start_.at == Start::At::offset)
    next_offset_ = start_.offset;
}

Status SubscriptionPlace::on_batch(EventBatch& batch, std::uint64_t skipped_before) {
  if (batch.base_offset) {
    const Offset base = *batch.base_offset;
    if (next_offset_ && base < *next_offset_)
      return fail(Errc::malformed, "the broker went back from offset " + std::to_string(*next_offset_) +
                                       " to " + std::to_string(base));
    if (next_offset_) {
      const std::uint64_t gap = base - *next_offset_;
      batch.dropped_before = gap - std::min(gap, skipped_before);
    }
    next_offset_ = base + batch.records.count();
  } else {
    next_offset_.reset();
  }
  batch.loss_unknown_before = loss_unknown_;
  loss_unknown_ = false;
  received_ = true;
  return {};
}

bool SubscriptionPlace::on_lost() {
  if (!accepted_) return true;  // the same question again
  if (next_offset_) {
    start_ = Start::from(*next_offset_);
    return true;
  }
  if (!received_ && start_.at != Start::At::latest) return true;
  return begin_anew();
}

void SubscriptionPlace::on_lagged(Offset resume_from) {
  start_ = Start::from(resume_from);
  if (!next_offset_) next_offset_ = resume_from;
}

bool SubscriptionPlace::on_cursor_error(const wire::SubscribeCursorError& error) {
  if (!accepted_ || restart_ == Restart::stop) return false;
  if (error.reason == wire::SubscribeCursorError::Reason::too_old) {
    start_ = Start::from(error.available);  // the gap shows in the first batch
    return true;
  }
  return begin_anew();  // the broker has fewer records than it had: another life of the stream
}

bool SubscriptionPlace::begin_anew() {
  if (restart_ == Restart::stop) return false;
  start_ = restart_ == Restart::latest ? Start::latest() : Start::earliest();
  next_offset_.reset();
  loss_unknown_ = true;
  return true;
}

}  // namespace felix::client
