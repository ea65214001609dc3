#include <filesystem>
#include <memory>

#include "felix/papers.h"
#include "felix/values.h"
#include "io/file.h"

namespace felix::command {
namespace {

Status write_papers(const std::string& root) {
  const auto put = [&root](const std::string& folder, const std::string& name,
                           const std::string& text) -> Status {
    FELIX_CHECK(io::make_directories(root + "/" + folder, 0777));
    return io::write_file_atomically(root + "/" + folder + "/" + name, as_bytes(text), 0644);
  };
  const std::vector<Page> pages = all_pages();
  FELIX_CHECK(put("man", "felix.1", man_overview(pages)));
  for (const Page& page : pages)
    FELIX_CHECK(put("man", "felix-" + page.syntax.name() + ".1", man_page(page.syntax)));
  FELIX_CHECK(put("man", "felix.toml.5", man_settings()));
  FELIX_CHECK(put("completions", "felix.bash", bash_completion(pages)));
  FELIX_CHECK(put("completions", "_felix", zsh_completion(pages)));
  return put("completions", "felix.fish", fish_completion(pages));
}

}  // namespace

Run declare_generate_papers(Syntax& syntax) {
  auto root = std::make_shared<std::string>();
  syntax.argument({"DIR", "where man/ and completions/ are written", text_into(*root), true});
  return [root]() -> Result<ExitCode> {
    FELIX_CHECK(write_papers(*root));
    return ExitCode::done;
  };
}

}  // namespace felix::command
