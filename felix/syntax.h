#pragma once
// What one subcommand takes: declared once, then used to parse, for --help, for the man page and for the
// completions, so that the four cannot disagree.
//
// Values are given to `take` as they were written, byte for byte. Arguments after "--" are never options.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace felix::command {

// Judges and stores one value. A usage error says what is wanted ("wants a number from 1 to 10"); the
// option's name and the value are added here.
using Take = std::function<Status(std::string_view)>;

class Syntax {
 public:
  // `value` is what help and completions show: FILE and DIR complete to paths, "a|b|c" to these words.
  struct Argument {
    std::string value;
    std::string sentence = {};
    Take take = {};
    bool required = false;
    bool many = false;  // the last one only
  };
  struct Option {
    std::string name;   // "--count"
    std::string value;  // empty: a flag, which takes no value
    std::string sentence;
    Take take;
    std::string fallback = {};     // the value in force without it, as help shows it; empty: not shown
    std::string environment = {};  // the variable that says the same; empty: none
    std::string section = {};      // the heading it is listed under; empty: "Options"
    bool many = false;             // each use counts, in order; otherwise the last one
  };
  struct Example {
    std::string command;
    std::string sentence;
  };

  // `name` as typed: "pub". `sentence` without a stop.
  Syntax(std::string_view name, std::string_view sentence) : name_(name), sentence_(sentence) {}

  void argument(Argument argument) { arguments_.push_back(std::move(argument)); }
  void option(Option option) { options_.push_back(std::move(option)); }
  void flag(std::string name, bool& into, std::string sentence, std::string section = {});
  // Paragraphs for the man page, separated by an empty line.
  void about(std::string_view text) { about_ = text; }
  void example(std::string command, std::string sentence) {
    examples_.push_back({std::move(command), std::move(sentence)});
  }

  enum class Outcome : unsigned char { run, help };
  // Stores every value, or gives one usage error that names the thing, the value and the remedy.
  Result<Outcome> parse(std::span<const std::string> words) const;

  const std::string& name() const { return name_; }
  const std::string& sentence() const { return sentence_; }
  const std::string& about() const { return about_; }
  const std::vector<Argument>& arguments() const { return arguments_; }
  const std::vector<Option>& options() const { return options_; }
  const std::vector<Example>& examples() const { return examples_; }

 private:
  Result<std::vector<std::string>> parse_options(std::span<const std::string> words) const;
  Error explain(const std::string& what) const;
  Status take_arguments(const std::vector<std::string>& values) const;

  std::string name_;
  std::string sentence_;
  std::string about_;
  std::vector<Argument> arguments_;
  std::vector<Option> options_;
  std::vector<Example> examples_;
};

// The words of "a|b|c"; empty when `value` is no such list.
std::vector<std::string_view> choices_of(std::string_view value);

}  // namespace felix::command
