// How many bytes a second one thread hands another over UDP: one call a datagram, one call for many, and as
// Felix does it (GSO and GRO through io::UdpSocket).

#include <array>
#include <atomic>
#include <poll.h>
#include <sys/socket.h>
#include <thread>

#include "base/time.h"
#include "bench/floor_probes.h"
#include "bench/floor_socket.h"
#include "io/clock.h"
#include "io/udp_socket.h"

namespace felix::bench {
namespace {

constexpr std::size_t kDatagramBytes = 1200;
constexpr std::size_t kManyDatagrams = 48;  // in one call: 57.6 kB, under the 64 KiB that GSO takes
constexpr std::size_t kLargeDatagramBytes = 4096;
constexpr std::size_t kManyLargeDatagrams = 15;
constexpr Duration kLongest = std::chrono::milliseconds(400);

Duration length_of(const FloorOptions& options) {
  return std::min<Duration>(kLongest, std::chrono::nanoseconds(options.probe_time));
}

// Calls `send_some` over and over on a thread of its own and `receive_some`, which returns how many bytes it
// got and does not block for more than 100 ms, on this one. MB (10^6 bytes) received a second.
template <class Send, class Receive>
double pump(Duration length, Send send_some, Receive receive_some) {
  const io::SystemClock clock;
  std::atomic<bool> done{false};
  std::jthread sender([&] {
    while (!done.load(std::memory_order_relaxed)) send_some();
  });
  const MonoTime begin = clock.now();
  MonoTime now = begin;
  double bytes = 0;
  while (now - begin < length) {
    bytes += static_cast<double>(receive_some());
    now = clock.now();
  }
  done.store(true, std::memory_order_relaxed);
  return bytes / 1e6 / std::chrono::duration<double>(now - begin).count();
}

Status connect_both(FloorSocket& from, FloorSocket& to) {
  FELIX_CHECK(from.connect(to.port()));
  return to.connect(from.port());
}

// Messages over one run of datagrams, as sendmmsg and recvmmsg want them.
struct ManyMessages {
  std::array<std::array<std::byte, kDatagramBytes>, kManyDatagrams> datagrams{};
  std::array<iovec, kManyDatagrams> places{};
  std::array<mmsghdr, kManyDatagrams> messages{};

  ManyMessages() {
    for (std::size_t at = 0; at < kManyDatagrams; ++at) {
      places[at] = {datagrams[at].data(), kDatagramBytes};
      messages[at].msg_hdr.msg_iov = &places[at];
      messages[at].msg_hdr.msg_iovlen = 1;
    }
  }
};

// Trains of datagrams, as Felix sends them.
Status pump_trains(const FloorOptions& options, std::size_t datagram_bytes, std::size_t datagrams,
                   const std::string& name, FloorValues& values) {
  FELIX_TRY(const io::Address loopback, io::Address::parse("127.0.0.1:0"));
  FELIX_TRY(auto from, io::UdpSocket::bind(loopback, {}));
  FELIX_TRY(auto to, io::UdpSocket::bind(loopback, {}));
  const io::Address target = to->local();
  const std::vector<std::byte> train(datagram_bytes * datagrams);
  const auto wait_for = [](int fd, short what) {
    pollfd one{fd, what, 0};
    ::poll(&one, 1, 100);
  };
  values[name] = pump(
      length_of(options),
      [&] {
        std::size_t sent_bytes = 0;
        if (from->send(target, 0, train, datagram_bytes, sent_bytes) == io::UdpSocket::Sent::blocked) {
          wait_for(from->fd(), POLLOUT);
        }
      },
      [&] {
        std::size_t bytes = 0;
        const auto count = [&](const io::Datagram& datagram) { bytes += datagram.bytes.size(); };
        if (to->receive(256, count) == 0) wait_for(to->fd(), POLLIN);
        return bytes;
      });
  if (!from->batches_sends()) return fail(Errc::unsupported, "the kernel refuses UDP_SEGMENT");
  return {};
}

}  // namespace

Status probe_send(const FloorOptions& options, FloorValues& values) {
  FELIX_TRY(FloorSocket from, FloorSocket::open());
  FELIX_TRY(FloorSocket to, FloorSocket::open());
  FELIX_CHECK(connect_both(from, to));
  const std::array<std::byte, kDatagramBytes> datagram{};
  std::array<std::byte, kDatagramBytes> buffer;
  values["udp_send_mb_per_s"] =
      pump(length_of(options), [&] { from.send(datagram); }, [&] { return to.receive(buffer); });
  return {};
}

Status probe_sendmmsg(const FloorOptions& options, FloorValues& values) {
  FELIX_TRY(FloorSocket from, FloorSocket::open());
  FELIX_TRY(FloorSocket to, FloorSocket::open());
  FELIX_CHECK(connect_both(from, to));
  ManyMessages out;
  ManyMessages in;
  values["udp_sendmmsg_mb_per_s"] = pump(
      length_of(options), [&] { ::sendmmsg(from.fd(), out.messages.data(), kManyDatagrams, 0); },
      [&]() -> std::size_t {
        const int got = ::recvmmsg(to.fd(), in.messages.data(), kManyDatagrams, MSG_WAITFORONE, nullptr);
        return got > 0 ? static_cast<std::size_t>(got) * kDatagramBytes : 0;
      });
  return {};
}

Status probe_gso_gro(const FloorOptions& options, FloorValues& values) {
  FELIX_CHECK(pump_trains(options, kDatagramBytes, kManyDatagrams, "udp_gso_gro_mb_per_s", values));
  return pump_trains(options, kLargeDatagramBytes, kManyLargeDatagrams, "udp_gso_gro_4096_mb_per_s", values);
}

}  // namespace felix::bench
