#include "conformance/live_context.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace felix::conformance {

wire::RecordRun run_of(const std::vector<std::string>& texts) {
  wire::RecordRunBuilder builder;
  for (const std::string& text : texts) builder.append(as_bytes(text));
  return builder.finish();
}

Context::Context(io::Loop& loop, const Target& target, std::string_view scenario, MonoTime deadline)
    : loop_(loop),
      target_(target),
      deadline_(deadline),
      cache_(target.cache.empty() ? "conformance-" + target.run : target.cache),
      mark_(fmt::format("{}/{}/", target.run, scenario)) {}

Context::~Context() {
  for (const auto& session : sessions_) session->close();
}

std::string Context::stream(std::size_t which) const {
  if (!target_.stream.empty()) return target_.stream;
  return fmt::format("conformance-{}-{}", target_.run, which % 4);
}

std::string Context::unused_name(std::string_view what) const {
  return fmt::format("conformance-{}-{}", target_.run, what);
}

std::vector<std::string> Context::records(std::size_t count, std::size_t first) const {
  std::vector<std::string> texts;
  texts.reserve(count);
  for (std::size_t i = first; i < first + count; ++i) texts.push_back(mark_ + std::to_string(i));
  return texts;
}

Result<client::Session*> Context::session(const client::ConnectOptions& connect) {
  FELIX_TRY(auto session, client::Session::create(loop_, connect));
  client::Session& added = *sessions_.emplace_back(std::move(session));
  added.start();
  FELIX_CHECK(wait(added, [&added] { return added.ready(); }, "a connection"));
  return &added;
}

Status Context::wait(const std::function<bool()>& done, std::string_view what) {
  if (loop_.run_until(done, deadline_) || done()) return {};
  if (loop_.stopping()) return fail(Errc::interrupted, "interrupted");
  return fail(Errc::timed_out, std::string(what) + " did not come in time");
}

Status Context::wait(client::Session& session, const std::function<bool()>& done, std::string_view what) {
  FELIX_CHECK(wait([&] { return done() || session.state() == client::Session::State::closed; }, what));
  if (done()) return {};
  return std::unexpected(with_context(std::string("waiting for ").append(what),
                                      session.last_error().value_or(Error{Errc::connection_lost, "closed"})));
}

Status Context::pause(Duration duration) {
  const MonoTime until = std::min(now() + duration, deadline_);
  loop_.run_until([] { return false; }, until);
  if (loop_.stopping()) return fail(Errc::interrupted, "interrupted");
  if (until == deadline_) return fail(Errc::timed_out, "the time is up");
  return {};
}

template <class T>
Result<T> Context::outcome_of(const std::function<void(std::function<void(Result<T>)>)>& ask,
                              std::string_view what) {
  // Shared with the callback, which may come after we gave up.
  auto outcome = std::make_shared<std::optional<Result<T>>>();
  ask([outcome](Result<T> result) { *outcome = std::move(result); });
  FELIX_CHECK(wait([&] { return outcome->has_value(); }, what));
  return std::move(**outcome);
}

Result<client::PublishOutcome> Context::publish(client::Publisher& publisher,
                                                client::PublishRequest request) {
  return outcome_of<client::PublishOutcome>(
      [&](auto callback) { publisher.publish(std::move(request), std::move(callback)); },
      "the outcome of a publish");
}

Result<client::PublishOutcome> Context::publish(client::Publisher& publisher, const std::string& stream,
                                                const std::vector<std::string>& texts, client::AckMode ack) {
  return publish(publisher, client::PublishRequest{.stream = stream, .records = run_of(texts), .ack = ack});
}

client::CacheKey Context::key(std::string_view name) const {
  return {.namespace_id = {}, .cache = cache_, .key = mark_ + std::string(name)};
}

Result<client::CacheEntry> Context::get(client::CacheClient& cache, client::CacheKey key) {
  return outcome_of<client::CacheEntry>(
      [&](auto callback) { cache.get(std::move(key), std::move(callback)); }, "the answer to a cache get");
}

Status Context::put(client::CacheClient& cache, client::CacheKey key, std::string_view value,
                    std::optional<std::uint64_t> ttl_ms) {
  return outcome_of<void>(
      [&](auto callback) {
        cache.put(std::move(key), flow::Slice::copy_of(as_bytes(value)), ttl_ms, std::move(callback));
      },
      "the answer to a cache put");
}

Status Context::remove(client::CacheClient& cache, client::CacheKey key) {
  return outcome_of<void>([&](auto callback) { cache.remove(std::move(key), std::move(callback)); },
                          "the answer to a cache delete");
}

// --- Reader ---

Reader::Reader(Context& context, client::Session& session, const std::string& stream, client::Start start)
    : context_(context), session_(session), subscriber_(session, {.stream = stream, .start = start}) {}

Result<std::unique_ptr<Reader>> Reader::open(Context& context, const std::string& stream,
                                             client::Start start) {
  FELIX_TRY(client::Session * session, context.session());
  std::unique_ptr<Reader> reader(new Reader(context, *session, stream, start));
  FELIX_CHECK(reader->subscriber_.wait_live(context.deadline()));
  return reader;
}

Result<std::vector<Reader::Record>> Reader::take(std::size_t count) {
  while (pending_.size() < count) {
    auto batch = subscriber_.next(context_.deadline());
    if (!batch) {
      return std::unexpected(with_context(fmt::format("{} of {} records arrived", pending_.size(), count),
                                          std::move(batch).error()));
    }
    if (batch->base_offset) {
      if (expected_ && *batch->base_offset < *expected_)
        return fail(Errc::invalid_request, fmt::format("offset {} was delivered after offset {}",
                                                       *batch->base_offset, *expected_ - 1));
      expected_ = *batch->base_offset + batch->records.count();
    }
    std::optional<Offset> offset = batch->base_offset;
    for (const Bytes record : batch->records) {
      if (as_text(record).starts_with(context_.mark()))
        pending_.push_back({std::string(as_text(record)), offset});
      if (offset) ++*offset;
    }
  }
  std::vector<Record> taken(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
  return taken;
}

std::vector<std::string> texts_of(const std::vector<Reader::Record>& records) {
  std::vector<std::string> texts;
  texts.reserve(records.size());
  for (const Reader::Record& record : records) texts.push_back(record.text);
  return texts;
}

std::string difference(const std::vector<std::string>& expected, const std::vector<std::string>& got) {
  const auto [e, g] = std::ranges::mismatch(expected, got);
  if (e == expected.end() && g == got.end()) return {};
  return fmt::format("record {} is '{}' instead of '{}'", e - expected.begin(),
                     g == got.end() ? "missing" : *g, e == expected.end() ? "nothing" : *e);
}

}  // namespace felix::conformance
