#pragma once
// Receives parse events and lays out the tree of Values. Internal to the module.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/reader.h"
#include "json/value.h"

namespace felix::json {

// Every on_* returns false when the text must be refused; refusal() then says why.
class TreeBuilder {
 public:
  explicit TreeBuilder(const Limits& limits) : limits_(limits) {}

  // `text` is what the views of the coming events may point into.
  void start(std::string_view text);
  const Value* root() const { return nodes_.get(); }
  const Error& refusal() const { return refusal_; }

  bool on_begin(Kind kind);
  bool on_end();
  // A string arrives as any number of parts, then its end. Parts may be views into a passing buffer.
  void on_text_part(std::string_view part);
  bool on_key_end(std::string_view last_part);
  bool on_string_end(std::string_view last_part);
  void on_number_part(std::string_view part);
  bool on_number_end(std::string_view last_part);
  bool on_bool(bool value);
  bool on_null();

 private:
  Value* add(Kind kind);
  // The complete text of the parts seen since the last call: a view into the input or into unescaped_.
  std::string_view take_text(std::string_view last_part);
  bool inside_input(std::string_view part) const;
  // A name that occurs twice among the members of `object`, or nullptr.
  const Value* find_duplicate(const Value& object);
  void give_back_large_buffers();

  const Limits limits_;
  std::string_view input_;
  std::unique_ptr<Value[]> nodes_;
  std::size_t capacity_ = 0;
  std::size_t count_ = 0;
  std::vector<std::uint32_t> open_;  // indexes of the arrays and objects not yet ended
  // Strings that had escapes. Reserved to the size of the input before its first use, because unescaping
  // never lengthens: views into it stay good.
  std::string unescaped_;
  std::size_t text_start_ = 0;
  std::string_view pending_name_;
  std::string_view pending_number_;
  std::vector<const Value*> sorted_;
  Error refusal_;
};

}  // namespace felix::json
