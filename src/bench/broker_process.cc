#include "bench/broker_process.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/scrape.h"
#include "config/context.h"
#include "config/load.h"

namespace felix::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kStartSteps = 1000;
constexpr int kStepMs = 10;
constexpr int kEndMs = 3000;

// Waits for the end of a child, at most so long; true when it has ended.
bool ends_within(int pid_fd, int timeout_ms) {
  pollfd ended{pid_fd, POLLIN, 0};
  return ::poll(&ended, 1, timeout_ms) == 1;
}

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The environment without any setting of ours, and with places below `directory`.
std::vector<std::string> environment_for(const std::string& directory) {
  std::vector<std::string> environment;
  for (char** at = ::environ; *at != nullptr; ++at) {
    const std::string_view line(*at);
    if (!line.starts_with("FELIX_") && !line.starts_with("XDG_")) environment.emplace_back(line);
  }
  environment.push_back("XDG_CONFIG_HOME=" + directory + "/config");
  environment.push_back("XDG_STATE_HOME=" + directory + "/state");
  return environment;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<std::unique_ptr<BrokerProcess>> BrokerProcess::start(const std::string& program,
                                                            const std::vector<std::string>& options,
                                                            const std::optional<CpuRange>& cpus) {
  std::unique_ptr<BrokerProcess> broker(new BrokerProcess);
  std::error_code ignored;
  std::string pattern = (fs::temp_directory_path(ignored) / "felix-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    return fail(Errc::storage, "no temporary directory " + pattern + " for the broker (" +
                                   std::strerror(errno) + "); set TMPDIR");
  broker->directory_ = pattern;

  std::vector<std::string> words{program,       "broker",         "--quic-bind",
                                 "127.0.0.1:0", "--metrics-bind", "127.0.0.1:0"};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<std::string> environment = environment_for(broker->directory_);
  std::vector<char*> arguments = pointers(words);
  std::vector<char*> variables = pointers(environment);
  const std::string log = broker->directory_ + "/log";
  const int log_fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    // Only calls that are safe between fork and exec. Signals are blocked where a loop reads them.
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(127);
    pin_this_thread(cpus);
    ::dup2(log_fd, STDOUT_FILENO);
    ::dup2(log_fd, STDERR_FILENO);
    ::execve(program.c_str(), arguments.data(), variables.data());
    ::_exit(127);
  }
  if (log_fd >= 0) ::close(log_fd);
  if (pid < 0) return fail(Errc::unavailable, std::string("cannot fork (") + std::strerror(errno) + ")");
  broker->pid_ = pid;
  broker->pid_fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (broker->pid_fd_ < 0)
    return fail(Errc::unsupported,
                "this kernel has no pidfd_open; start a broker yourself and leave --spawn out");
  FELIX_CHECK(broker->wait_ready());
  return broker;
}

// The client context is written last, when clients are taken.
Status BrokerProcess::wait_ready() {
  const std::string config = directory_ + "/config/felix";
  for (int i = 0; i < kStartSteps; ++i) {
    if (ends_within(pid_fd_, kStepMs))
      return fail(Errc::unavailable, "the broker that was started for this ended: " + last_words());
    if (const auto context = config::load_context(config, config::kDefaultContext)) {
      client_options_.servers = {context->server};
      client_options_.server_name = context->server_name;
      client_options_.ca_file = context->ca_file;
      client_options_.token = context->token;
      client_options_.token_file = context->token_file;
      if (!context->tenant.empty()) client_options_.tenant = context->tenant;
      if (!context->ns.empty()) client_options_.namespace_id = context->ns;
      return {};
    }
  }
  return fail(Errc::timed_out, "the broker that was started for this took too long: " + last_words());
}

std::string BrokerProcess::last_words() const {
  std::string text = contents(directory_ + "/log");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const std::size_t line = text.rfind('\n');
  return line == std::string::npos ? text : text.substr(line + 1);
}

BrokerProcess::~BrokerProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    if (!ends_within(pid_fd_, kEndMs)) ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (pid_fd_ >= 0) ::close(pid_fd_);
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

double BrokerProcess::cpu_s() const {
  std::error_code error;
  double seconds = 0;
  for (const fs::directory_entry& task :
       fs::directory_iterator("/proc/" + std::to_string(pid_) + "/task", error)) {
    // The first number: nanoseconds on a CPU.
    const std::string text = contents(task.path() / "schedstat");
    std::uint64_t ns = 0;
    std::from_chars(text.data(), text.data() + text.size(), ns);
    seconds += static_cast<double>(ns) * 1e-9;
  }
  return seconds;
}

std::uint64_t BrokerProcess::resident_bytes() const {
  // RssAnon, because files mapped do not grow with connections.
  const std::string text = contents("/proc/" + std::to_string(pid_) + "/status");
  constexpr std::string_view kName = "RssAnon:";
  std::size_t at = text.find(kName);
  if (at == std::string::npos) return 0;
  at = text.find_first_not_of(" \t", at + kName.size());
  std::uint64_t kib = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), kib);
  return kib * 1024;
}

std::uint64_t BrokerProcess::allocated_bytes() const {
  constexpr std::string_view kName = " http=";
  const std::string log = contents(directory_ + "/log");
  const std::size_t at = log.find(kName);
  if (at == std::string::npos) return 0;
  const std::size_t from = at + kName.size();
  const auto http = io::Address::parse(log.substr(from, log.find_first_of(" \n", from) - from));
  if (!http) return 0;
  return static_cast<std::uint64_t>(scrape(*http, "felix_memory_allocated_bytes").value_or(0));
}

}  // namespace felix::bench
