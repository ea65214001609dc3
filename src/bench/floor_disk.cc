// What one durable append costs.

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/time.h"
#include "bench/floor_probes.h"
#include "io/clock.h"

namespace felix::bench {
namespace {

constexpr std::size_t kAppendBytes = 1024;
constexpr std::size_t kMostAppends = 2000;

class ScratchFile {
 public:
  explicit ScratchFile(const std::string& directory) : path_(directory + "/felix-bench-XXXXXX") {
    fd_ = ::mkostemp(path_.data(), O_CLOEXEC | O_APPEND);
    if (fd_ >= 0) ::unlink(path_.c_str());
  }
  ~ScratchFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  int fd() const { return fd_; }

 private:
  std::string path_;
  int fd_ = -1;
};

}  // namespace

Status probe_sync(const FloorOptions& options, FloorValues& values) {
  const auto refused = [&](const char* call) {
    return fail(Errc::storage,
                std::string(call) + " in " + options.disk_directory + ": " + std::strerror(errno));
  };
  const ScratchFile file(options.disk_directory);
  if (file.fd() < 0) return refused("scratch file");
  const std::array<std::byte, kAppendBytes> record{};
  const io::SystemClock clock;
  std::vector<double> nanos;
  const MonoTime end = clock.now() + std::chrono::nanoseconds(options.probe_time);
  MonoTime begin = clock.now();
  while (begin < end && nanos.size() < kMostAppends) {
    if (::write(file.fd(), record.data(), record.size()) < 0) return refused("write");
    if (::fdatasync(file.fd()) != 0) return refused("fdatasync");
    const MonoTime now = clock.now();
    nanos.push_back(static_cast<double>((now - begin).count()));
    begin = now;
  }
  return write_percentiles(values, "fdatasync_append", std::move(nanos));
}

}  // namespace felix::bench
