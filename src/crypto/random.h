#pragma once
// The one source of secrets: keys, tokens, reset and retry secrets, connection ids. Any thread.

#include "base/bytes.h"

namespace felix::crypto {

// Fills `out` with unpredictable bytes. A system without a random source ends the process.
void random_bytes(MutableBytes out);

// Compares without telling by its duration where the inputs differ. Lengths are not secret.
bool equal_constant_time(Bytes a, Bytes b);

}  // namespace felix::crypto
