#pragma once
// Cache requests, many in flight, answers in any order (wire protocol section 8.3).
//
// Each request ends in exactly one callback. A put or delete that was handed to the transport and got no
// answer is outcome_unknown; a get is asked again on the next connection. Refusals concern one request.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "client/session.h"
#include "flow/frame.h"

namespace felix::client {

struct CacheOptions {
  std::size_t channels = 1;                // requests go round robin; those on one channel keep their order
  std::size_t in_flight_bytes = 4u << 20;  // per channel
  std::size_t in_flight_frames = 1024;
};

struct CacheEntry {
  std::optional<flow::Slice> value;  // absent: a miss
  std::optional<std::uint64_t> version;
};

// What every request names.
struct CacheKey {
  std::string namespace_id;  // empty: the session's
  std::string cache;
  std::string key;  // UTF-8
};

// Must not be destroyed in its own callbacks.
class CacheClient {
 public:
  using GetCallback = std::function<void(Result<CacheEntry>)>;
  using DoneCallback = std::function<void(Status)>;

  CacheClient(Session& session, CacheOptions options);
  ~CacheClient();
  CacheClient(const CacheClient&) = delete;
  CacheClient& operator=(const CacheClient&) = delete;

  // Always taken; callbacks come later, never from inside the call.
  void get(CacheKey key, GetCallback callback);
  // Without `ttl_ms` the entry stays until overwritten or evicted; 0 expires it at once.
  void put(CacheKey key, flow::Slice value, std::optional<std::uint64_t> ttl_ms, DoneCallback callback);
  // unsupported when the broker does not serve deletion.
  void remove(CacheKey key, DoneCallback callback);
  // False when the in-flight budget of a channel is used up.
  bool wants_more() const;
  void set_on_room(std::function<void()> on_room);
  std::size_t pending() const;

  // Straight-line: turn the loop until the answer.
  Result<CacheEntry> get_and_wait(CacheKey key);
  Status put_and_wait(CacheKey key, flow::Slice value, std::optional<std::uint64_t> ttl_ms);
  Status remove_and_wait(CacheKey key);
  Status flush(MonoTime deadline = kNever);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace felix::client
