// A certificate that changes under traffic: by an operator's file and SIGHUP, and by the broker's own
// renewal.

#include <filesystem>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/traffic.h"
#include "crypto/pki.h"
#include "io/file.h"

using namespace felix;
using namespace felix::test;

namespace {

constexpr Duration kDay = std::chrono::hours(24);

// An authority of its own in a directory, and the certificate it issued.
class Authority {
 public:
  explicit Authority(const std::string& name) {
    const auto validity = crypto::validity_from(io::SystemClock().wall_now(), 10 * kDay);
    const auto ca = crypto::generate_ca(name, validity).value();
    issued_ = crypto::issue_server_certificate(ca, {{"localhost"}, {"127.0.0.1"}}, validity).value();
    write(ca_file(), ca.certificate_chain.text);
  }
  // The broker's files become this certificate's.
  void install(const std::string& directory) const {
    write(directory + "/cert.pem", issued_.certificate_chain.text);
    write(directory + "/key.pem", issued_.private_key.text);
  }
  std::string ca_file() const { return directory_.path() + "/ca.pem"; }

 private:
  static void write(const std::string& path, const std::string& text) {
    REQUIRE(io::write_file_atomically(path, as_bytes(text), 0600));
  }
  TemporaryDirectory directory_;
  crypto::TlsIdentity issued_;
};

bool let_in(const RunningBroker& broker, const std::string& ca_file) {
  return RawClient(broker, Dial{.address = {}, .ca_file = ca_file}).ready();
}

double certificate_end(const RunningBroker& broker) {
  return broker.metric("felix_tls_certificate_not_after_seconds");
}

}  // namespace

TEST_CASE("a certificate may be changed while traffic runs: nothing is lost, and newcomers see the new one") {
  const Authority first("first"), second("second");
  TemporaryDirectory files;
  first.install(files.path());
  broker::ServerOptions options;
  options.tls_certificate_path = files.path() + "/cert.pem";
  options.tls_key_path = files.path() + "/key.pem";
  RunningBroker broker(GENERATE(1u, 2u, 4u), std::move(options));
  const auto trusting = [](const Authority& authority) {
    return Dial{.address = {}, .ca_file = authority.ca_file()};
  };
  Listener listener(broker, "s", trusting(first));
  std::vector<std::unique_ptr<Pump>> pumps;
  pumps.push_back(std::make_unique<Pump>(broker, "p0", "s", trusting(first)));
  const auto go_on = [&](const std::function<bool()>& done) {
    listener.client.until([&] {
      for (auto& pump : pumps) pump->turn();
      listener.turn();
      return done();
    });
  };
  for (int change = 1; change <= 4; ++change) {
    CAPTURE(change);
    const std::uint64_t before = pumps.front()->answered;
    go_on([&] { return pumps.front()->answered >= before + 100; });
    const Authority& now = change % 2 == 0 ? first : second;
    const Authority& past = change % 2 == 0 ? second : first;
    now.install(files.path());
    broker.server().request_reload();
    go_on([&] { return let_in(broker, now.ca_file()); });
    // Another reactor may hear of it a moment later.
    go_on([&] { return !let_in(broker, past.ca_file()); });
    pumps.push_back(std::make_unique<Pump>(broker, "p" + std::to_string(change), "s", trusting(now)));
  }
  go_on([&] { return pumps.back()->answered >= 100; });
  listener.client.until([&] {
    listener.turn();
    return std::ranges::all_of(pumps, [&](auto& pump) {
      return pump->settle() && listener.heard_of(*pump).size() == pump->acknowledged.size();
    });
  });
  for (const auto& pump : pumps) {
    CHECK(pump->acknowledged.size() == pump->answered);
    listener.check_has_all_of(*pump);
    CHECK_FALSE(pump->client.closed());
  }
  CHECK_FALSE(listener.client.closed());
}

TEST_CASE("a broker makes its own certificate anew before it ends, while traffic runs") {
  broker::ServerOptions options;
  options.certificate_check = std::chrono::milliseconds(20);
  // Its year began 335 and a half days ago, so that its last thirty days began half a day ago.
  RunningBroker broker(GENERATE(1u, 2u), std::move(options), -335 * kDay - kDay / 2);
  const double first_end = certificate_end(broker);
  broker.step_wall_clock(334 * kDay + kDay / 2);
  Listener listener(broker);
  Pump pump(broker, "p");
  const auto go_on = [&](const std::function<bool()>& done) {
    listener.client.until([&] {
      pump.turn();
      listener.turn();
      return done();
    });
  };
  const MonoTime a_while = broker.clock().now() + std::chrono::milliseconds(100);
  go_on([&] { return broker.clock().now() >= a_while; });
  CHECK(certificate_end(broker) == first_end);  // not before its time
  broker.step_wall_clock(kDay);
  go_on([&] { return certificate_end(broker) > first_end; });
  CHECK(certificate_end(broker) > first_end + 300 * 86400.0);
  go_on([&] { return let_in(broker, {}); });
  Pump newcomer(broker, "q");
  newcomer.client.until([&] {
    newcomer.turn();
    pump.turn();
    return newcomer.answered >= 50;
  });
  listener.client.until([&] {
    listener.turn();
    return pump.settle() && newcomer.settle() &&
           listener.heard_of(pump).size() + listener.heard_of(newcomer).size() ==
               pump.answered + newcomer.answered;
  });
  listener.check_has_all_of(pump);
  listener.check_has_all_of(newcomer);
  // Each time is judged anew: the new one stays.
  const double second_end = certificate_end(broker);
  const MonoTime later = broker.clock().now() + std::chrono::milliseconds(100);
  go_on([&] { return broker.clock().now() >= later; });
  CHECK(certificate_end(broker) == second_end);
}
