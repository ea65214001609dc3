#include "json/tree_builder.h"

#include <algorithm>
#include <functional>

#include "base/contract.h"
#include "json/escape.h"

namespace felix::json {
namespace {

constexpr std::size_t kFirstCapacity = 64;
constexpr std::size_t kKeptValues = 4096;
constexpr std::size_t kKeptTextBytes = 64 * 1024;
constexpr std::size_t kPairwiseMembers = 16;  // up to here comparing all pairs beats sorting
constexpr std::size_t kShownNameBytes = 64;

}  // namespace

void TreeBuilder::start(std::string_view text) {
  give_back_large_buffers();
  input_ = text;
  count_ = 0;
  open_.clear();
  unescaped_.clear();
  text_start_ = 0;
  pending_name_ = {};
  pending_number_ = {};
}

bool TreeBuilder::on_begin(Kind kind) {
  if (add(kind) == nullptr) return false;
  open_.push_back(static_cast<std::uint32_t>(count_ - 1));
  return true;
}

bool TreeBuilder::on_end() {
  Value& ended = nodes_[open_.back()];
  ended.span_ = static_cast<std::uint32_t>(count_ - open_.back());
  open_.pop_back();
  if (!ended.is_object()) return true;
  const Value* duplicate = find_duplicate(ended);
  if (duplicate == nullptr) return true;
  std::string context = "JSON: an object has a member twice";
  if (duplicate->name().size() <= kShownNameBytes) {
    context += ": ";
    append_quoted(context, duplicate->name());
  }
  refusal_ = {Errc::malformed, std::move(context)};
  return false;
}

void TreeBuilder::on_text_part(std::string_view part) {
  if (part.empty()) return;
  if (unescaped_.capacity() < input_.size()) {
    FELIX_ASSERT(unescaped_.empty());
    unescaped_.reserve(input_.size());
  }
  unescaped_ += part;
}

bool TreeBuilder::on_key_end(std::string_view last_part) {
  pending_name_ = take_text(last_part);
  return true;
}

bool TreeBuilder::on_string_end(std::string_view last_part) {
  const std::string_view text = take_text(last_part);
  Value* value = add(Kind::string);
  if (value == nullptr) return false;
  value->text_ = text.data();
  value->text_size_ = static_cast<std::uint32_t>(text.size());
  return true;
}

void TreeBuilder::on_number_part(std::string_view part) {
  if (part.empty()) return;
  // Numbers have no escapes, so their parts lie side by side in the input.
  if (pending_number_.empty())
    pending_number_ = part;
  else
    pending_number_ = {pending_number_.data(), pending_number_.size() + part.size()};
}

bool TreeBuilder::on_number_end(std::string_view last_part) {
  on_number_part(last_part);
  const std::string_view text = std::exchange(pending_number_, {});
  Value* value = add(Kind::number);
  if (value == nullptr) return false;
  value->text_ = text.data();
  value->text_size_ = static_cast<std::uint32_t>(text.size());
  return true;
}

bool TreeBuilder::on_bool(bool truth) {
  Value* value = add(Kind::boolean);
  if (value == nullptr) return false;
  value->text_size_ = truth ? 1 : 0;
  return true;
}

bool TreeBuilder::on_null() { return add(Kind::null) != nullptr; }

Value* TreeBuilder::add(Kind kind) {
  if (count_ == limits_.max_values) {
    refusal_ = {Errc::too_large, "JSON: more than " + std::to_string(limits_.max_values) + " values"};
    return nullptr;
  }
  if (count_ == capacity_) {
    const std::size_t bigger = std::max(kFirstCapacity, capacity_ * 2);
    std::unique_ptr<Value[]> grown(new Value[bigger]);
    for (std::size_t i = 0; i < count_; ++i) grown[i] = nodes_[i];
    nodes_ = std::move(grown);
    capacity_ = bigger;
  }
  if (!open_.empty()) ++nodes_[open_.back()].text_size_;
  Value& value = nodes_[count_++];
  value.kind_ = kind;
  value.span_ = 1;
  value.text_ = nullptr;
  value.text_size_ = 0;
  value.name_ = pending_name_.data();
  value.name_size_ = static_cast<std::uint32_t>(pending_name_.size());
  pending_name_ = {};
  return &value;
}

bool TreeBuilder::inside_input(std::string_view part) const {
  const std::less_equal<const char*> not_after;
  return not_after(input_.data(), part.data()) &&
         not_after(part.data() + part.size(), input_.data() + input_.size());
}

std::string_view TreeBuilder::take_text(std::string_view last_part) {
  const bool whole = unescaped_.size() == text_start_;
  if (whole && inside_input(last_part)) return last_part;
  on_text_part(last_part);
  const std::string_view text = std::string_view(unescaped_).substr(text_start_);
  text_start_ = unescaped_.size();
  return text;
}

const Value* TreeBuilder::find_duplicate(const Value& object) {
  if (object.size() <= kPairwiseMembers) {
    for (const Value& member : object.members()) {
      for (const Value& earlier : object.members()) {
        if (&earlier == &member) break;
        if (earlier.name() == member.name()) return &member;
      }
    }
    return nullptr;
  }
  sorted_.clear();
  for (const Value& member : object.members()) sorted_.push_back(&member);
  std::ranges::sort(sorted_, [](const Value* a, const Value* b) {
    if (a->name().size() != b->name().size()) return a->name().size() < b->name().size();
    return a->name() < b->name();
  });
  const auto twin = std::ranges::adjacent_find(
      sorted_, [](const Value* a, const Value* b) { return a->name() == b->name(); });
  return twin == sorted_.end() ? nullptr : *twin;
}

void TreeBuilder::give_back_large_buffers() {
  if (capacity_ > kKeptValues) {
    nodes_.reset();
    capacity_ = 0;
    sorted_ = {};
  }
  if (unescaped_.capacity() > kKeptTextBytes) unescaped_ = {};
}

}  // namespace felix::json
