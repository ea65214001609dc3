// Puts a value with a time to live, reads it, lets it expire; puts another and deletes it.

#include <cstdio>
#include <string>

#include "client/cache_client.h"
#include "connect.h"
#include "io/clock.h"
#include "io/loop.h"

using namespace felix;

namespace {

const client::CacheKey kKey{"", "example-cache", "greeting"};  // the namespace is the session's

Status show(client::CacheClient& cache, const char* when) {
  FELIX_TRY(const client::CacheEntry entry, cache.get_and_wait(kKey));
  const std::string_view text = entry.value ? as_text(entry.value->bytes()) : "(nothing)";
  std::printf("%s: %.*s\n", when, static_cast<int>(text.size()), text.data());
  return {};
}

flow::Slice value_of(std::string_view text) { return flow::Slice::copy_of(as_bytes(text)); }

Status run() {
  const io::SystemClock clock;
  FELIX_TRY(auto loop, io::Loop::create(clock));
  FELIX_TRY(client::ConnectOptions options, example::connect_options());
  FELIX_TRY(auto session, client::Session::create(*loop, std::move(options)));
  FELIX_CHECK(session->connect());

  client::CacheClient cache(*session, {});
  constexpr std::uint64_t kTtlMs = 300;
  FELIX_CHECK(cache.put_and_wait(kKey, value_of("hello, briefly"), kTtlMs));
  FELIX_CHECK(show(cache, "fresh"));

  // A client's own pause is a turn of its loop, which keeps the connection alive.
  const MonoTime later = loop->now() + std::chrono::milliseconds(kTtlMs + 100);
  const Status waited = session->wait_for([&] { return loop->now() >= later; }, later);
  if (!waited && waited.error().code != Errc::timed_out) return waited;
  FELIX_CHECK(show(cache, "expired"));

  FELIX_CHECK(cache.put_and_wait(kKey, value_of("hello again"), std::nullopt));
  FELIX_CHECK(show(cache, "kept"));
  FELIX_CHECK(cache.remove_and_wait(kKey));
  FELIX_CHECK(show(cache, "deleted"));
  session->close();
  return {};
}

}  // namespace

int main() {
  const Status done = run();
  if (!done) std::fprintf(stderr, "cache: %s\n", to_string(done.error()).c_str());
  return done ? 0 : static_cast<int>(exit_code(done.error()));
}
