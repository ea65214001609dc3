#pragma once
// How values of options are read.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/time.h"
#include "felix/syntax.h"

namespace felix::command {

// The parts of `text` between `separator`s; empty parts are left out.
std::vector<std::string> words_of(std::string_view text, char separator);

Take text_into(std::string& into);
Take text_into(std::optional<std::string>& into);
// A whole number of [least, most].
Take number_into(std::optional<std::uint64_t>& into, std::uint64_t least, std::uint64_t most);
// "250ms", "60s", "5m", "2h"; more than nothing and at most ten years. A number alone counts seconds.
Take duration_into(std::optional<Duration>& into);

// One of the words of `choices`.
template <class Value>
Take choice_into(Value& into, std::vector<std::pair<std::string_view, Value>> choices) {
  return [&into, choices = std::move(choices)](std::string_view text) -> Status {
    std::string wanted;
    for (const auto& [word, value] : choices) {
      if (word == text) {
        into = value;
        return {};
      }
      wanted.append(wanted.empty() ? "" : &word == &choices.back().first ? " or " : ", ").append(word);
    }
    return fail(Errc::usage, "wants " + wanted);
  };
}

}  // namespace felix::command
