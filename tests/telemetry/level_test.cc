#include "telemetry/level.h"

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using namespace felix::telemetry;

TEST_CASE("a level spec holds one general level and levels of modules") {
  const auto spec = parse_level_spec("warn,transport=debug,http=trace");
  REQUIRE(spec);
  CHECK(spec->general == Level::warn);
  CHECK(spec->level_of("transport") == Level::debug);
  CHECK(spec->level_of("http") == Level::trace);
  CHECK(spec->level_of("broker") == Level::warn);
}

TEST_CASE("an empty level spec is info for everyone") {
  const auto spec = parse_level_spec("");
  REQUIRE(spec);
  CHECK(spec->level_of("anything") == Level::info);
}

TEST_CASE("a wrong level spec is a usage error that names the wrong part") {
  const std::pair<const char*, const char*> cases[] = {
      {"loud", "'loud'"},
      {"info,transport=loud", "'loud'"},
      {"info,debug", "'debug'"},
      {"=debug", "'=debug'"},
      {"a=info,a=warn", "'a' twice"},
      {"info,", "empty part"},
      {",info", "empty part"},
      {"transport=", "''"},
      {"INFO", "'INFO'"},
  };
  for (const auto& [text, named] : cases) {
    INFO(text);
    const auto spec = parse_level_spec(text);
    REQUIRE_FALSE(spec);
    CHECK(spec.error().code == Errc::usage);
    CHECK(spec.error().context.find(named) != std::string::npos);
  }
}
