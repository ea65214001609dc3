#pragma once
// The permissions of one token, compiled: inheritance is expanded once, so that a question is a short scan of
// the rules of one action. Immutable; any thread.

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authz/action.h"
#include "authz/object.h"
#include "base/error.h"

namespace felix::authz {

// "stream.publish:stream:t1/default/*".
struct Permission {
  Action action = Action::stream_publish;
  ObjectPattern object;
};
// Errc::invalid_request names the part that is wrong.
Result<Permission> parse_permission(std::string_view text);

struct Decision {
  bool allowed = false;
  std::string reason;  // empty when allowed; otherwise one line for a log, without secrets
};

class Grants {
 public:
  // For a principal of `tenant`. A permission that is not understood (a newer version's, say) or lies in
  // another tenant grants nothing; ignored() counts them.
  static std::shared_ptr<const Grants> compile(std::string_view tenant,
                                               std::span<const std::string> permissions);

  bool allows(Action action, const Object& object) const;
  Decision decide(Action action, const Object& object) const;
  std::size_t ignored() const { return ignored_; }

 private:
  struct Rule {
    std::uint8_t kinds = 0;  // bit 1 << ObjectKind
    bool inherited = false;
    Segment ns;
    Segment name;
    Segment group;
    std::optional<Segment> key;

    bool matches(const Object& object) const;
  };

  void add(const Permission& permission);
  void add_rule(Action action, Rule rule) {
    rules_[static_cast<std::size_t>(action)].push_back(std::move(rule));
  }

  std::string tenant_;
  std::array<std::vector<Rule>, kActionCount> rules_;
  std::size_t ignored_ = 0;
};

}  // namespace felix::authz
