#include "crypto/pem_file.h"

#include "io/file.h"

namespace felix::crypto {
namespace {

constexpr std::size_t kMaxPemBytes = 1 << 20;
constexpr mode_t kOwnerOnly = 0600;

}  // namespace

Result<Pem> read_pem_file(const std::string& path) {
  FELIX_TRY(std::string text, io::read_file(path, kMaxPemBytes));
  return Pem{std::move(text), path};
}

Status write_private_file(const std::string& path, std::string_view content) {
  return io::write_file_atomically(path, as_bytes(content), kOwnerOnly);
}

}  // namespace felix::crypto
