#pragma once
// Where a reader starts, resolved against what a log holds: wire protocol section 8.2.

#include <expected>

#include "base/ids.h"
#include "wire/subscribe_messages.h"

namespace felix::streams {

// The first offset to deliver, given that the log holds [oldest, tail). An offset equal to `tail` waits for
// the next record; latest is the tail; earliest never fails.
constexpr std::expected<Offset, wire::SubscribeCursorError> resolve(const wire::Start& start, Offset oldest,
                                                                    Offset tail) {
  switch (start.at) {
    case wire::Start::At::latest:
      return tail;
    case wire::Start::At::earliest:
      return oldest;
    case wire::Start::At::offset:
      break;
  }
  if (start.offset > tail)
    return std::unexpected(
        wire::SubscribeCursorError{wire::SubscribeCursorError::Reason::in_future, start.offset, tail});
  if (start.offset < oldest)
    return std::unexpected(
        wire::SubscribeCursorError{wire::SubscribeCursorError::Reason::too_old, start.offset, oldest});
  return start.offset;
}

}  // namespace felix::streams
