#include "authz/principal.h"

#include <utility>

#include "authz/grants.h"
#include "base/contract.h"

namespace felix::authz {

Principal::Principal(std::string subject, std::shared_ptr<const Grants> grants)
    : subject_(std::move(subject)), grants_(std::move(grants)) {
  FELIX_ASSERT(grants_ != nullptr);
}

bool Principal::may_publish(std::string_view tenant, std::string_view ns, std::string_view stream) const {
  return grants_->allows(Action::stream_publish, stream_object(tenant, ns, stream));
}

bool Principal::may_subscribe(std::string_view tenant, std::string_view ns, std::string_view stream) const {
  return grants_->allows(Action::stream_subscribe, stream_object(tenant, ns, stream));
}

bool Principal::may_read_cache(std::string_view tenant, std::string_view ns, std::string_view cache,
                               std::string_view key) const {
  return grants_->allows(Action::cache_read, cache_object(tenant, ns, cache, key));
}

bool Principal::may_write_cache(std::string_view tenant, std::string_view ns, std::string_view cache,
                                std::string_view key) const {
  return grants_->allows(Action::cache_write, cache_object(tenant, ns, cache, key));
}

}  // namespace felix::authz
