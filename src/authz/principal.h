#pragma once
// Who a verified token speaks for, and what it may do. Immutable and cheap to ask: permissions are compiled
// once, when the token is verified.

#include <memory>
#include <string>
#include <string_view>

namespace felix::authz {

class Grants;  // the compiled permissions

class Principal {
 public:
  Principal(std::string subject, std::shared_ptr<const Grants> grants);

  const std::string& subject() const { return subject_; }
  // Every other question, and refusals with their reason: grants().decide(action, object).
  const Grants& grants() const { return *grants_; }

  // stream.publish / stream.subscribe on stream:{tenant}/{ns}/{stream}; cache.read / cache.write on
  // cache:{tenant}/{ns}/{cache}, or on one key of it. Inherited grants count (wire protocol section 5.3).
  bool may_publish(std::string_view tenant, std::string_view ns, std::string_view stream) const;
  bool may_subscribe(std::string_view tenant, std::string_view ns, std::string_view stream) const;
  bool may_read_cache(std::string_view tenant, std::string_view ns, std::string_view cache,
                      std::string_view key) const;
  bool may_write_cache(std::string_view tenant, std::string_view ns, std::string_view cache,
                       std::string_view key) const;

 private:
  std::string subject_;
  std::shared_ptr<const Grants> grants_;
};

}  // namespace felix::authz
