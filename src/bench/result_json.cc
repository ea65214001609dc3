#include "bench/result_json.h"

#include <charconv>
#include <cmath>

#include "bench/result_fields.h"
#include "json/reader.h"
#include "json/writer.h"

namespace felix::bench {
namespace {

constexpr std::uint64_t kFormat = 1;
constexpr json::Limits kLimits{.max_bytes = 256u << 20, .max_depth = 16, .max_values = 8u << 20};

struct Encoder {
  json::Writer& out;

  template <class Member>
  void operator()(const char* name, const Member& member) {
    out.key(name);
    value(member);
  }
  void value(std::uint64_t number) { out.u64(number); }
  void value(bool truth) { out.boolean(truth); }
  void value(const std::string& text) { out.string(text); }
  // The shortest text that reads back as the same number; what is no number becomes 0.
  void value(double number) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, std::isfinite(number) ? number : 0.0);
    out.raw(std::string_view(text, end.ptr));
  }
  template <class Item>
  void value(const std::vector<Item>& items) {
    out.begin_array();
    for (const Item& item : items) value(item);
    out.end_array();
  }
  void value(const std::map<std::string, double>& figures) {
    out.begin_object();
    for (const auto& [name, figure] : figures) (*this)(name.c_str(), figure);
    out.end_object();
  }
  // A curve has hundreds of points: two numbers each, without names.
  void value(const CurvePoint& point) {
    out.begin_array();
    out.u64(point.upper_ns);
    out.u64(point.count);
    out.end_array();
  }
  template <class Part>
    requires requires(Encoder& self, const Part& part) { fields(self, part); }
  void value(const Part& part) {
    out.begin_object();
    fields(*this, part);
    out.end_object();
  }
};

struct Parser {
  const json::Value* object;
  std::string wrong{};  // the first member that is not of its kind

  template <class Member>
  void operator()(const char* name, Member& member) {
    const json::Value* found = object->find(name);
    if (found != nullptr && wrong.empty() && !take(*found, member) && wrong.empty()) wrong = name;
  }
  static bool take(const json::Value& value, std::uint64_t& into) {
    const auto number = value.to_u64();
    if (number) into = *number;
    return number.has_value();
  }
  static bool take(const json::Value& value, bool& into) {
    if (value.is_bool()) into = value.as_bool();
    return value.is_bool();
  }
  static bool take(const json::Value& value, std::string& into) {
    if (value.is_string()) into = value.as_string();
    return value.is_string();
  }
  static bool take(const json::Value& value, double& into) {
    if (!value.is_number()) return false;
    const std::string_view text = value.number_text();
    return std::from_chars(text.data(), text.data() + text.size(), into).ec == std::errc{};
  }
  template <class Item>
  bool take(const json::Value& value, std::vector<Item>& into) {
    if (!value.is_array()) return false;
    into.clear();
    into.reserve(value.size());
    for (const json::Value& element : value.elements())
      if (!take(element, into.emplace_back())) return false;
    return true;
  }
  static bool take(const json::Value& value, std::map<std::string, double>& into) {
    if (!value.is_object()) return false;
    for (const json::Value& member : value.members())
      if (!take(member, into[std::string(member.name())])) return false;
    return true;
  }
  static bool take(const json::Value& value, CurvePoint& into) {
    if (!value.is_array() || value.size() != 2) return false;
    auto element = value.elements().begin();
    return take(*element, into.upper_ns) && take(*++element, into.count);
  }
  template <class Part>
    requires requires(Parser& self, Part& part) { fields(self, part); }
  bool take(const json::Value& value, Part& into) {
    if (!value.is_object()) return false;
    Parser inner{&value};
    fields(inner, into);
    wrong = inner.wrong;
    return wrong.empty();
  }
};

}  // namespace

std::string encode_runs(const std::vector<Run>& runs) {
  std::string text;
  {
    json::Writer out(text);
    out.begin_object();
    out.member("felix_bench", kFormat);
    out.key("runs");
    Encoder{out}.value(runs);
    out.end_object();
  }
  text += '\n';
  return text;
}

Result<std::vector<Run>> parse_runs(std::string_view text) {
  FELIX_TRY(const json::Document document, json::parse(text, kLimits));
  const json::Value* format = document.root().find("felix_bench");
  if (format == nullptr || format->to_u64() != kFormat)
    return fail(Errc::malformed, "not a result of `felix bench --save`; expected \"felix_bench\":1");
  const json::Value* list = document.root().find("runs");
  std::vector<Run> runs;
  Parser parser{&document.root()};
  if (list == nullptr || !parser.take(*list, runs))
    return fail(Errc::malformed, "the member \"" + (parser.wrong.empty() ? "runs" : parser.wrong) +
                                     "\" is not what `felix bench --save` writes");
  return runs;
}

}  // namespace felix::bench
