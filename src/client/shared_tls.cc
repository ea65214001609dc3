#include "client/shared_tls.h"

#include <algorithm>
#include <deque>

#include "base/contract.h"

namespace felix::client {
namespace {

// Brokers of a cluster have a name each.
constexpr std::size_t kMaxKept = 32;

struct Kept {
  crypto::TlsClientOptions options;
  std::shared_ptr<const crypto::TlsClientContext> context;
};

bool same(const crypto::TlsClientOptions& a, const crypto::TlsClientOptions& b) {
  return a.server_name == b.server_name && a.offer_alpn == b.offer_alpn && a.alpn == b.alpn &&
         a.ca.text == b.ca.text;
}

}  // namespace

Result<std::shared_ptr<const crypto::TlsClientContext>> shared_tls_context(crypto::TlsClientOptions options,
                                                                           WallTime now) {
  FELIX_ASSERT(!options.identity);
  thread_local std::deque<Kept> kept;  // oldest first
  const auto found =
      std::find_if(kept.begin(), kept.end(), [&](const Kept& entry) { return same(entry.options, options); });
  if (found != kept.end()) return found->context;
  FELIX_TRY(auto context, crypto::TlsClientContext::create(options, now));
  if (kept.size() == kMaxKept) kept.pop_front();
  kept.push_back({std::move(options), context});
  return context;
}

}  // namespace felix::client
