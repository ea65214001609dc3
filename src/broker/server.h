#pragma once
// The broker process: constructs everything in order, runs until it is told to stop, and takes it down in
// reverse.
//
//   lock and metadata → identity → reactors (bound, in index order) → HTTP → ready
//   SIGTERM: not ready → no new connections → answers flushed → CONNECTION_CLOSE → reactors end → HTTP ends

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "broker/heap_trim.h"
#include "broker/identity_store.h"
#include "broker/memory_plan.h"
#include "broker/metadata_owner.h"
#include "broker/reactor.h"
#include "http/server.h"
#include "io/loop.h"
#include "io/signals.h"

namespace felix::broker {

struct ServerOptions {
  io::Address listen;
  io::Address http;
  std::string state_dir;
  std::uint32_t reactors = 1;
  ReactorOptions reactor;
  MemoryPlan memory;  // what `reactor` was made from: shown at start unless empty
  std::size_t fanout_bytes = std::size_t{512} << 20;  // see MemoryAccounts::fanout_bytes()
  AdmissionLimits admission;
  // Certificate by file instead of the one the broker makes for itself; read again on SIGHUP.
  std::string tls_certificate_path;
  std::string tls_key_path;
  std::string tls_client_ca_path;
  bool require_alpn = false;
  std::vector<std::string> certificate_names;          // more names for a certificate of our own making
  Duration certificate_check = std::chrono::hours(1);  // how often its end is looked for
  Duration drain_timeout = std::chrono::seconds(25);
  bool handle_signals = true;  // off where the caller stops the broker itself
};

class Server {
 public:
  // Everything is bound and answers; nothing is accepted before run(). Errors name what could not be had and
  // the remedy.
  static Result<std::unique_ptr<Server>> create(ServerOptions options, const io::Clock& clock);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // As bound.
  const io::Address& address() const { return reactors_.front()->local(); }
  const io::Address& http_address() const { return http_->address(); }
  const StandaloneIdentity& identity() const { return identity_; }
  // The packets of one connection reach one reactor by the kernel's doing.
  bool steered() const { return reactors_.front()->steered(); }

  // What /metrics answers. Any thread.
  std::string exposition() const;

  // Serves until a signal or request_stop(), then drains. The error of a drain that had to be forced is none:
  // it is logged.
  Status run();
  // Any thread.
  void request_stop();
  // What SIGHUP does: certificates, token keys and revocations are read again. Any thread.
  void request_reload();
  bool ready() const { return ready_.load(std::memory_order_relaxed); }

 private:
  Server(ServerOptions options, const io::Clock& clock);
  Status open();
  Result<std::shared_ptr<const crypto::TlsServerContext>> load_tls() const;
  Status open_reactors(std::shared_ptr<const crypto::TlsServerContext> tls);
  Status open_http();
  http::Response respond(const http::Request& request) const;
  void log_steering() const;
  void log_socket_buffers() const;
  void log_memory() const;
  bool turn();
  void begin_drain();
  void reload();
  void reload_tls();
  void renew_certificate();
  void note_certificate(const crypto::TlsServerContext& tls);
  Result<std::shared_ptr<const AccessPolicy>> load_policy();
  void reload_policy();
  void post(std::uint32_t reactor, MainMessage&& message);
  bool flush_outboxes();

  const ServerOptions options_;
  const io::Clock& clock_;
  std::unique_ptr<io::Loop> loop_;
  std::unique_ptr<MetadataOwner> metadata_;
  StandaloneIdentity identity_;
  Admission admission_;
  MemoryAccounts memory_;
  Common common_;
  telemetry::MetricSet process_metrics_;
  std::vector<std::unique_ptr<Reactor>> reactors_;
  std::vector<Ring<MainMessage>> outboxes_;  // by reactor
  std::unique_ptr<http::Server> http_;
  std::unique_ptr<io::Signals> signals_;
  std::unique_ptr<io::Timer> drain_timer_;
  std::unique_ptr<HeapTrim> heap_trim_;
  std::unique_ptr<io::Timer> certificate_timer_;  // only for a certificate of our own making
  telemetry::Gauge& ready_gauge_;
  telemetry::Gauge& certificate_end_gauge_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> stop_requested_{false};
  std::atomic<bool> reload_requested_{false};
  std::uint64_t policy_version_ = 0;
  bool draining_ = false;
  MonoTime drain_began_{};
};

}  // namespace felix::broker
