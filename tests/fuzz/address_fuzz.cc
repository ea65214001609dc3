// An address as people write it: one that is accepted survives being shown, but for an IPv4 one in IPv6's
// clothes, which is shown as IPv4.

#include "fuzz/fuzz.h"
#include "io/address.h"

using namespace felix;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(fuzz::input(data, size));
  (void)io::Address::split(text, 5000);
  const auto address = io::Address::parse(text);
  if (!address) return 0;
  const auto again = io::Address::parse(address->to_string());
  FELIX_ASSERT(again && again->to_string() == address->to_string() &&
               again->host_string() == address->host_string());
  return 0;
}
