#pragma once
// One node of a parsed JSON text. Nodes belong to the Reader or Document that made them and live in one
// block in document order, so a Value is only ever referred to, never copied. Strings without escapes are
// views into the parsed text: the caller keeps that text alive for as long as it uses values.

#include <cstdint>
#include <optional>
#include <string_view>

namespace felix::json {

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

class Value {
 public:
  class Children;

  Value(const Value&) = delete;

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_bool() const { return kind_ == Kind::boolean; }
  bool is_number() const { return kind_ == Kind::number; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_array() const { return kind_ == Kind::array; }
  bool is_object() const { return kind_ == Kind::object; }

  // Unescaped, well-formed UTF-8; may contain any character, U+0000 too. Asserts is_string().
  std::string_view as_string() const;
  // Asserts is_bool().
  bool as_bool() const;
  // The number as written ("-0", "1e3"). Asserts is_number().
  std::string_view number_text() const;

  // The exact integer, or nothing: not a number, a sign that does not fit, a fraction or exponent (even
  // "1.0"), "-0", or outside the type's range.
  std::optional<std::uint64_t> to_u64() const;
  std::optional<std::int64_t> to_i64() const;

  // Members of an object or elements of an array, in the order written; empty for every other kind.
  Children members() const;
  Children elements() const;
  // Direct members or elements.
  std::size_t size() const { return is_object() || is_array() ? text_size_ : 0; }

  // This member's name; empty for elements and for the root.
  std::string_view name() const { return {name_, name_size_}; }
  // The member of that name; nullptr if there is none or this is no object. Linear in the members.
  const Value* find(std::string_view name) const;

 private:
  friend class TreeBuilder;

  Value() = default;
  Value& operator=(const Value&) = default;

  const char* name_ = nullptr;
  const char* text_ = nullptr;  // string or number; unused otherwise
  std::uint32_t name_size_ = 0;
  std::uint32_t text_size_ = 0;  // bytes of text; children of an array or object; 0 or 1 of a boolean
  std::uint32_t span_ = 1;       // nodes from this one to the next sibling, descendants included
  Kind kind_ = Kind::null;
};

// The range behind members() and elements().
class Value::Children {
 public:
  class iterator {
   public:
    explicit iterator(const Value* at) : at_(at) {}
    const Value& operator*() const { return *at_; }
    const Value* operator->() const { return at_; }
    iterator& operator++() {
      at_ += at_->span_;
      return *this;
    }
    bool operator==(const iterator&) const = default;

   private:
    const Value* at_;
  };

  Children(const Value* first, const Value* last) : first_(first), last_(last) {}
  iterator begin() const { return iterator(first_); }
  iterator end() const { return iterator(last_); }

 private:
  const Value* first_;
  const Value* last_;
};

}  // namespace felix::json
