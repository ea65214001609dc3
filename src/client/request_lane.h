#pragma once
// A lane with its book of requests: opened on the session's connection, opened again when it ended alone or
// the connection was made anew, and closed with the session. Publisher and CacheClient are thin covers of it.
//
// Traits: Request and Outcome; kPublishes, whether a broker's publish window is about these; `encode(const
// Request&, RequestId, const Agreement&) -> Result<EncodedRequest>`, which may keep scratch memory, and
// `parse(const IncomingFrame&) -> Result<Answer<Outcome>>`.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/ring.h"
#include "client/backoff.h"
#include "client/lane.h"
#include "client/pipeline.h"
#include "client/session.h"
#include "flow/frame.h"
#include "flow/port.h"
#include "io/loop.h"

namespace felix::client {

// Prefix, head and body follow each other on the wire; each may be empty.
struct EncodedRequest {
  flow::Slice head;
  flow::Slice body;            // by reference
  flow::InlineBytes prefix{};  // a head short enough to need no memory of its own
};

// What one incoming frame says.
template <class Outcome>
struct Answer {
  std::optional<RequestId> request_id;     // absent with an error: a refusal that names no request
  std::optional<Result<Outcome>> outcome;  // absent: nothing for us, to be ignored
};

template <class Traits>
class RequestLane {
 public:
  using Request = typename Traits::Request;
  using Outcome = typename Traits::Outcome;
  using Book = Pipeline<Request, Outcome>;

  // Bytes given to the transport and not yet sent; more would only take away the right to send them again.
  static constexpr std::size_t kMaxUnsentBytes = 1u << 20;

  RequestLane(Session& session, Traits traits, Lane::Kind kind, typename Book::Limits limits,
              std::uint64_t seed)
      : session_(session),
        traits_(std::move(traits)),
        kind_(kind),
        book_(limits),
        backoff_(session.options().reconnect.initial_backoff, session.options().reconnect.max_backoff, seed),
        deadline_timer_(session.loop(), [this] { on_deadline(); }),
        reopen_timer_(session.loop(), [this] { open(); }),
        settle_timer_(session.loop(), [this] { settle(); }) {
    member_.on_connected = [this] { open(); };
    member_.on_disconnected = [this](const Error& error, bool final) { on_disconnected(error, final); };
    session_.join(member_);
  }
  ~RequestLane() {
    if (lane_ != nullptr) lane_->abandon();
    const Error why{Errc::interrupted, "the client was closed"};
    book_.on_lost(why);
    book_.refuse_waiting(why);
    book_.deliver();
  }
  RequestLane(const RequestLane&) = delete;
  RequestLane& operator=(const RequestLane&) = delete;

  void submit(typename Book::Entry entry) {
    entry.deadline = session_.now() + session_.options().request_timeout;
    if (entry.deadline < deadline_timer_.deadline()) deadline_timer_.arm(entry.deadline);
    book_.submit(std::move(entry));
    was_full_ = was_full_ || !book_.wants_more();
    if (lane_ == nullptr && !reopen_timer_armed()) open();
    pump();
    settle_soon();
  }
  bool wants_more() const { return book_.wants_more(); }
  std::size_t pending() const { return book_.pending(); }
  void set_on_room(std::function<void()> on_room) { on_room_ = std::move(on_room); }
  // Hands over what has room now and calls back for what has ended; otherwise the loop does it.
  void settle() {
    pump();
    book_.deliver();
    if (was_full_ && book_.wants_more()) {
      was_full_ = false;
      if (on_room_) on_room_();
    }
  }

 private:
  // Requests without an answer end when the peer has acknowledged their last byte.
  struct Mark {
    std::uint64_t end;
    RequestId id;
  };

  bool reopen_timer_armed() const { return reopen_timer_.deadline() != kNever; }

