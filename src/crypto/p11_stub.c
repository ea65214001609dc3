/* Answers "no module" to every PKCS#11 question GnuTLS can ask.
 *
 * A static binary cannot load a token's driver, and Debian ships no static p11-kit, so libgnutls.a is left
 * with these names open. Only the static build links this file. GnuTLS asks on its own only for the list of
 * modules, where an empty answer means "there are none"; every other function is reached through a URI or a
 * module, and none can be made here. The prototypes repeat p11-kit's with its own types reduced to what the
 * calling convention needs, so that building Felix does not need p11-kit's headers.
 */
#include <stddef.h>

enum {
  kNoModule = 0x54, /* CKR_FUNCTION_NOT_SUPPORTED */
  kUriUnexpected = -1,
};

/* modules */
void** p11_kit_modules_load(const char* reserved, int flags) {
  (void)reserved, (void)flags;
  return NULL;
}
void* p11_kit_module_load(const char* path, int flags) {
  (void)path, (void)flags;
  return NULL;
}
unsigned long p11_kit_module_initialize(void* module) {
  (void)module;
  return kNoModule;
}
unsigned long p11_kit_module_finalize(void* module) {
  (void)module;
  return kNoModule;
}
void p11_kit_module_release(void* module) { (void)module; }
void p11_kit_modules_release(void** modules) { (void)modules; }
void p11_kit_modules_finalize_and_release(void** modules) { (void)modules; }
char* p11_kit_module_get_name(void* module) {
  (void)module;
  return NULL;
}
int p11_kit_module_get_flags(void* module) {
  (void)module;
  return 0;
}
char* p11_kit_config_option(void* module, const char* option) {
  (void)module, (void)option;
  return NULL;
}
const char* p11_kit_message(void) { return "this build has no PKCS#11 modules"; }
const char* p11_kit_strerror(unsigned long code) {
  (void)code;
  return p11_kit_message();
}

/* space-padded strings of module answers: there are none */
size_t p11_kit_space_strlen(const unsigned char* text, size_t max_bytes) {
  (void)text, (void)max_bytes;
  return 0;
}
char* p11_kit_space_strdup(const unsigned char* text, size_t max_bytes) {
  (void)text, (void)max_bytes;
  return NULL;
}

/* URIs: none can be made, so the accessors are never reached with one */
void* p11_kit_uri_new(void) { return NULL; }
void p11_kit_uri_free(void* uri) { (void)uri; }
int p11_kit_uri_parse(const char* text, int kind, void* uri) {
  (void)text, (void)kind, (void)uri;
  return kUriUnexpected;
}
int p11_kit_uri_format(void* uri, int kind, char** text) {
  (void)uri, (void)kind;
  *text = NULL;
  return kUriUnexpected;
}
void* p11_kit_uri_get_module_info(void* uri) {
  (void)uri;
  return NULL;
}
void* p11_kit_uri_get_token_info(void* uri) {
  (void)uri;
  return NULL;
}
void* p11_kit_uri_get_attribute(void* uri, unsigned long kind) {
  (void)uri, (void)kind;
  return NULL;
}
void* p11_kit_uri_get_attributes(void* uri, unsigned long* count) {
  (void)uri;
  *count = 0;
  return NULL;
}
int p11_kit_uri_set_attribute(void* uri, void* attribute) {
  (void)uri, (void)attribute;
  return kUriUnexpected;
}
const char* p11_kit_uri_get_pin_source(const void* uri) {
  (void)uri;
  return NULL;
}
const char* p11_kit_uri_get_pin_value(const void* uri) {
  (void)uri;
  return NULL;
}
int p11_kit_uri_match_module_info(const void* uri, const void* info) {
  (void)uri, (void)info;
  return 0;
}
int p11_kit_uri_match_token_info(const void* uri, const void* info) {
  (void)uri, (void)info;
  return 0;
}

/* searches (GnuTLS 3.8): none can begin */
void* p11_kit_iter_new(void* uri, int behaviour) {
  (void)uri, (void)behaviour;
  return NULL;
}
void p11_kit_iter_free(void* iter) { (void)iter; }
void p11_kit_iter_add_filter(void* iter, void* attributes, unsigned long count) {
  (void)iter, (void)attributes, (void)count;
}
void p11_kit_iter_begin_with(void* iter, void* module, unsigned long slot, unsigned long session) {
  (void)iter, (void)module, (void)slot, (void)session;
}
unsigned long p11_kit_iter_next(void* iter) {
  (void)iter;
  return kNoModule;
}
unsigned long p11_kit_iter_get_object(void* iter) {
  (void)iter;
  return 0;
}
unsigned long p11_kit_iter_get_attributes(void* iter, void* attributes, unsigned long count) {
  (void)iter, (void)attributes, (void)count;
  return kNoModule;
}

/* PINs: nobody asks, nobody answers */
void* p11_kit_pin_new_for_string(const char* value) {
  (void)value;
  return NULL;
}
void p11_kit_pin_unref(void* pin) { (void)pin; }
const unsigned char* p11_kit_pin_get_value(void* pin, size_t* bytes) {
  (void)pin;
  if (bytes) *bytes = 0;
  return NULL;
}
size_t p11_kit_pin_get_length(void* pin) {
  (void)pin;
  return 0;
}
int p11_kit_pin_register_callback(const char* source, void* callback, void* data, void* destroy) {
  (void)source, (void)callback, (void)data, (void)destroy;
  return kUriUnexpected;
}
void p11_kit_pin_unregister_callback(const char* source, void* callback, void* data) {
  (void)source, (void)callback, (void)data;
}
void* p11_kit_pin_request(const char* source, void* uri, const char* description, int flags) {
  (void)source, (void)uri, (void)description, (void)flags;
  return NULL;
}
void* p11_kit_pin_file_callback(const char* source, void* uri, const char* description, int flags,
                                void* data) {
  (void)source, (void)uri, (void)description, (void)flags, (void)data;
  return NULL;
}
