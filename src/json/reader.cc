#include "json/reader.h"

#include <boost/json/basic_parser_impl.hpp>

#include "json/tree_builder.h"

namespace felix::json {
namespace {

// Boost.JSON finds the tokens and checks UTF-8, surrogates and depth; the tree is ours.
struct Handler {
  using Text = boost::json::string_view;
  using Code = boost::json::error_code;
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  explicit Handler(const Limits& limits) : tree(limits) {}

  static std::string_view view(Text text) { return {text.data(), text.size()}; }
  bool checked(bool accepted, Code& code) {
    if (!accepted) {
      refused = true;
      code = boost::json::error::exception;  // stops the parser; the reason is tree.refusal()
    }
    return accepted;
  }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code& code) { return checked(tree.on_begin(Kind::object), code); }
  bool on_object_end(std::size_t, Code& code) { return checked(tree.on_end(), code); }
  bool on_array_begin(Code& code) { return checked(tree.on_begin(Kind::array), code); }
  bool on_array_end(std::size_t, Code& code) { return checked(tree.on_end(), code); }
  bool on_key_part(Text part, std::size_t, Code&) { return tree.on_text_part(view(part)), true; }
  bool on_key(Text part, std::size_t, Code& code) { return checked(tree.on_key_end(view(part)), code); }
  bool on_string_part(Text part, std::size_t, Code&) { return tree.on_text_part(view(part)), true; }
  bool on_string(Text part, std::size_t, Code& code) { return checked(tree.on_string_end(view(part)), code); }
  bool on_number_part(Text part, Code&) { return tree.on_number_part(view(part)), true; }
  bool on_int64(std::int64_t, Text part, Code& code) { return checked(tree.on_number_end(view(part)), code); }
  bool on_uint64(std::uint64_t, Text part, Code& code) {
    return checked(tree.on_number_end(view(part)), code);
  }
  bool on_double(double, Text part, Code& code) { return checked(tree.on_number_end(view(part)), code); }
  bool on_bool(bool value, Code& code) { return checked(tree.on_bool(value), code); }
  bool on_null(Code& code) { return checked(tree.on_null(), code); }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }

  TreeBuilder tree;
  bool refused = false;
};

boost::json::parse_options options_of(const Limits& limits) {
  boost::json::parse_options options;
  options.max_depth = limits.max_depth;
  options.numbers = boost::json::number_precision::none;
  return options;
}

}  // namespace

struct Reader::Impl {
  explicit Impl(const Limits& l) : limits(l), parser(options_of(l), l) {}

  Limits limits;
  boost::json::basic_parser<Handler> parser;
};

Reader::Reader(const Limits& limits) : impl_(std::make_unique<Impl>(limits)) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

Result<const Value*> Reader::parse(std::string_view text) {
  auto& parser = impl_->parser;
  Handler& handler = parser.handler();
  if (text.size() > impl_->limits.max_bytes || text.size() > UINT32_MAX)
    return fail(Errc::too_large, "JSON: " + std::to_string(text.size()) + " bytes, at most " +
                                     std::to_string(impl_->limits.max_bytes) + " are read");
  handler.tree.start(text);
  handler.refused = false;
  parser.reset();
  boost::json::error_code code;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), code);
  if (handler.refused) return std::unexpected(handler.tree.refusal());
  if (!code && used == text.size()) return handler.tree.root();
  const std::string place = " at byte " + std::to_string(used);
  if (code == boost::json::error::too_deep)
    return fail(Errc::too_large,
                "JSON: nested deeper than " + std::to_string(impl_->limits.max_depth) + place);
  if (code) return fail(Errc::malformed, "JSON: " + code.message() + place);
  return fail(Errc::malformed, "JSON: more bytes after the value" + place);
}

Result<Document> parse(std::string_view text, const Limits& limits) {
  Reader reader(limits);
  FELIX_TRY(const Value* root, reader.parse(text));
  return Document(std::move(reader), root);
}

}  // namespace felix::json
