#pragma once
// What an acknowledgement of a publish promises of its records.

#include <cstdint>
#include <optional>
#include <string_view>

namespace felix {

enum class Durability : std::uint8_t {
  memory,    // until this process ends; nothing touches a disk
  written,   // until this machine ends: the operating system has it
  periodic,  // like written, and on the device within the sync interval
  synced,    // on the device
};

constexpr std::string_view durability_name(Durability durability) {
  switch (durability) {
    case Durability::memory:
      return "memory";
    case Durability::written:
      return "written";
    case Durability::periodic:
      return "periodic";
    case Durability::synced:
      return "synced";
  }
  return "";
}

constexpr std::optional<Durability> parse_durability(std::string_view name) {
  for (const Durability each :
       {Durability::memory, Durability::written, Durability::periodic, Durability::synced})
    if (durability_name(each) == name) return each;
  return std::nullopt;
}

}  // namespace felix
