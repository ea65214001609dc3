#pragma once
// The files by which the kernel tells a process of its control groups, made by hand.

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "io/cgroup.h"
#include "io/file.h"
#include "support/temporary_directory.h"

namespace felix::test {

struct Cgroups {
  TemporaryDirectory root;
  io::CgroupFiles files{root.path() + "/membership", root.path()};

  void put(const std::string& path, const std::string& text) {
    const std::string full = root.path() + "/" + path;
    REQUIRE(io::make_directories(full.substr(0, full.rfind('/')), 0700));
    REQUIRE(io::write_file_atomically(full, as_bytes(text), 0600));
  }
};

}  // namespace felix::test
