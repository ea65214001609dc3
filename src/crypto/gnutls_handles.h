#pragma once
// Owning handles and error texts over the library; for this module's own files only.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/bytes.h"
#include "base/contract.h"
#include "base/error.h"
#include "base/time.h"

namespace felix::crypto {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
template <class Handle, auto Free>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, FreeWith<Free>>;

using OwnedCertificate = Owned<gnutls_x509_crt_t, gnutls_x509_crt_deinit>;
using OwnedX509Key = Owned<gnutls_x509_privkey_t, gnutls_x509_privkey_deinit>;
using OwnedKey = Owned<gnutls_privkey_t, gnutls_privkey_deinit>;
using OwnedPublicKey = Owned<gnutls_pubkey_t, gnutls_pubkey_deinit>;
using OwnedCredentials = Owned<gnutls_certificate_credentials_t, gnutls_certificate_free_credentials>;
using OwnedPriority = Owned<gnutls_priority_t, gnutls_priority_deinit>;

// A buffer the library allocated.
class OwnedDatum {
 public:
  OwnedDatum() = default;
  ~OwnedDatum() { gnutls_free(datum_.data); }
  OwnedDatum(const OwnedDatum&) = delete;
  OwnedDatum& operator=(const OwnedDatum&) = delete;

  gnutls_datum_t* out() { return &datum_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(datum_.data), datum_.size}; }

 private:
  gnutls_datum_t datum_{nullptr, 0};
};

// The library takes its inputs without const and does not write to them.
inline gnutls_datum_t as_datum(std::string_view text) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
          static_cast<unsigned int>(text.size())};
}
inline gnutls_datum_t as_datum(Bytes bytes) { return as_datum(as_text(bytes)); }

// "<doing>: <the library's words>".
inline std::unexpected<Error> gnutls_failure(Errc code, std::string_view doing, int result) {
  return fail(code, std::string(doing) + ": " + gnutls_strerror(result));
}

// Creates a handle with the library's init function; out of memory ends the process.
template <class Owner, class Init>
Owner make_handle(Init init) {
  typename Owner::pointer raw = nullptr;
  const int result = init(&raw);
  FELIX_ASSERT(result == 0);
  return Owner(raw);
}

}  // namespace felix::crypto
