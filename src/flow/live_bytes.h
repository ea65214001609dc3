#pragma once
// How many bytes Frames that are alive can hold, as Slice::footprint_bytes counts them, whoever holds them: a
// log, a queue, the transport, an answer. A frame shared by many counts once, which no sum over its holders
// could say.

#include <cstddef>
#include <cstdint>

namespace felix::flow {

// Any thread; exact once the threads that make and drop frames pause, and within what is under way else.
std::size_t live_frame_bytes();

// For Frame alone.
void add_live_frame_bytes(std::int64_t bytes);

}  // namespace felix::flow
