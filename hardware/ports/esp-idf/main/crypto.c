// What the firmware needs of cryptography, by mbedTLS. The device's key never leaves the chip: it is
// what the HMAC peripheral makes of a block of fuses that can only be used, not read.

#include <string.h>

#include "esp_hmac.h"
#include "mbedtls/ecdsa.h"
#include "mbedtls/gcm.h"
#include "mbedtls/md.h"
#include "port.h"

/// The public half of the key that signs firmware: 0x04, x, y. Embedded by CMakeLists.txt.
extern const uint8_t firmware_key[65] __asm__("_binary_firmware_key_bin_start");

static void hmac_sha256(void *context, const uint8_t *key, uint32_t key_count,
                        const uint8_t *message, uint32_t message_count, uint8_t digest[32]) {
  (void)context;
  const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
  if (mbedtls_md_hmac(sha256, key, key_count, message, message_count, digest) != 0)
    memset(digest, 0, 32);
}

static bool begin(mbedtls_gcm_context *gcm) {
  static const uint8_t purpose[] = "hubrig sealed settings";
  uint8_t key[32];
  mbedtls_gcm_init(gcm);
  bool is_ready = esp_hmac_calculate(HMAC_KEY4, purpose, sizeof purpose - 1, key) == ESP_OK &&
                  mbedtls_gcm_setkey(gcm, MBEDTLS_CIPHER_ID_AES, key, 256) == 0;
  memset(key, 0, sizeof key);
  return is_ready;
}

static void seal(void *context, const uint8_t nonce[12], const uint8_t *label, uint32_t label_count,
                 uint8_t *bytes, uint32_t count, uint8_t tag[16]) {
  (void)context;
  mbedtls_gcm_context gcm;
  const bool is_sealed = begin(&gcm) && mbedtls_gcm_crypt_and_tag(
                                            &gcm, MBEDTLS_GCM_ENCRYPT, count, nonce, 12, label,
                                            label_count, bytes, bytes, 16, tag) == 0;
  // What cannot be sealed must not stand in flash as it is.
  if (!is_sealed) memset(bytes, 0, count);
  mbedtls_gcm_free(&gcm);
}

static bool unseal(void *context, const uint8_t nonce[12], const uint8_t *label,
                   uint32_t label_count, uint8_t *bytes, uint32_t count, const uint8_t tag[16]) {
  (void)context;
  mbedtls_gcm_context gcm;
  const bool is_open = begin(&gcm) && mbedtls_gcm_auth_decrypt(&gcm, count, nonce, 12, label,
                                                               label_count, tag, 16, bytes,
                                                               bytes) == 0;
  mbedtls_gcm_free(&gcm);
  return is_open;
}

static bool firmware_signature_is_good(void *context, const uint8_t digest[32],
                                       const uint8_t signature[64]) {
  (void)context;
  mbedtls_ecp_group group;
  mbedtls_ecp_point key;
  mbedtls_mpi r, s;
  mbedtls_ecp_group_init(&group);
  mbedtls_ecp_point_init(&key);
  mbedtls_mpi_init(&r);
  mbedtls_mpi_init(&s);
  const bool is_good = mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP256R1) == 0 &&
                       mbedtls_ecp_point_read_binary(&group, &key, firmware_key, 65) == 0 &&
                       mbedtls_mpi_read_binary(&r, signature, 32) == 0 &&
                       mbedtls_mpi_read_binary(&s, signature + 32, 32) == 0 &&
                       mbedtls_ecdsa_verify(&group, digest, 32, &key, &r, &s) == 0;
  mbedtls_mpi_free(&s);
  mbedtls_mpi_free(&r);
  mbedtls_ecp_point_free(&key);
  mbedtls_ecp_group_free(&group);
  return is_good;
}

void port_add_crypto(hub_board *board) {
  board->hmac_sha256 = hmac_sha256;
  // The chip's own unit would want its state handed in and out for each call; the firmware's code is
  // many times quicker than a printer's card as it is.
  board->sha256_blocks = NULL;
  board->seal = seal;
  board->unseal = unseal;
  board->firmware_signature_is_good = firmware_signature_is_good;
}
