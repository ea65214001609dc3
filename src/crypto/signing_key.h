#pragma once
// Ed25519 keys for tokens. A key's id is derived from its public half, so the same key has the same id
// everywhere.

#include <array>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/pem_file.h"

namespace felix::crypto {

using Ed25519PublicKey = std::array<std::byte, 32>;
using Ed25519Signature = std::array<std::byte, 64>;

// base64url of the first 12 bytes of the key's SHA-256: 16 characters.
std::string key_id_of(const Ed25519PublicKey& key);

// The private half. Never changes after it was made; any thread may sign.
class SigningKey {
 public:
  static SigningKey generate();
  // invalid_request unless `seed` has 32 bytes.
  static Result<SigningKey> from_seed(Bytes seed);
  // PKCS#8, unencrypted; malformed (naming the origin) when it is something else.
  static Result<SigningKey> from_pem(const Pem& pem);

  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  // PKCS#8; a secret.
  std::string to_pem() const;
  const Ed25519PublicKey& public_key() const { return public_key_; }
  std::string key_id() const { return key_id_of(public_key_); }
  Ed25519Signature sign(Bytes message) const;

 private:
  struct State;
  explicit SigningKey(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
  Ed25519PublicKey public_key_;
};

}  // namespace felix::crypto
