#pragma once
// Protocol version, cipher and group preferences of every session; for this module's own files only.

#include "crypto/gnutls_handles.h"

namespace felix::crypto {

// TLS 1.3 only. With AES instructions in the CPU, AES-128-GCM leads, otherwise ChaCha20-Poly1305; a server's
// order wins over its client's. Shared by all sessions of one context.
Result<OwnedPriority> make_priority();

}  // namespace felix::crypto
