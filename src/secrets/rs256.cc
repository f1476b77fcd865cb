#include "secrets/rs256.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstddef>
#include <memory>

namespace stargaze::secrets {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Without it OpenSSL would ask for a password on the terminal.
int NoPassword(char*, int, int, void*) noexcept {
  return -1;
}

Result<std::string> Sign(std::string_view text, EVP_PKEY* key) {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  const bool begun = context != nullptr &&
                     EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
                     EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1;
  std::string signature(size, '\0');
  if (!begun || EVP_DigestSign(context.get(),
                               reinterpret_cast<unsigned char*>(signature.data()),
                               &size,
                               bytes,
                               text.size()) != 1)
    return Error(ErrorKind::kInternal, "a token cannot be signed");
  signature.resize(size);
  return signature;
}

}  // namespace

std::string Base64Url(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned held = 0;
  int bits = 0;
  for (const char byte : bytes) {
    held = (held << 8U) | static_cast<unsigned char>(byte);
    for (bits += 8; bits >= 6; bits -= 6) text += kDigits[(held >> (bits - 6)) & 63U];
  }
  if (bits > 0) text += kDigits[(held << (6 - bits)) & 63U];
  return text;
}

Result<Secret> SignedToken(std::string_view claims, const Secret& private_key_pem) {
  const std::string& pem = private_key_pem.Reveal();
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<EVP_PKEY, FreeKey> key(
      bio == nullptr ? nullptr : PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassword, nullptr));
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return Error(ErrorKind::kInvalidInput, "the private key is no RSA key in PEM without password")
        .Remedy("download a private key on the GitHub App's page and name its file");
  }
  const std::string text = Base64Url(R"({"alg":"RS256","typ":"JWT"})") + "." + Base64Url(claims);
  SG_TRY(const std::string signature, Sign(text, key.get()));
  return Secret(text + "." + Base64Url(signature));
}

}  // namespace stargaze::secrets
