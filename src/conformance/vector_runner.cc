#include "conformance/vector_runner.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "conformance/json_value.h"
#include "conformance/vector_case.h"
#include "json/reader.h"

namespace felix::conformance {
namespace {

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad())
    return fail(Errc::malformed, path.string() + ": cannot be read; check its permissions");
  return text;
}

std::string suite_of(const std::string& file) { return std::filesystem::path(file).stem().string(); }

// Runs one case and names it; an error says which case of which file is no vector.
template <class Run>
Status add_case(Report& report, const VectorFile& file, const json::Value& vector, Run run) {
  auto name = text_member(vector, "name");
  if (!name) return std::unexpected(with_context(file.name, std::move(name).error()));
  Result<CaseResult> result = run(vector);
  if (!result) return std::unexpected(with_context(file.name + ": " + *name, std::move(result).error()));
  result->suite = suite_of(file.name);
  result->name = *std::move(name);
  report.cases.push_back(*std::move(result));
  return {};
}

Status run_file(Report& report, const VectorFile& file) {
  auto document = json::parse(file.text);
  if (!document) return std::unexpected(with_context(file.name, std::move(document).error()));
  const json::Value& root = document->root();
  if (!root.is_object()) return fail(Errc::malformed, file.name + ": not a JSON object");
  const json::Value* cases = root.find("cases");
  if (cases == nullptr) return add_case(report, file, root, run_original_case);
  if (!cases->is_array()) return fail(Errc::malformed, file.name + ": member `cases` is not an array");
  for (const json::Value& vector : cases->elements())
    FELIX_CHECK(add_case(report, file, vector, run_own_case));
  return {};
}

}  // namespace

Result<std::vector<VectorFile>> read_vectors(const std::string& directory) {
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  std::vector<std::filesystem::path> paths;
  for (const std::filesystem::directory_iterator end; !error && entries != end; entries.increment(error)) {
    if (entries->path().extension() == ".json") paths.push_back(entries->path());
  }
  if (error) return fail(Errc::malformed, directory + ": cannot be read as a directory: " + error.message());
  if (paths.empty()) return fail(Errc::malformed, directory + ": holds no .json file");
  std::ranges::sort(paths);
  std::vector<VectorFile> files;
  for (const auto& path : paths) {
    FELIX_TRY(std::string text, read_file(path));
    files.push_back({path.string(), std::move(text)});
  }
  return files;
}

Result<Report> run_vectors(const std::vector<VectorFile>& files, std::string title) {
  Report report{std::move(title), {}};
  for (const VectorFile& file : files) FELIX_CHECK(run_file(report, file));
  return report;
}

}  // namespace felix::conformance
