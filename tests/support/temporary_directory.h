#pragma once
// A fresh directory that is removed, with everything in it, when the object goes.

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>

namespace felix::test {

class TemporaryDirectory {
 public:
  TemporaryDirectory() : TemporaryDirectory(std::filesystem::temp_directory_path()) {}
  explicit TemporaryDirectory(const std::filesystem::path& parent)
      : path_((parent / "felix-test-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp " + path_);
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  // Where nothing has to reach a disk: tests that are not about durability do not wait for one.
  static std::filesystem::path in_memory() {
    const std::filesystem::path shared_memory = "/dev/shm";
    return ::access(shared_memory.c_str(), W_OK) == 0 ? shared_memory
                                                      : std::filesystem::temp_directory_path();
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace felix::test
