#pragma once
// What a scenario works with: names of this run, sessions that live as long as it, and a deadline under
// everything it waits for. Internal to the module.
//
// Threads: the loop's.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "client/agreement.h"
#include "client/cache_client.h"
#include "client/options.h"
#include "client/publisher.h"
#include "client/session.h"
#include "client/subscriber.h"
#include "io/loop.h"
#include "wire/record_run.h"

namespace felix::conformance {

// The broker under test, as the first connection found it.
struct Target {
  client::ConnectOptions connect;
  client::Agreement agreement;
  std::string run;     // differs per run
  std::string stream;  // given by the caller; empty: names of this run
  std::string cache;
};

wire::RecordRun run_of(const std::vector<std::string>& texts);

class Context {
 public:
  Context(io::Loop& loop, const Target& target, std::string_view scenario, MonoTime deadline);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  io::Loop& loop() { return loop_; }
  MonoTime deadline() const { return deadline_; }
  MonoTime now() const { return loop_.clock().now(); }
  const client::ConnectOptions& connect() const { return target_.connect; }
  const std::string& tenant() const { return target_.connect.tenant; }
  const std::string& namespace_id() const { return target_.connect.namespace_id; }
  const client::Agreement& agreement() const { return target_.agreement; }

  // Four different ones, unless the caller gave one. Other scenarios, and on a given stream others
  // altogether, write to them too: records are told apart by mark().
  std::string stream(std::size_t which = 0) const;
  const std::string& cache() const { return cache_; }
  // A name that nothing else has.
  std::string unused_name(std::string_view what) const;
  // Nobody else publishes to stream().
  bool owns_streams() const { return target_.stream.empty(); }
  // What every record and key of this scenario begins with.
  const std::string& mark() const { return mark_; }
  // mark() + "0", mark() + "1", ...
  std::vector<std::string> records(std::size_t count, std::size_t first = 0) const;

  // A new connection, accepted by the broker. It lives until the scenario ends.
  Result<client::Session*> session() { return session(target_.connect); }
  Result<client::Session*> session(const client::ConnectOptions& connect);

  // Turns the loop until `done()`. timed_out and "`what` did not come in time", or `interrupted`.
  Status wait(const std::function<bool()>& done, std::string_view what);
  // The same, giving up early when the session is lost.
  Status wait(client::Session& session, const std::function<bool()>& done, std::string_view what);
  // Lets time pass while everything goes on.
  Status pause(Duration duration);

  // One publish and its outcome.
  Result<client::PublishOutcome> publish(client::Publisher& publisher, client::PublishRequest request);
  Result<client::PublishOutcome> publish(client::Publisher& publisher, const std::string& stream,
                                         const std::vector<std::string>& texts,
                                         client::AckMode ack = client::AckMode::per_batch);
  client::CacheKey key(std::string_view name) const;
  Result<client::CacheEntry> get(client::CacheClient& cache, client::CacheKey key);
  Status put(client::CacheClient& cache, client::CacheKey key, std::string_view value,
             std::optional<std::uint64_t> ttl_ms = {});
  Status remove(client::CacheClient& cache, client::CacheKey key);

 private:
  template <class T>
  Result<T> outcome_of(const std::function<void(std::function<void(Result<T>)>)>& ask, std::string_view what);

  io::Loop& loop_;
  const Target& target_;
  const MonoTime deadline_;
  const std::string cache_;
  const std::string mark_;
  std::vector<std::unique_ptr<client::Session>> sessions_;
};

// A subscription, reduced to the records of one scenario.
class Reader {
 public:
  struct Record {
    std::string text;
    std::optional<Offset> offset;
  };

  // Live when this returns. The error is the broker's refusal, or that of the wait.
  static Result<std::unique_ptr<Reader>> open(Context& context, const std::string& stream,
                                              client::Start start);
  // The next `count` records that begin with the scenario's mark, in the order of their arrival. timed_out
  // saying how many came; invalid_request when the offsets of the stream, ours and others', go backwards or
  // repeat.
  Result<std::vector<Record>> take(std::size_t count);
  client::Subscriber& subscriber() { return subscriber_; }

 private:
  Reader(Context& context, client::Session& session, const std::string& stream, client::Start start);

  Context& context_;
  client::Session& session_;
  client::Subscriber subscriber_;
  std::optional<Offset> expected_;
  std::vector<Record> pending_;  // arrived, not taken
};

std::vector<std::string> texts_of(const std::vector<Reader::Record>& records);
// Where two lists first differ, for a reason; empty when they do not.
std::string difference(const std::vector<std::string>& expected, const std::vector<std::string>& got);

}  // namespace felix::conformance
