#include "wire/error_info.h"

#include <catch2/catch_test_macros.hpp>

namespace felix::wire {

TEST_CASE("every error that travels has the number and the word of the protocol") {
  for (unsigned i = 0; i <= static_cast<unsigned>(Errc::internal); ++i) {
    const ErrorRow& row = error_row(static_cast<Errc>(i));
    const ErrorInfo info = error_info(row.code);
    CHECK(info.code >= 1);
    CHECK(info.code <= 15);
    CHECK(code_name(info.code) == info.code_name);
    CHECK(code_number(info.code_name) == info.code);
    if (row.wire_code != 0) {
      CHECK(info.code == row.wire_code);
      CHECK(info.code_name == row.wire_name);
      CHECK(info.retry == row.retry);
    }
  }
}

TEST_CASE("an unknown code keeps its retry class, an unknown retry class is fatal") {
  CHECK(code_name(0).empty());
  CHECK(code_name(16).empty());
  CHECK(code_number("revoked") == 0);
  CHECK(retry_from_name("someday") == RetryClass::fatal);
  CHECK(retry_from_byte(0) == RetryClass::fatal);
  CHECK(retry_from_byte(6) == RetryClass::fatal);
  for (std::uint8_t byte = 1; byte <= 5; ++byte)
    CHECK(retry_from_name(retry_name(retry_from_byte(byte))) == static_cast<RetryClass>(byte));
  CHECK(errc_of({0, "revoked", RetryClass::fatal, {}, {}}) == Errc::internal);
  CHECK(errc_of({99, "", RetryClass::outcome_unknown, {}, {}}) == Errc::outcome_unknown);
  CHECK(errc_of({0, "overloaded", RetryClass::retry, {}, {}}) == Errc::overloaded);
}

}  // namespace felix::wire
