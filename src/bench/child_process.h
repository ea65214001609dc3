#pragma once
// Work in a forked process that tells what it found through a pipe.

#include <functional>
#include <vector>

#include "base/error.h"

namespace felix::bench {

struct ChildProcess {
  int pid;
  int told_fd;
};

// Runs `work` in a child, which then ends without destructors: everything else belongs to the parent. It ends
// with its parent. The caller's thread must be the only one that may hold a lock now.
// unavailable: no process.
Result<ChildProcess> start_child(const std::function<std::vector<std::byte>()>& work);

// What the child told, once it has ended; to be called once.
std::vector<std::byte> hear_child(const ChildProcess& child);

}  // namespace felix::bench
