// A key set that is accepted survives encoding.

#include "crypto/jwks.h"
#include "fuzz/fuzz.h"

using namespace felix;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(fuzz::input(data, size));
  const auto keys =
      fuzz::decoded_within(text.size(), fuzz::kFixedBytes + 16 * 1024 + 4 * fuzz::json_bytes(text),
                           [&] { return crypto::parse_jwks(text); });
  if (!keys) return 0;
  FELIX_ASSERT(keys->size() <= 256);
  const auto again = crypto::parse_jwks(crypto::encode_jwks(*keys));
  FELIX_ASSERT(again && *again == *keys);
  return 0;
}
