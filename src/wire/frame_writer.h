#pragma once
// A JSON frame in the making: the header first, its length once the object is complete. Internal to the
// module.

#include <string_view>
#include <vector>

#include "base/contract.h"
#include "json/writer.h"
#include "wire/error_info.h"
#include "wire/header.h"

namespace felix::wire {

class FrameWriter {
 public:
  FrameWriter(std::vector<std::byte>& out, std::string_view type)
      : out_(out), start_(reserve_header(out)), json(out) {
    json.begin_object();
    json.member("type", type);
  }
  FrameWriter(const FrameWriter&) = delete;
  FrameWriter& operator=(const FrameWriter&) = delete;
  ~FrameWriter() {
    json.end_object();
    const std::size_t payload_bytes = out_.size() - start_ - kHeaderBytes;
    FELIX_ASSERT(payload_bytes <= UINT32_MAX);
    store_header(out_.data() + start_, {0, static_cast<std::uint32_t>(payload_bytes)});
  }

  template <class T>
  void optional(std::string_view name, const std::optional<T>& value) {
    if (!value) return;
    if constexpr (requires { value->value; })
      json.member(name, value->value);
    else
      json.member(name, *value);
  }
  void optional(const std::optional<ErrorInfo>& info) {
    if (!info) return;
    std::string_view code = info->code_name;
    if (code.empty()) code = code_name(info->code);
    json.member("code", code.empty() ? std::string_view("internal") : code);
    json.member("retry", retry_name(info->retry));
    if (info->reason.empty() && !info->retry_after_ms) return;
    json.key("detail");
    json.begin_object();
    if (!info->reason.empty()) json.member("reason", info->reason);
    if (info->retry_after_ms) json.member("retry_after_ms", *info->retry_after_ms);
    json.end_object();
  }

 private:
  static std::size_t reserve_header(std::vector<std::byte>& out) {
    const std::size_t start = out.size();
    out.resize(start + kHeaderBytes);
    return start;
  }

  std::vector<std::byte>& out_;
  std::size_t start_;

 public:
  json::BytesWriter json;
};

}  // namespace felix::wire
