#include "config/context.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>

#include "config/files.h"
#include "config/places.h"

using namespace felix;
using config::Context;

namespace {

// A directory of its own for each test, gone afterwards.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "felix-config-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  void write(const std::string& name, std::string_view text) const {
    const std::filesystem::path file = path_ + "/" + name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("a context is read back as it was saved, readable by its owner only") {
  const Scratch scratch;
  const std::string directory = scratch.path() + "/made/on/the/way";
  const Context context{.server = "broker.example:5000",
                        .server_name = "broker \"quoted\" \\ \n\x7f",
                        .ca_file = "/état/ca.pem",
                        .token = "",
                        .token_file = "/state/admin.token",
                        .tenant = "t1",
                        .ns = "default"};
  REQUIRE(config::save_context(directory, "prod", {}));
  REQUIRE(config::save_context(directory, "prod", context));
  CHECK(config::load_context(directory, "prod") == context);
  struct stat status{};
  REQUIRE(::stat((directory + "/contexts/prod.toml").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(::stat((directory + "/contexts").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("contexts are listed in order, and nothing else") {
  const Scratch scratch;
  CHECK(config::list_contexts(scratch.path())->empty());
  for (const std::string_view name : {"b", "a", "default"})
    REQUIRE(config::save_context(scratch.path(), name, {}));
  scratch.write("contexts/readme.txt", "");
  scratch.write("contexts/.hidden.toml", "");
  CHECK(*config::list_contexts(scratch.path()) == std::vector<std::string>{"a", "b", "default"});
}

TEST_CASE("the context in use is remembered, default when none was chosen") {
  const Scratch scratch;
  CHECK(config::current_context(scratch.path()) == "default");
  REQUIRE(config::set_current_context(scratch.path(), "prod"));
  CHECK(config::current_context(scratch.path()) == "prod");
  scratch.write("current", "");
  CHECK(config::current_context(scratch.path()) == "default");
  scratch.write("current", "../../etc/passwd\n");
  CHECK(config::current_context(scratch.path()).error().code == Errc::usage);
}

TEST_CASE("a context that is missing or not understood is refused with its file") {
  const Scratch scratch;
  const auto missing = config::load_context(scratch.path(), "prod");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::not_found);
  CHECK(missing.error().context.ends_with("/contexts/prod.toml"));
  scratch.write("contexts/bad.toml", "server = \"a\"\nservr_name = \"b\"\n");
  const auto unknown = config::load_context(scratch.path(), "bad");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().context.ends_with(
      "bad.toml:2: a context has no 'servr_name'; did you mean 'server_name'?"));
  scratch.write("contexts/bad.toml", "server = 5000\n");
  CHECK(config::load_context(scratch.path(), "bad")
            .error()
            .context.ends_with("bad.toml:1: server wants a text in quotes"));
}

TEST_CASE("the name of a context is a plain file name") {
  const Scratch scratch;
  for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("a/b"),
                                  std::string("../x"), std::string("a b"), std::string(65, 'a')}) {
    CHECK(config::load_context(scratch.path(), name).error().code == Errc::usage);
    CHECK(config::save_context(scratch.path(), name, {}).error().code == Errc::usage);
    CHECK(config::set_current_context(scratch.path(), name).error().code == Errc::usage);
  }
}

TEST_CASE("the environment speaks under our names and the original's") {
  const std::vector<std::string> environment{"FELIX_SERVER=s:1", "FELIX_AUTH_TOKEN=t",
                                             "FELIX_AUTH_TENANT=other", "FELIX_TENANT=mine",
                                             "FELIX_NAMESPACEX=no"};
  const Context context = config::context_from_environment(environment);
  CHECK(context.server == "s:1");
  CHECK(context.token == "t");
  CHECK(context.tenant == "mine");
  CHECK(context.ns.empty());
}

TEST_CASE("merging keeps what the upper one says, and one kind of token") {
  const Context under{.server = "low",
                      .server_name = "n",
                      .ca_file = "ca",
                      .token = "low token",
                      .token_file = "",
                      .tenant = "t",
                      .ns = "x"};
  const Context over{.server = "high",
                     .server_name = "",
                     .ca_file = "",
                     .token = "",
                     .token_file = "file",
                     .tenant = "",
                     .ns = ""};
  const Context merged = config::merge(over, under);
  CHECK(merged.server == "high");
  CHECK(merged.server_name == "n");
  CHECK(merged.token.empty());
  CHECK(merged.token_file == "file");
  CHECK(merged.ns == "x");
  CHECK(config::merge({}, under) == under);
}

TEST_CASE("files live under the XDG directories, the home, or here") {
  using Lines = std::vector<std::string>;
  const auto both =
      config::find_places(Lines{"HOME=/home/u", "XDG_CONFIG_HOME=/c", "XDG_STATE_HOME=/s"}, 1000);
  CHECK(both.config_directory == "/c/felix");
  CHECK(both.state_directory == "/s/felix");
  CHECK(both.remark.empty());
  const auto home = config::find_places(Lines{"HOME=/home/u", "XDG_CONFIG_HOME=relative"}, 1000);
  CHECK(home.config_directory == "/home/u/.config/felix");
  CHECK(home.state_directory == "/home/u/.local/state/felix");
  CHECK(config::find_places(Lines{"HOME=/root"}, 0).state_directory == "/var/lib/felix");
  CHECK(config::find_places(Lines{"HOME=/root", "XDG_STATE_HOME=/s"}, 0).state_directory == "/s/felix");
  const auto homeless = config::find_places(Lines{}, 1000);
  CHECK(homeless.config_directory == ".felix");
  CHECK(homeless.state_directory == ".felix");
  CHECK(homeless.remark.find("HOME") != std::string::npos);
}

TEST_CASE("a private file that cannot be written says which, and leaves nothing behind") {
  const Scratch scratch;
  scratch.write("file", "");
  const auto written = config::write_private_file(scratch.path() + "/file/below", "x");
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Errc::storage);
  std::filesystem::create_directory(scratch.path() + "/taken");
  CHECK_FALSE(config::write_private_file(scratch.path() + "/taken", "x"));
  std::size_t entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(scratch.path())) ++entries;
  CHECK(entries == 2);
}
