#include "base/utf8.h"

namespace felix {

bool is_utf8(Bytes bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* end = at + bytes.size();
  auto continues = [&](const unsigned char* p) { return (*p & 0xc0) == 0x80; };
  while (at != end) {
    const unsigned char lead = *at;
    if (lead < 0x80) {
      ++at;
    } else if (lead >= 0xc2 && lead <= 0xdf) {
      if (end - at < 2 || !continues(at + 1)) return false;
      at += 2;
    } else if ((lead & 0xf0) == 0xe0) {
      if (end - at < 3 || !continues(at + 1) || !continues(at + 2)) return false;
      if (lead == 0xe0 && at[1] < 0xa0) return false;
      if (lead == 0xed && at[1] > 0x9f) return false;
      at += 3;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      if (end - at < 4 || !continues(at + 1) || !continues(at + 2) || !continues(at + 3)) return false;
      if (lead == 0xf0 && at[1] < 0x90) return false;
      if (lead == 0xf4 && at[1] > 0x8f) return false;
      at += 4;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace felix
