#pragma once
// The one writer of a standalone broker's names: carries out commands on the store, hands every reactor the
// new routing table, and answers reactors that wait for a creation. Lives on the main thread, because a
// commit waits for the disk.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "broker/reactor.h"
#include "io/mailbox.h"
#include "store/metadata_store.h"

namespace felix::broker {

class MetadataOwner {
 public:
  // To reactors, in order; never refused.
  using Post = std::function<void(std::uint32_t reactor, MainMessage&&)>;

  // `reactors` of them send requests, each through a mailbox of its own.
  MetadataOwner(io::Loop& loop, store::MetadataStore store, std::uint32_t reactors, Post post);

  // Creates tenant and namespace when they are missing.
  Status ensure_namespace(std::string_view tenant, std::string_view ns);
  std::shared_ptr<const metadata::RoutingTable> routes() const { return routes_; }

  // Reactor threads. False when too many requests wait.
  bool request(std::uint32_t reactor, CreateRequest&& request);

  // Each turn, on the main thread: carries out what waits; true when more does.
  bool serve();

 private:
  Status create(const CreateRequest& request);
  Status apply(const metadata::Command& command);

  store::MetadataStore store_;
  std::shared_ptr<const metadata::RoutingTable> routes_;
  std::vector<std::unique_ptr<io::Mailbox<CreateRequest>>> inboxes_;
  Post post_;
};

}  // namespace felix::broker
