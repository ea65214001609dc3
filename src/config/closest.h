#pragma once

#include <span>
#include <string>
#include <string_view>

namespace felix::config {

// The candidate a person most likely meant, for "did you mean"; empty when none is near.
std::string_view closest(std::string_view typed, std::span<const std::string_view> candidates);
// "; did you mean 'x'?" or nothing.
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> candidates);

}  // namespace felix::config
