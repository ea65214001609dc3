#pragma once
// What can be asked of the metadata. A command is planned against a state; the resulting delta is what is
// stored, replicated and applied.

#include <string>
#include <variant>

#include "base/error.h"
#include "metadata/records.h"
#include "metadata/state.h"

namespace felix::metadata {

struct CreateTenant {
  std::string tenant;
  std::string display_name;
};
struct DeleteTenant {
  std::string tenant;
};
struct CreateNamespace {
  std::string tenant;
  std::string ns;
  std::string display_name;
};
struct DeleteNamespace {
  std::string tenant;
  std::string ns;
};
struct CreateStream {
  std::string tenant;
  std::string ns;
  std::string name;
  StreamProperties properties;
};
struct DeleteStream {
  std::string tenant;
  std::string ns;
  std::string name;
};
struct CreateCache {
  std::string tenant;
  std::string ns;
  std::string name;
  CacheProperties properties;
};
struct DeleteCache {
  std::string tenant;
  std::string ns;
  std::string name;
};

using Command = std::variant<CreateTenant, DeleteTenant, CreateNamespace, DeleteNamespace, CreateStream,
                             DeleteStream, CreateCache, DeleteCache>;

// The delta that would carry out the command. Creating what is there already with the same properties is done
// without changes. Errors: already_exists (other properties), not_found (it, or what it lies in),
// invalid_request (name or property not allowed, or it is not empty).
Result<Delta> plan(const State& state, const Command& command);

// plan() and advance(). (Not "apply": std::apply would take its place for a Command.)
Result<Delta> execute(State& state, const Command& command);

}  // namespace felix::metadata
