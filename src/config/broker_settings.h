#pragma once

#include <span>

#include "config/setting.h"

namespace felix::config {

// Every setting of `felix broker`, in the order they are shown; those of one table of felix.toml together.
std::span<const Setting> broker_settings();

}  // namespace felix::config
