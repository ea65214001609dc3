#include "bench/environment.h"

#include <ctime>
#include <fstream>
#include <sys/utsname.h>
#include <thread>

#include "io/cpu_count.h"

namespace felix::bench {
namespace {

std::uint64_t number_in(const char* path) {
  std::uint64_t number = 0;
  std::ifstream(path) >> number;
  return number;
}

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

}  // namespace

Environment read_environment() {
  Environment environment;
  environment.cpus = io::usable_cpus();
  environment.cpu_model = cpu_model();
  utsname names{};
  if (::uname(&names) == 0)
    environment.kernel = std::string(names.sysname) + " " + names.release + " " + names.machine;
  environment.rmem_max_bytes = number_in("/proc/sys/net/core/rmem_max");
  environment.wmem_max_bytes = number_in("/proc/sys/net/core/wmem_max");
  environment.transport = "quic";
  environment.tls = "TLS 1.3";
  return environment;
}

std::string utc_text(WallTime at) {
  const std::time_t seconds = unix_seconds(at);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace felix::bench
