#include "broker/metadata_owner.h"

#include <utility>

#include "metadata/command.h"
#include "telemetry/log.h"

namespace felix::broker {
namespace {

telemetry::Logger logger("metadata");

constexpr std::size_t kInboxCapacity = 1024;
// Creations carried out in one turn: each is a commit.
constexpr std::size_t kTurnShare = 64;

}  // namespace

MetadataOwner::MetadataOwner(io::Loop& loop, store::MetadataStore store, std::uint32_t reactors, Post post)
    : store_(std::move(store)),
      routes_(metadata::RoutingTable::build(store_.state())),
      post_(std::move(post)) {
  for (std::uint32_t i = 0; i < reactors; ++i)
    inboxes_.push_back(std::make_unique<io::Mailbox<CreateRequest>>(loop, kInboxCapacity));
}

Status MetadataOwner::apply(const metadata::Command& command) {
  FELIX_TRY(const metadata::Delta delta, store_.apply(command));
  if (!delta.changes.empty()) routes_ = metadata::RoutingTable::build(store_.state());
  return {};
}

Status MetadataOwner::ensure_namespace(std::string_view tenant, std::string_view ns) {
  if (store_.state().find_tenant(tenant) == nullptr)
    FELIX_CHECK(apply(metadata::CreateTenant{std::string(tenant), {}}));
  if (store_.state().find_namespace(tenant, ns) == nullptr)
    FELIX_CHECK(apply(metadata::CreateNamespace{std::string(tenant), std::string(ns), {}}));
  return {};
}

Status MetadataOwner::create(const CreateRequest& request) {
  FELIX_CHECK(ensure_namespace(request.tenant_id, request.namespace_id));
  if (request.cache)
    return apply(metadata::CreateCache{request.tenant_id, request.namespace_id, request.name, {}});
  return apply(metadata::CreateStream{request.tenant_id, request.namespace_id, request.name, {}});
}

bool MetadataOwner::request(std::uint32_t reactor, CreateRequest&& request) {
  return inboxes_[reactor]->try_post(std::move(request));
}

bool MetadataOwner::serve() {
  const auto before = routes_;
  std::vector<std::pair<std::uint32_t, Created>> answers;
  bool more = false;
  for (auto& inbox : inboxes_) {
    inbox->drain(kTurnShare, [&](CreateRequest&& request) {
      Status outcome = create(request);
      if (outcome) {
        FELIX_LOG(logger, info, "created on first use", {"kind", request.cache ? "cache" : "stream"},
                  {"tenant", request.tenant_id}, {"namespace", request.namespace_id}, {"name", request.name});
      }
      answers.emplace_back(request.reactor, Created{request.session, request.channel, std::move(outcome)});
    });
    more |= !inbox->empty();
  }
  // A reactor learns the table before the answer that makes it look there.
  if (routes_ != before) {
    for (std::uint32_t reactor = 0; reactor < inboxes_.size(); ++reactor) post_(reactor, NewRoutes{routes_});
  }
  for (auto& [reactor, answer] : answers) post_(reactor, std::move(answer));
  return more;
}

}  // namespace felix::broker
