#pragma once
// The style sheet of the report.

#include <string_view>

namespace felix::bench {

extern const std::string_view kReportStyle;

}  // namespace felix::bench
