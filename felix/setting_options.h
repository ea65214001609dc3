#pragma once
// Rows of the settings table as options of a command.

#include <span>
#include <vector>

#include "config/load.h"
#include "felix/syntax.h"

namespace felix::command {

// Each value is judged at once and collected as text into `into`.
void declare_settings(Syntax& syntax, std::span<const config::Setting> table,
                      std::vector<config::FlagValue>& into);

// The heading of a setting's group: "limits.max_frame" is listed under "Limits".
std::string setting_section(const config::Setting& setting);

}  // namespace felix::command
