#include "metadata/names.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"

namespace felix::metadata {

Status check_name(std::string_view what, std::string_view name) {
  const std::string thing(what);
  if (name.empty()) return fail(Errc::invalid_request, thing + " name is empty");
  if (name.size() > kMaxNameBytes)
    return fail(Errc::invalid_request, thing + " name has " + std::to_string(name.size()) +
                                           " bytes, at most " + std::to_string(kMaxNameBytes) +
                                           " are allowed");
  if (!is_utf8(as_bytes(name))) return fail(Errc::invalid_request, thing + " name is not UTF-8");
  const bool has_control =
      std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (has_control) return fail(Errc::invalid_request, thing + " name holds a control character");
  if (name.find_first_of("*:/") != std::string_view::npos)
    return fail(Errc::invalid_request, thing + " name '" + std::string(name) + "' holds '*', ':' or '/'");
  return {};
}

}  // namespace felix::metadata
