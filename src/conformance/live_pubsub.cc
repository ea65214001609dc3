// pubsub.*: what is published arrives (wire protocol sections 7.4 and 8.2).

#include <fmt/format.h>

#include "conformance/live_context.h"
#include "conformance/live_scenario.h"

namespace felix::conformance {
namespace {

using client::Start;

constexpr const char* kNoOffsets = "the broker sends no offsets on this stream";

// Records published on a connection of their own.
Status publish_all(Context& context, const std::vector<std::string>& texts, std::size_t batch) {
  FELIX_TRY(client::Session * session, context.session());
  client::Publisher publisher(*session, {});
  for (std::size_t at = 0; at < texts.size(); at += batch) {
    const std::size_t count = std::min(batch, texts.size() - at);
    const std::vector<std::string> part(texts.begin() + static_cast<std::ptrdiff_t>(at),
                                        texts.begin() + static_cast<std::ptrdiff_t>(at + count));
    FELIX_CHECK(context.publish(publisher, context.stream(), part));
  }
  return {};
}

Result<Finding> roundtrip(Context& context) {
  FELIX_TRY(const auto reader, Reader::open(context, context.stream(), Start::latest()));
  // Every byte, and more of them than one packet holds.
  std::string all = context.mark();
  for (int i = 0; i < 256 * 40; ++i) all += static_cast<char>(i);
  const std::vector<std::string> sent = {context.mark() + "first", all, context.mark()};
  FELIX_CHECK(publish_all(context, sent, sent.size()));
  FELIX_TRY(const auto got, reader->take(sent.size()));
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (got[i].text != sent[i])
      return broken(fmt::format("record {} came back with {} bytes, other than the {} published", i,
                                got[i].text.size(), sent[i].size()));
  }
  return held();
}

Result<Finding> order(Context& context) {
  FELIX_TRY(const auto reader, Reader::open(context, context.stream(), Start::latest()));
  FELIX_TRY(client::Session * session, context.session());
  client::Publisher publisher(*session, {});
  // Pipelined, in batches of many sizes.
  std::vector<std::string> sent;
  auto accepted = std::make_shared<std::size_t>(0);
  auto refused = std::make_shared<std::optional<Error>>();
  std::size_t batches = 0;
  for (; batches < 100; ++batches) {
    const std::vector<std::string> batch = context.records(1 + batches % 7, sent.size());
    sent.insert(sent.end(), batch.begin(), batch.end());
    publisher.publish({.stream = context.stream(), .records = run_of(batch)},
                      [accepted, refused](Result<client::PublishOutcome> outcome) {
                        ++*accepted;
                        if (!outcome) *refused = std::move(outcome).error();
                      });
  }
  FELIX_CHECK(context.wait(*session, [&] { return *accepted == batches; }, "the outcome of every publish"));
  if (*refused) return std::unexpected(std::move(**refused));
  FELIX_TRY(const auto got, reader->take(sent.size()));
  if (const std::string where = difference(sent, texts_of(got)); !where.empty()) return broken(where);
  return held();
}

Result<Finding> offsets_are_contiguous(Context& context) {
  FELIX_TRY(const auto reader, Reader::open(context, context.stream(), Start::latest()));
  const std::vector<std::string> sent = context.records(50);
  FELIX_CHECK(publish_all(context, sent, 5));
  FELIX_TRY(const auto got, reader->take(sent.size()));
  if (!got.front().offset) return not_applicable(kNoOffsets);
  for (std::size_t i = 1; i < got.size(); ++i) {
    if (!got[i].offset) return broken(fmt::format("record {} came without an offset", i));
    if (*got[i].offset <= *got[i - 1].offset)
      return broken(fmt::format("offset {} follows offset {}", *got[i].offset, *got[i - 1].offset));
    // On a stream of our own nobody else's records lie between.
    if (context.owns_streams() && *got[i].offset != *got[i - 1].offset + 1)
      return broken(
          fmt::format("offset {} follows offset {}, with a gap", *got[i].offset, *got[i - 1].offset));
  }
  return held();
}

Result<Finding> resume_from_offset(Context& context) {
  FELIX_TRY(const auto live, Reader::open(context, context.stream(), Start::latest()));
  const std::vector<std::string> sent = context.records(20);
  FELIX_CHECK(publish_all(context, sent, 3));
  FELIX_TRY(const auto got, live->take(sent.size()));
  // In the middle of a batch.
  constexpr std::size_t kFrom = 7;
  if (!got[kFrom].offset) return not_applicable(kNoOffsets);
  FELIX_TRY(const auto resumed, Reader::open(context, context.stream(), Start::from(*got[kFrom].offset)));
  FELIX_TRY(const auto rest, resumed->take(sent.size() - kFrom));
  const std::vector<std::string> expected(sent.begin() + kFrom, sent.end());
  if (const std::string where = difference(expected, texts_of(rest)); !where.empty()) return broken(where);
  if (rest.front().offset != got[kFrom].offset)
    return broken("the record has another offset when read again");
  return held();
}

Result<Finding> start_earliest(Context& context) {
  const std::vector<std::string> sent = context.records(20);
  FELIX_CHECK(publish_all(context, sent, 3));
  FELIX_TRY(const auto reader, Reader::open(context, context.stream(), Start::earliest()));
  // History goes over into what is published now, without a gap or a repetition.
  const std::vector<std::string> more = context.records(5, sent.size());
  FELIX_CHECK(publish_all(context, more, 2));
  std::vector<std::string> expected = sent;
  expected.insert(expected.end(), more.begin(), more.end());
  FELIX_TRY(const auto got, reader->take(expected.size()));
  if (const std::string where = difference(expected, texts_of(got)); !where.empty()) return broken(where);
  return held();
}

constexpr Scenario kScenarios[] = {
    {.id = "pubsub.roundtrip",
     .sentence = "A record published on one connection reaches a subscriber on another, byte for byte",
     .run = roundtrip,
     .uses_stream = true},
    {.id = "pubsub.order",
     .sentence = "Records published on one stream of a connection arrive in that order, each once",
     .run = order,
     .uses_stream = true},
    {.id = "pubsub.offsets_are_contiguous",
     .sentence = "Each record's offset is one more than that of the record before it",
     .run = offsets_are_contiguous,
     .uses_stream = true},
    {.id = "pubsub.resume_from_offset",
     .sentence = "A subscription from an offset begins with exactly that record",
     .run = resume_from_offset,
     .uses_stream = true},
    {.id = "pubsub.start_earliest",
     .sentence =
         "A subscription from the earliest record delivers history and then goes on live, without a gap",
     .run = start_earliest,
     .uses_stream = true},
};

}  // namespace

std::span<const Scenario> pubsub_scenarios() { return kScenarios; }

}  // namespace felix::conformance
