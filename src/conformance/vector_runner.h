#pragma once
// Runs wire vectors against this build's codecs, without a network: each is decoded, compared with what it
// should say, encoded again and compared byte for byte; bytes to be refused must be refused where and how the
// vector says.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "conformance/report.h"

namespace felix::conformance {

// One vector file: JSON text in our format (vectors/README.md) or the original's (one case a file).
struct VectorFile {
  std::string name;
  std::string text;
};

// The files of vectors/ as they were when this binary was built.
std::vector<VectorFile> embedded_vectors();
// The *.json files directly in `directory`, in the order of their names. Malformed, naming the path, when it
// cannot be read or holds none.
Result<std::vector<VectorFile>> read_vectors(const std::string& directory);

// A case that misses its expectation is a failed case; a file that is no vector file is an error (malformed,
// naming the file and the case).
Result<Report> run_vectors(const std::vector<VectorFile>& files, std::string title);

}  // namespace felix::conformance
