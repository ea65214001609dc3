#pragma once
// A scripted broker on loopback, in the test's own loop: it speaks like one of the generations of the
// protocol and misbehaves when told to. It keeps one list of records per stream and one cache.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/loop.h"
#include "json/reader.h"
#include "transport/endpoint.h"
#include "wire/frame_reader.h"
#include "wire/messages.h"
#include "wire/publish_codec.h"

namespace felix::client::test {

enum class Generation : std::uint8_t {
  before_negotiation,  // answers auth with plain ok
  t0,                  // flags 0x003F, no features, replay in per-subscription frames
  t1,                  // flags 0x00FF and features
  ours,                // everything this build serves
};

struct ModelOptions {
  Generation generation = Generation::ours;
  std::string token = "good-token";
  transport::TransportConfig transport{};
  bool hello_after_subscribed = false;
  bool offsets = true;       // when the client offered them
  Offset oldest = 0;         // offsets below are not kept
  std::uint32_t batch = 10;  // records per replay frame
  // Every n-th publish (counted from 1) is refused as forbidden; 0: none.
  std::uint64_t refuse_every = 0;
  bool end_channel_on_refusal = false;  // as the first brokers do
  bool hold_answers = false;            // until release()
  std::uint32_t publish_window = 0;     // granted to who asks; 0: none
  bool end_after_replay = false;
};

class ModelBroker {
 public:
  ModelBroker(io::Loop& loop, ModelOptions options);
  ~ModelBroker();

  std::string address() const;
  ModelOptions& options() { return options_; }
  std::vector<std::string>& records(const std::string& stream) { return streams_[stream]; }
  std::map<std::string, std::string>& cache() { return cache_; }

  // Sends the answers held, in an order drawn from `random`.
  void release(std::mt19937_64& random);
  std::size_t held() const { return held_.size(); }
  // Delivers records appended since to every live subscription.
  void deliver(const std::string& stream);
  // Closes every connection.
  void close_all(std::uint64_t code, const std::string& reason) { endpoint_->close_all(code, reason); }
  // Vanishes without a word, and comes back at the same address.
  void stop();
  void start();

  std::uint64_t publishes = 0;        // frames, acked or not
  std::uint64_t json_publishes = 0;   // of those
  std::uint64_t keyed_publishes = 0;  // of those
  std::uint64_t cache_requests = 0;
  std::uint64_t binary_cache_requests = 0;  // of those
  std::uint64_t subscribes = 0;
  std::uint64_t auths = 0;
  std::uint64_t stopped_subscriptions = 0;  // by the client's STOP_SENDING
  std::size_t event_bytes_written = 0;
  std::uint64_t max_unanswered = 0;

 private:
  struct Peer;
  struct Subscription;
  void on_channel(transport::Channel& channel);
  void on_readable(const std::shared_ptr<Peer>& peer);
  void on_message(const std::shared_ptr<Peer>& peer, wire::ClientMessage message);
  void on_cache(const std::shared_ptr<Peer>& peer, const wire::IncomingFrame& frame);
  void on_auth(Peer& peer, const wire::Auth& auth);
  void on_publish(const std::shared_ptr<Peer>& peer, std::optional<RequestId> id, bool json,
                  const std::string& stream, const wire::RecordRun& records);
  void on_subscribe(Peer& peer, const wire::Subscribe& subscribe);
  void answer(const std::shared_ptr<Peer>& peer, std::function<std::vector<std::byte>(const Peer&)> encode);
  void replay(Subscription& subscription);

  io::Loop& loop_;
  ModelOptions options_;
  std::shared_ptr<const crypto::TlsServerContext> tls_;
  std::unique_ptr<transport::Endpoint> endpoint_;
  std::optional<io::Address> bound_;
  json::Reader reader_;
  std::map<std::string, std::vector<std::string>> streams_;
  std::map<std::string, std::string> cache_;
  std::vector<std::function<void()>> held_;
  std::vector<std::shared_ptr<Subscription>> subscriptions_;
  std::uint64_t next_subscription_ = 1;
};

}  // namespace felix::client::test
