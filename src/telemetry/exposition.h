#pragma once
// The Prometheus text format, version 0.0.4: what /metrics answers.

#include <span>
#include <string>

#include "telemetry/metrics.h"

namespace felix::telemetry {

inline constexpr std::string_view kExpositionContentType = "text/plain; version=0.0.4; charset=utf-8";

// All series of all sets; those of the same name and labels are added up (gauges too). Families in the order
// of their first registration. Any thread, as long as the sets live.
std::string expose(std::span<const MetricSet* const> sets);

}  // namespace felix::telemetry
