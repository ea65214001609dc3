#pragma once
// One process a state directory: the lock is the kernel's, so it ends with the process however that ends.

#include <string>

#include "base/error.h"

namespace felix::store {

class DirectoryLock {
 public:
  // Creates `directory`/felix.lock when needed. unavailable when another process holds it, naming its pid;
  // storage when the directory cannot be written.
  static Result<DirectoryLock> acquire(const std::string& directory);

  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace felix::store