  void open() {
    if (session_.state() == Session::State::closed) {
      book_.refuse_waiting(session_.last_error().value_or(Error{Errc::connection_lost, "closed"}));
      settle_soon();
      return;
    }
    if (lane_ != nullptr || !session_.connected()) return;
    lane_ = session_.open_lane(kind_, LaneEvents{.on_open = [this] { on_open(); },
                                                 .on_frame = [this](const auto& f) { return on_frame(f); },
                                                 .on_room = [this] { on_room(); },
                                                 .on_ended = [this](const Error& e) { on_ended(e); }});
    // One-way lanes are open at once, and say so while we do not have them yet.
    if (lane_->open()) on_open();
  }
  void on_open() {
    if (Traits::kPublishes && lane_ != nullptr)
      if (const auto window = lane_->agreement().granted_window()) book_.set_window(*window);
    pump();
    settle_soon();
  }
  void pump() {
    if (lane_ == nullptr || !lane_->open()) return;
    book_.pump([this](RequestId id, const Request& request) -> Result<typename Book::Handed> {
      if (lane_->unsent_bytes() >= kMaxUnsentBytes) return Book::Handed::no_room;
      Result<EncodedRequest> encoded = traits_.encode(request, id, lane_->agreement());
      if (!encoded) return std::unexpected(std::move(encoded).error());
      const std::size_t bytes = encoded->prefix.size() + encoded->head.size() + encoded->body.size();
      const std::size_t limit = session_.options().max_payload_bytes + wire::kHeaderBytes;
      if (bytes > limit)
        return fail(Errc::too_large, "a request of " + std::to_string(bytes) +
                                         " bytes is over the frame limit of " + std::to_string(limit) +
                                         "; send less at a time");
      if (!encoded->head.empty()) lane_->send(std::exchange(encoded->prefix, {}), std::move(encoded->head));
      if (!encoded->prefix.empty() || !encoded->body.empty())
        lane_->send(encoded->prefix, std::move(encoded->body));
      if (!traits_.answered(request)) marks_.push_back(Mark{lane_->written_bytes(), id});
      return Book::Handed::yes;
    });
  }
  Status on_frame(const wire::IncomingFrame& frame) {
    FELIX_TRY(Answer<Outcome> answer, traits_.parse(frame));
    if (!answer.outcome) return {};
    backoff_.reset();
    if (!answer.request_id) {
      last_words_ = answer.outcome->error().context;
      book_.refuse_oldest(answer.outcome->error());
    } else if (book_.resolve(*answer.request_id, std::move(*answer.outcome)) == Book::Match::never_asked) {
      return fail(Errc::malformed, "the broker answered a request that was never made");
    }
    // The next request waits for the rest of what arrived: a broker may end the channel behind a refusal.
    settle_soon();
    return {};
  }
  void on_room() {
    const std::uint64_t acknowledged = lane_->written_bytes() - lane_->queued_bytes();
    while (!marks_.empty() && marks_.front().end <= acknowledged)
      book_.resolve(marks_.pop_front().id, Outcome{});
    pump();
    settle_soon();
  }
  // The lane alone; whether the whole connection went, on_disconnected tells.
  void on_ended(const Error& error) {
    lane_.reset();
    marks_.clear();
    Error why = error;
    if (!last_words_.empty()) why.context += ": " + std::exchange(last_words_, {});
    book_.on_lost(why);
    const bool refused = error.code == Errc::unauthenticated || error.code == Errc::forbidden;
    if (refused) book_.refuse_waiting(why);
    if (book_.has_waiting() && session_.connected()) reopen_timer_.arm(session_.now() + backoff_.next());
    settle_soon();
  }
  void on_disconnected(const Error& error, bool final) {
    reopen_timer_.disarm();
    if (final) book_.refuse_waiting(error);
    settle_soon();
  }
  void on_deadline() {
    book_.expire(session_.now());
    deadline_timer_.arm(book_.next_deadline());
    pump();
    settle_soon();
  }

  // Endings and room are told from the loop, never from inside a call or an event of the transport.
  void settle_soon() {
    if (book_.has_endings() || book_.has_waiting() || (was_full_ && book_.wants_more()))
      settle_timer_.arm(session_.now());
  }
  Session& session_;
  Traits traits_;
  const Lane::Kind kind_;
  Book book_;
  Backoff backoff_;
  std::shared_ptr<Lane> lane_;
  Ring<Mark> marks_;
  std::string last_words_;  // an `error` that named no request
  bool was_full_ = false;
  std::function<void()> on_room_;
  SessionMember member_;
  io::Timer deadline_timer_;
  io::Timer reopen_timer_;
  io::Timer settle_timer_;
};

}  // namespace felix::client
