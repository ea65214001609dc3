#include "wire/error_info.h"

#include <algorithm>
#include <array>

namespace felix::wire {
namespace {

struct CodeRow {
  std::uint16_t number;
  std::string_view name;
  Errc word;
};

// Wire protocol section 9. base/error.h says what we send; this table also reads what only others send.
constexpr std::array kCodes{
    CodeRow{1, "unauthenticated", Errc::unauthenticated},
    CodeRow{2, "forbidden", Errc::forbidden},
    CodeRow{3, "not_found", Errc::not_found},
    CodeRow{4, "invalid_request", Errc::invalid_request},
    CodeRow{5, "shard_unavailable", Errc::unavailable},
    CodeRow{6, "not_leader", Errc::not_leader},
    CodeRow{7, "quorum_timeout", Errc::outcome_unknown},
    CodeRow{8, "leadership_lost", Errc::outcome_unknown},
    CodeRow{9, "unacknowledged", Errc::outcome_unknown},
    CodeRow{10, "overloaded", Errc::overloaded},
    CodeRow{11, "limit_exceeded", Errc::limit_exceeded},
    CodeRow{12, "draining", Errc::draining},
    CodeRow{13, "internal", Errc::internal},
    CodeRow{14, "storage", Errc::storage},
    CodeRow{15, "stale_claim", Errc::invalid_request},
};

constexpr std::array<std::string_view, 5> kRetryNames{"retry", "retry_after", "redirect", "outcome_unknown",
                                                      "fatal"};

const CodeRow* row_of(std::uint16_t number) {
  return number >= 1 && number <= kCodes.size() ? &kCodes[number - 1u] : nullptr;
}

}  // namespace

ErrorInfo error_info(Errc code) {
  const ErrorRow& own = error_row(code);
  const ErrorRow& row = own.wire_code != 0 ? own : error_row(Errc::internal);
  return ErrorInfo{row.wire_code, std::string(row.wire_name), row.retry, {}, {}};
}

Errc errc_of(const ErrorInfo& info) {
  const CodeRow* row = row_of(info.code != 0 ? info.code : code_number(info.code_name));
  if (row != nullptr) return row->word;
  return info.retry == RetryClass::outcome_unknown ? Errc::outcome_unknown : Errc::internal;
}

std::string_view code_name(std::uint16_t code) {
  const CodeRow* row = row_of(code);
  return row == nullptr ? std::string_view{} : row->name;
}

std::uint16_t code_number(std::string_view name) {
  const auto* row = std::ranges::find(kCodes, name, &CodeRow::name);
  return row == kCodes.end() ? std::uint16_t{0} : row->number;
}

std::string_view retry_name(RetryClass retry) { return kRetryNames[static_cast<std::size_t>(retry) - 1]; }

RetryClass retry_from_name(std::string_view name) {
  const auto* at = std::ranges::find(kRetryNames, name);
  return at == kRetryNames.end() ? RetryClass::fatal : static_cast<RetryClass>(at - kRetryNames.begin() + 1);
}

RetryClass retry_from_byte(std::uint8_t byte) {
  return byte >= 1 && byte <= kRetryNames.size() ? static_cast<RetryClass>(byte) : RetryClass::fatal;
}

}  // namespace felix::wire
