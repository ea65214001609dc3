#include "base/error.h"

#include <set>

#include <catch2/catch_test_macros.hpp>

using namespace felix;

namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(Errc::invalid_request, "odd");
  return value / 2;
}
Status check(int value) {
  if (value > 10) return fail(Errc::too_large, "large");
  return {};
}
Result<int> checked_quarter(int value) {
  FELIX_CHECK(check(value));
  FELIX_TRY(const int first, half(value));
  FELIX_TRY(const int second, half(first));
  return second;
}

}  // namespace

TEST_CASE("every error has a row with a name, a retry class and an exit code that is not success") {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Errc::internal); ++code) {
    const ErrorRow& row = error_row(static_cast<Errc>(code));
    CHECK(row.code == static_cast<Errc>(code));
    CHECK(names.insert(row.name).second);
    CHECK(row.exit != ExitCode::done);
    CHECK(row.wire_name.empty() == (row.wire_code == 0));
  }
}

TEST_CASE("the first failure leaves the function with its error unchanged") {
  CHECK(checked_quarter(8) == 2);
  CHECK(checked_quarter(12).error() == Error{Errc::too_large, "large"});
  CHECK(checked_quarter(6).error() == Error{Errc::invalid_request, "odd"});
}

TEST_CASE("context is put in front") {
  const Error error = with_context("reading a", {Errc::storage, "no space"});
  CHECK(error.context == "reading a: no space");
  CHECK(to_string(error) == "storage: reading a: no space");
}
