#include "crypto/tls_alpn.h"

namespace felix::crypto {
namespace {

constexpr unsigned kAlpnExtension = 16;

bool selected_any(gnutls_session_t session) {
  gnutls_datum_t selected{nullptr, 0};
  return gnutls_alpn_get_selected_protocol(session, &selected) == 0;
}

// `context` is a bool that becomes true when the extension is seen.
int note_alpn(void* context, unsigned extension, const unsigned char*, unsigned) {
  if (extension == kAlpnExtension) *static_cast<bool*>(context) = true;
  return 0;
}

int refuse_foreign(gnutls_session_t session, unsigned, unsigned, unsigned, const gnutls_datum_t* hello) {
  if (selected_any(session)) return 0;
  bool offered = false;
  const int result = gnutls_ext_raw_parse(&offered, note_alpn, hello, GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO);
  if (result < 0) return result;
  return offered ? GNUTLS_E_NO_APPLICATION_PROTOCOL : 0;
}

int refuse_all_but_ours(gnutls_session_t session, unsigned, unsigned, unsigned, const gnutls_datum_t*) {
  return selected_any(session) ? 0 : GNUTLS_E_NO_APPLICATION_PROTOCOL;
}

}  // namespace

void install_alpn_rule(gnutls_session_t session, bool required) {
  gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_POST,
                                     required ? refuse_all_but_ours : refuse_foreign);
}

}  // namespace felix::crypto
