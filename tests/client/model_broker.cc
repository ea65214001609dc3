#include "client/model_broker.h"

#include <algorithm>

#include "crypto/test_pki.h"
#include "crypto/tls_context.h"
#include "wire/ack_codec.h"
#include "wire/cache_codec.h"
#include "wire/event_codec.h"
#include "wire/features.h"
#include "wire/flags.h"
#include "wire/json_codec.h"

namespace felix::client::test {

struct ModelBroker::Peer {
  explicit Peer(transport::Channel& opened) : channel(&opened), reader(wire::kDefaultMaxPayloadBytes) {}
  transport::Channel* channel;  // null when gone
  wire::FrameReader reader;
  bool authenticated = false;
  std::uint16_t flags = wire::kOriginalFlags;
  std::size_t received = 0;
  std::uint64_t unanswered = 0;

  void write(const std::vector<std::byte>& frame) {
    if (channel != nullptr) channel->write({}, flow::Slice::copy_of(frame));
  }
  template <class Message>
  void say(const Message& message) {
    std::vector<std::byte> out;
    wire::append_frame(out, message);
    write(out);
  }
};

struct ModelBroker::Subscription {
  SubscriptionId id;
  std::string stream;
  Offset next = 0;
  bool offsets = false;
  bool named_frames = false;
  bool ended = false;  // by us
  transport::Channel* channel = nullptr;
};

ModelBroker::ModelBroker(io::Loop& loop, ModelOptions options) : loop_(loop), options_(std::move(options)) {
  tls_ = crypto::TlsServerContext::create(crypto::test::server_options(), crypto::test::now()).value();
  start();
}
ModelBroker::~ModelBroker() = default;

void ModelBroker::start() {
  transport::ListenOptions listen;
  listen.transport = options_.transport;
  listen.tls = [this] { return tls_; };
  listen.on_connection = [this](transport::Connection& connection) {
    transport::ConnectionEvents events;
    events.on_channel = [this](transport::Channel& channel) { on_channel(channel); };
    connection.set_events(std::move(events));
  };
  const io::Address local = bound_ ? *bound_ : io::Address::parse("127.0.0.1:0").value();
  endpoint_ = transport::Endpoint::listen(loop_, local, std::move(listen)).value();
  bound_ = endpoint_->local();
}

void ModelBroker::stop() {
  subscriptions_.clear();
  held_.clear();
  endpoint_.reset();
}

std::string ModelBroker::address() const { return bound_->to_string(); }

void ModelBroker::on_channel(transport::Channel& channel) {
  auto peer = std::make_shared<Peer>(channel);
  transport::ChannelEvents events;
  events.on_bytes = [peer](Bytes bytes) {
    peer->received += bytes.size();
    peer->reader.push(bytes);
  };
  events.on_readable = [this, peer] { on_readable(peer); };
  events.on_closed = [peer] { peer->channel = nullptr; };
  channel.set_events(std::move(events));
}

void ModelBroker::on_readable(const std::shared_ptr<Peer>& peer) {
  wire::IncomingFrame frame;
  while (peer->channel != nullptr && peer->reader.next(frame).value()) {
    if (frame.flags == 0) {
      on_message(peer, wire::parse_client_message(frame.payload.bytes(), reader_).value());
      continue;
    }
    if (frame.flags == wire::kBinaryCache) {
      on_cache(peer, frame);
      continue;
    }
    wire::BinaryPublish publish = wire::parse_publish_batch(frame.flags, frame.payload).value();
    if (publish.key) ++keyed_publishes;
    on_publish(peer, publish.request_id, false, std::string(publish.stream), publish.records);
  }
  if (peer->channel == nullptr) return;
  peer->channel->consume(std::exchange(peer->received, 0));
  if (peer->channel->peer_finished() && !options_.hold_answers) peer->channel->finish();
}

void ModelBroker::on_message(const std::shared_ptr<Peer>& peer, wire::ClientMessage message) {
  if (const auto* auth = std::get_if<wire::Auth>(&message)) return on_auth(*peer, *auth);
  if (!peer->authenticated) return peer->channel->finish();
  if (const auto* publish = std::get_if<wire::Publish>(&message)) {
    if (publish->key) ++keyed_publishes;
    ++json_publishes;
    return on_publish(peer, publish->request_id, true, publish->stream, publish->records);
  }
  if (const auto* subscribe = std::get_if<wire::Subscribe>(&message)) return on_subscribe(*peer, *subscribe);
  ++cache_requests;
  if (const auto* put = std::get_if<wire::CachePut>(&message)) {
    cache_[put->key] = std::string(as_text(put->value.bytes()));
    const RequestId id = put->request_id.value();
    return answer(peer, [id](const Peer&) {
      std::vector<std::byte> out;
      wire::append_frame(out, wire::CacheOk{id});
      return out;
    });
  }
  if (const auto* remove = std::get_if<wire::CacheDelete>(&message)) {
    cache_.erase(remove->key);
    const RequestId id = remove->request_id.value();
    return answer(peer, [id](const Peer&) {
      std::vector<std::byte> out;
      wire::append_frame(out, wire::CacheOk{id});
      return out;
    });
  }
  if (const auto* get = std::get_if<wire::CacheGet>(&message)) {
    wire::CacheValue value;
    value.tenant_id = get->tenant_id;
    value.namespace_id = get->namespace_id;
    value.cache = get->cache;
    value.key = get->key;
    value.request_id = get->request_id;
    if (get->cache == "unknown")
      return answer(peer, [](const Peer&) {
        std::vector<std::byte> out;
        wire::append_frame(out, wire::ErrorMessage{"cache scope not found: t/n/unknown", std::nullopt});
        return out;
      });
    if (const auto found = cache_.find(get->key); found != cache_.end())
      value.value = flow::Slice::copy_of(as_bytes(found->second));
    return answer(peer, [value](const Peer&) {
      std::vector<std::byte> out;
      wire::append_frame(out, value);
      return out;
    });
  }
}

void ModelBroker::on_cache(const std::shared_ptr<Peer>& peer, const wire::IncomingFrame& frame) {
  const wire::CacheRequest request = wire::parse_cache_request(frame.payload).value();
  ++cache_requests;
  ++binary_cache_requests;
  const RequestId id = request.request_id;
  if (request.cache == "unknown")
    return answer(peer, [id](const Peer&) {
      std::vector<std::byte> out;
      wire::append_cache_refusal(out, id, "cache scope not found: t/n/unknown",
                                 wire::error_info(Errc::not_found));
      return out;
    });
  wire::CacheAnswer said{wire::CacheVerdict::done, id, {}, {}, {}, {}};
  const std::string key(request.key);
  if (request.verb == wire::CacheVerb::put) {
    cache_[key] = std::string(as_text(request.value.bytes()));
  } else if (request.verb == wire::CacheVerb::erase) {
    cache_.erase(key);
  } else if (const auto found = cache_.find(key); found != cache_.end()) {
    said.verdict = wire::CacheVerdict::value;
    said.value = flow::Slice::copy_of(as_bytes(found->second));
  } else {
    said.verdict = wire::CacheVerdict::absent;
  }
  answer(peer, [said](const Peer&) {
    const flow::InlineBytes head = wire::cache_answer_head(said);
    std::vector<std::byte> out(head.bytes().begin(), head.bytes().end());
    out.insert(out.end(), said.value.bytes().begin(), said.value.bytes().end());
    return out;
  });
}

void ModelBroker::on_auth(Peer& peer, const wire::Auth& auth) {
  ++auths;
  if (auth.token != options_.token) {
    peer.say(wire::ErrorMessage{"auth failed", std::nullopt});
    return peer.channel->finish();
  }
  peer.authenticated = true;
  peer.flags = wire::offered_flags(auth.client_flags);
  if (!peer.channel->is_bidirectional()) return;
  wire::AuthOk ok;
  switch (options_.generation) {
    case Generation::before_negotiation:
      peer.flags = wire::kOriginalFlags;
      return peer.say(wire::Ok{});
    case Generation::t0:
      ok.server_flags = wire::kKnownFlagsT0;
      break;
    case Generation::t1:
      ok.server_flags = wire::kKnownFlagsT1;
      ok.server_features = 0x3FF;
      break;
    case Generation::ours:
      ok.server_flags = wire::kServedFlags;
      ok.server_features = wire::kServedFeatures;
      if (const auto hi = wire::offered_features_hi(auth.client_features, auth.client_features_hi) &
                          wire::kServedFeaturesHi) {
        *ok.server_features |= wire::kFeatureExtended;
        ok.server_features_hi = hi;
      }
      if (const auto granted =
              wire::granted_features(auth.client_features.value_or(0), options_.publish_window)) {
        *ok.server_features |= granted;
        if ((granted & wire::kFeaturePublishPipeline) != 0) ok.publish_window = options_.publish_window;
      }
      break;
  }
  peer.flags &= ok.server_flags;
  peer.say(ok);
}

void ModelBroker::answer(const std::shared_ptr<Peer>& peer,
                         std::function<std::vector<std::byte>(const Peer&)> encode) {
  max_unanswered = std::max(max_unanswered, ++peer->unanswered);
  auto send = [peer, encode = std::move(encode)] {
    --peer->unanswered;
    peer->write(encode(*peer));
  };
  if (options_.hold_answers)
    held_.push_back(std::move(send));
  else
    send();
}

void ModelBroker::release(std::mt19937_64& random) {
  auto answers = std::exchange(held_, {});
  std::ranges::shuffle(answers, random);
  for (const auto& send : answers) send();
}

void ModelBroker::on_publish(const std::shared_ptr<Peer>& peer, std::optional<RequestId> id, bool json,
                             const std::string& stream, const wire::RecordRun& records) {
  ++publishes;
  const bool refused = options_.refuse_every != 0 && publishes % options_.refuse_every == 0;
  const Offset base = streams_[stream].size();
  if (!refused)
    for (const Bytes record : records) streams_[stream].emplace_back(as_text(record));
  if (!id || !peer->channel->is_bidirectional()) return;
  answer(peer, [id, json, refused, base](const Peer& to) {
    std::vector<std::byte> out;
    if (!json) {
      wire::PublishAck ack;
      ack.request_id = *id;
      ack.ok = !refused;
      if (refused) {
        ack.message = "forbidden";
        ack.info = wire::error_info(Errc::forbidden);
      } else {
        ack.offset = base;
      }
      wire::append_publish_ack(out, ack, to.flags);
    } else if (refused) {
      wire::append_frame(out, wire::PublishError{*id, "forbidden", std::nullopt});
    } else {
      wire::append_frame(out, wire::PublishOk{*id, std::nullopt});
    }
    return out;
  });
  if (refused && options_.end_channel_on_refusal) peer->channel->finish();
}

void ModelBroker::on_subscribe(Peer& peer, const wire::Subscribe& subscribe) {
  ++subscribes;
  const Offset tail = streams_[subscribe.stream].size();
  const wire::Start start = subscribe.start.value_or(wire::Start::latest());
  if (subscribe.stream == "unknown") {
    peer.say(wire::ErrorMessage{"stream not found: tenant=t namespace=n stream=unknown", std::nullopt});
    return peer.channel->finish();
  }
  auto subscription = std::make_shared<Subscription>();
  subscription->stream = subscribe.stream;
  subscription->next = start.at == wire::Start::At::earliest ? options_.oldest
                       : start.at == wire::Start::At::offset ? start.offset
                                                             : tail;
  using Reason = wire::SubscribeCursorError::Reason;
  if (subscription->next > tail || subscription->next < options_.oldest) {
    const bool future = subscription->next > tail;
    peer.say(wire::SubscribeCursorError{future ? Reason::in_future : Reason::too_old, start.offset,
                                        future ? tail : options_.oldest});
    return peer.channel->finish();
  }
  subscription->id = SubscriptionId{next_subscription_++};
  subscription->offsets = options_.offsets && (peer.flags & wire::kEventBatchOffsets) != 0;
  subscription->named_frames = options_.generation == Generation::t0;
  transport::Channel* events = peer.channel->connection().open_uni();
  subscription->channel = events;
  transport::ChannelEvents heard;
  heard.on_closed = [this, weak = std::weak_ptr(subscription), events] {
    const auto gone = weak.lock();
    if (gone == nullptr) return;
    if (!events->connection().closing() && !gone->ended) ++stopped_subscriptions;
    std::erase(subscriptions_, gone);
  };
  events->set_events(std::move(heard));
  const auto hello = wire::encode_frame(wire::EventStreamHello{subscription->id});
  if (options_.hello_after_subscribed) {
    peer.say(wire::Subscribed{subscription->id, {}, {}, {}});
    events->write({}, hello);
  } else {
    events->write({}, hello);
    peer.say(wire::Subscribed{subscription->id, {}, {}, {}});
  }
  peer.channel->finish();
  subscriptions_.push_back(subscription);
  replay(*subscription);
  if (!options_.end_after_replay) return;
  subscription->ended = true;
  events->finish();
}

void ModelBroker::replay(Subscription& subscription) {
  const auto& all = streams_[subscription.stream];
  while (subscription.next < all.size()) {
    wire::RecordRunBuilder run;
    wire::EventBatch batch;
    if (subscription.named_frames) batch.subscription_id = subscription.id;
    if (subscription.offsets) batch.base_offset = subscription.next;
    while (subscription.next < all.size() && run.count() < options_.batch)
      run.append(as_bytes(all[subscription.next++]));
    batch.records = run.finish();
    std::vector<std::byte> out;
    wire::append_event_batch(out, batch);
    event_bytes_written += out.size();
    subscription.channel->write({}, flow::Slice::copy_of(out));
  }
}

void ModelBroker::deliver(const std::string& stream) {
  for (const auto& subscription : subscriptions_)
    if (subscription->stream == stream) replay(*subscription);
}

}  // namespace felix::client::test
