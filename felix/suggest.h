#pragma once

#include <span>
#include <string_view>

namespace felix::command {

// The word of `words` that `typed` was probably meant to be; empty when none is near.
std::string_view nearest(std::string_view typed, std::span<const std::string_view> words);

}  // namespace felix::command
