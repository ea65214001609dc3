#include "config/setting.h"

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using config::PlainNumber;
using config::Setting;
using config::SettingType;

namespace {

Setting of_type(SettingType type, std::uint64_t least = 0, std::uint64_t most = UINT64_MAX) {
  Setting setting;
  setting.name = "table.key";
  setting.type = type;
  setting.least = least;
  setting.most = most;
  setting.words = "drop_new|drop_old|block";
  return setting;
}

std::string shown(const Setting& setting, std::string_view text, PlainNumber plain = PlainNumber::refused) {
  const auto value = config::parse_value(setting, text, plain);
  return value ? config::format_value(setting, *value) : value.error().context;
}

}  // namespace

TEST_CASE("a value that is not UTF-8 is refused: no felix.toml could say it") {
  for (const SettingType type : {SettingType::text, SettingType::path, SettingType::list})
    CHECK(shown(of_type(type), "eu\xff").find("not UTF-8") != std::string::npos);
  CHECK(shown(of_type(SettingType::text), "Zürich") == "Zürich");
}

TEST_CASE("sizes take units of 1024 or plain bytes and are shown shortest") {
  const Setting setting = of_type(SettingType::size);
  CHECK(shown(setting, "65536") == "64KiB");
  CHECK(shown(setting, "64KiB") == "64KiB");
  CHECK(shown(setting, "1024MiB") == "1GiB");
  CHECK(shown(setting, "1000B") == "1000B");
  CHECK(shown(setting, "0") == "0");
  for (const std::string_view bad :
       {"", "KiB", "1.5MiB", "-1", "1 KiB", "64kb", "99999999999999999999", "99999999TiB"})
    CHECK_FALSE(config::parse_value(setting, bad));
}

TEST_CASE("durations want a unit, unless the name of the variable says it") {
  const Setting setting = of_type(SettingType::duration);
  CHECK(shown(setting, "250ms") == "250ms");
  CHECK(shown(setting, "60000ms") == "1m");
  CHECK(shown(setting, "0") == "0");
  CHECK(shown(setting, "25000", PlainNumber::milliseconds) == "25s");
  CHECK(shown(setting, "250", PlainNumber::microseconds) == "250us");
  CHECK(shown(setting, "6s", PlainNumber::milliseconds) == "6s");
  for (const std::string_view bad : {"", "250", "s", "1.5s", "-1s", "1 s", "1d", "9999999999h"})
    CHECK_FALSE(config::parse_value(setting, bad));
  CHECK(config::plain_number_of("FELIX_AUTH_TIMEOUT_MS") == PlainNumber::milliseconds);
  CHECK(config::plain_number_of("FELIX_DELAY_US") == PlainNumber::microseconds);
  CHECK(config::plain_number_of("FELIX_STATUS") == PlainNumber::refused);
}

TEST_CASE("ranges hold at both ends and are named when they do not") {
  const Setting size = of_type(SettingType::size, 1024, 65536);
  CHECK(config::parse_value(size, "1KiB"));
  CHECK(config::parse_value(size, "64KiB"));
  CHECK_FALSE(config::parse_value(size, "1023"));
  CHECK(shown(size, "65537") == "wants a size from 1KiB to 64KiB (\"64KiB\", \"16MiB\"), not '65537'");
  CHECK(shown(of_type(SettingType::integer, 1, 10), "11") == "wants a whole number from 1 to 10, not '11'");
  CHECK(shown(of_type(SettingType::integer, 5), "4") == "wants a whole number of at least 5, not '4'");
}

TEST_CASE("addresses are numeric and have a port") {
  const Setting setting = of_type(SettingType::address);
  for (const std::string_view good : {"0.0.0.0:5000", "127.0.0.1:0", "[::1]:65535", "[::]:5000"})
    CHECK(shown(setting, good) == good);
  for (const std::string_view bad : {"", "localhost:5000", "0.0.0.0", ":5000", "::1:5000", "[::1]",
                                     "1.2.3.4:65536", "1.2.3.4:", "1.2.3:1"})
    CHECK_FALSE(config::parse_value(setting, bad));
}

TEST_CASE("words, booleans and lists are read as written") {
  CHECK(shown(of_type(SettingType::word), "block") == "block");
  CHECK(shown(of_type(SettingType::word), "drop") == "wants drop_new, drop_old or block, not 'drop'");
  CHECK(shown(of_type(SettingType::boolean), "1") == "true");
  CHECK(shown(of_type(SettingType::boolean), "false") == "false");
  CHECK(shown(of_type(SettingType::boolean), "yes") == "wants true or false, not 'yes'");
  CHECK(shown(of_type(SettingType::list), "a,b,,c") == "a,b,c");
  CHECK(shown(of_type(SettingType::list), "") == "");
}

TEST_CASE("a secret that is refused is not repeated") {
  Setting setting = of_type(SettingType::integer);
  setting.secret = true;
  CHECK(shown(setting, "hunter2").find("hunter2") == std::string::npos);
}
