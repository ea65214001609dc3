// Subscribes to a stream, publishes ten records to it, and prints them as they arrive.

#include <cstdio>
#include <string>

#include "client/publisher.h"
#include "client/subscriber.h"
#include "connect.h"
#include "io/clock.h"
#include "io/loop.h"

using namespace felix;

namespace {

constexpr const char* kStream = "quickstart-pubsub";
constexpr int kRecords = 10;

Status run() {
  const io::SystemClock clock;
  FELIX_TRY(auto loop, io::Loop::create(clock));
  FELIX_TRY(client::ConnectOptions options, example::connect_options());
  FELIX_TRY(auto session, client::Session::create(*loop, std::move(options)));
  FELIX_CHECK(session->connect());

  // Live before the first publish: nothing published from here on is missed.
  client::Subscriber subscriber(*session, {.stream = kStream});
  FELIX_CHECK(subscriber.wait_live());

  // Requests are pipelined; each ends in its callback, in order.
  client::Publisher publisher(*session, {});
  Status published;
  for (int i = 0; i < kRecords; ++i) {
    const std::string text = "record " + std::to_string(i);
    publisher.publish({.stream = kStream, .records = wire::RecordRun::single(as_bytes(text))},
                      [&published](Result<client::PublishOutcome> outcome) {
                        if (!outcome) published = std::unexpected(outcome.error());
                      });
  }
  FELIX_CHECK(publisher.flush());
  FELIX_CHECK(published);

  for (int received = 0; received < kRecords;) {
    FELIX_TRY(const client::EventBatch batch, subscriber.next(loop->now() + std::chrono::seconds(10)));
    for (const Bytes record : batch.records) {
      const std::string_view text = as_text(record);
      std::printf("received %.*s\n", static_cast<int>(text.size()), text.data());
      ++received;
    }
  }
  session->close();
  return {};
}

}  // namespace

int main() {
  const Status done = run();
  if (!done) std::fprintf(stderr, "quickstart_pubsub: %s\n", to_string(done.error()).c_str());
  return done ? 0 : static_cast<int>(exit_code(done.error()));
}
