#pragma once
// A figure a broker says of itself, over HTTP.

#include <optional>
#include <string>
#include <string_view>

#include "io/address.h"

namespace felix::bench {

// The value of one series of /metrics, named with its labels as exposed. Nothing when the broker does not
// answer within some seconds, or has no such series. Blocks.
std::optional<double> scrape(const io::Address& http, std::string_view series);

}  // namespace felix::bench
