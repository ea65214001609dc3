// Runs a target once over each file given, or in each directory given: what its corpus shows holds in every
// build, with no need of libFuzzer. With --neighbours before them, also over what lies beside each input:
// every beginning of it, and every byte changed in four ways.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/fuzz.h"

namespace {

using Input = std::vector<std::uint8_t>;

// Beyond these, a corpus grown by libFuzzer would take minutes.
constexpr std::size_t kNeighbourhoodInputBytes = 1024;

// A heap block of its own each time, so that a sanitizer sees the byte behind it.
void run(const Input& input, std::size_t size, std::size_t& runs) {
  const Input exact(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size));
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  ++runs;
}

void run_neighbours(Input input, std::size_t& runs) {
  for (std::size_t i = 0; i < input.size(); ++i) {
    run(input, i, runs);
    const std::uint8_t was = input[i];
    for (const int other : {0, 0xff, was + 1, was - 1}) {
      input[i] = static_cast<std::uint8_t>(other);
      run(input, input.size(), runs);
    }
    input[i] = was;
  }
}

std::vector<std::filesystem::path> files_of(const std::string& place) {
  if (!std::filesystem::is_directory(place)) return {place};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(place)) files.push_back(entry.path());
  return files;
}

}  // namespace

int main(int count, char** words) {
  std::size_t files = 0;
  std::size_t runs = 0;
  bool neighbours = false;
  for (const std::string& place : std::vector<std::string>(words + 1, words + count)) {
    if (place == "--neighbours") {
      neighbours = true;
      continue;
    }
    for (const auto& path : files_of(place)) {
      std::ifstream file(path, std::ios::binary);
      if (!file) {
        std::fprintf(stderr, "replay: %s cannot be read\n", path.c_str());
        return 1;
      }
      const Input input{std::istreambuf_iterator<char>(file), {}};
      ++files;
      run(input, input.size(), runs);
      if (neighbours && input.size() <= kNeighbourhoodInputBytes) run_neighbours(input, runs);
    }
  }
  std::printf("%zu inputs, %zu runs\n", files, runs);
  return files == 0 ? 1 : 0;
}
