// What a record costs in memory: nothing of its own, once a publisher has found its size.

#include <catch2/catch_test_macros.hpp>

#include "client/options.h"
#include "client/pipeline.h"
#include "client/publish_traits.h"
#include "support/allocation_count.h"

using namespace felix;
using namespace felix::client;

namespace {

constexpr std::size_t kInFlight = 64;

// A publisher without its connection: every request is encoded and answered, in batches as a turn would.
struct Mill {
  using Book = Pipeline<PublishRequest, PublishOutcome>;

  void turn(Bytes record) {
    for (std::size_t i = 0; i < kInFlight; ++i) {
      Book::Entry entry;
      entry.request.stream = "orders";
      entry.request.records = wire::RecordRun::single(record);
      entry.bytes = footprint_bytes(entry.request);
      entry.callback = [this](const Result<PublishOutcome>& outcome) { answered += outcome.has_value(); };
      book.submit(std::move(entry));
    }
    book.pump([this](RequestId id, const PublishRequest& request) -> Result<Book::Handed> {
      FELIX_TRY(const EncodedRequest encoded, traits.encode(request, id, agreement));
      frames_of_their_own += !encoded.head.empty();
      return Book::Handed::yes;
    });
    for (std::size_t i = 0; i < kInFlight; ++i) book.resolve(RequestId{++resolved}, PublishOutcome{});
    book.deliver();
  }

  Mill() { agreement.flags = kClientFlags; }
  PublishTraits traits{"default", "default"};
  Agreement agreement;
  Book book{{1 << 20, kInFlight}};
  std::uint64_t resolved = 0;
  std::size_t answered = 0;
  std::size_t frames_of_their_own = 0;
};

}  // namespace

TEST_CASE("publishing single records allocates nothing per record") {
  const std::vector<std::byte> record(256);
  Mill mill;
  for (int i = 0; i < 10; ++i) mill.turn(record);
  const std::uint64_t before = test::allocations();
  for (int i = 0; i < 100; ++i) mill.turn(record);
  CHECK(test::allocations() == before);
  CHECK(mill.answered == 110 * kInFlight);
  // The head travels inside the queue entry, the record in its frame.
  CHECK(mill.frames_of_their_own == 0);
}
