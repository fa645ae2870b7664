// OpenSSL for the rig: servers' TLS, certificates, digests, AES-GCM. Its macros, as functions that
// Swift can call.
#pragma once
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline int hubrig_BIO_pending(BIO *bio) { return (int)BIO_pending(bio); }
static inline long hubrig_BIO_get_mem_data(BIO *bio, char **data) {
  return BIO_get_mem_data(bio, data);
}
static inline long hubrig_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_min_proto_version(context, version);
}
static inline long hubrig_SSL_CTX_set_max_proto_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_max_proto_version(context, version);
}
static inline long hubrig_SSL_CTX_set_session_cache_mode(SSL_CTX *context, long mode) {
  return SSL_CTX_set_session_cache_mode(context, mode);
}
static inline long hubrig_SSL_CTX_set_mode(SSL_CTX *context, long mode) {
  return SSL_CTX_set_mode(context, mode);
}
static inline EVP_PKEY *hubrig_RSA_gen(unsigned int bits) { return EVP_RSA_gen(bits); }
static inline int hubrig_EVP_PKEY_is_RSA(const EVP_PKEY *key) {
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
}
static inline EVP_PKEY *hubrig_EC_gen_p256(void) { return EVP_EC_gen("P-256"); }
static inline long hubrig_SSL_CTX_sess_set_cache_size(SSL_CTX *context, long count) {
  return SSL_CTX_sess_set_cache_size(context, count);
}
static inline int hubrig_GENERAL_NAMES_push(GENERAL_NAMES *names, GENERAL_NAME *name) {
  return sk_GENERAL_NAME_push(names, name);
}
static inline int hubrig_GENERAL_NAMES_count(GENERAL_NAMES *names) {
  return sk_GENERAL_NAME_num(names);
}
// Adds an extension whose value is one of ours, in the words of OpenSSL's configuration files.
// `issuer` lends its key identifier; it is the certificate itself when that signs itself.
static inline int hubrig_X509_add_extension(X509 *certificate, X509 *issuer, int kind,
                                            const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, 0, 0, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(0, &context, kind, value);
  if (!extension) return 0;
  int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return added;
}
static inline long hubrig_SSL_set_server_name(SSL *ssl, const char *name) {
  return SSL_set_tlsext_host_name(ssl, name);
}
// TLS 1.2, as the chip speaks it.
static inline void hubrig_SSL_CTX_prepare_client(SSL_CTX *context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                   SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set1_groups_list(context, "P-256:X25519:P-384");
  SSL_CTX_set_read_ahead(context, 1);
}
// TLS 1.2 and 1.3, sessions by ticket and by identifier, no renegotiation. A far end that hangs up
// without close_notify has ended its direction like one that says so: many clients do.
static inline void hubrig_SSL_CTX_prepare_server(SSL_CTX *context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                   SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
  SSL_CTX_set_timeout(context, 3600);
  // The chip is quickest with P-256.
  SSL_CTX_set1_groups_list(context, "P-256:X25519:P-384");
  SSL_CTX_set_read_ahead(context, 1);
}
// Takes whole blocks into a SHA-256 that is under way. OpenSSL gives away its state only by calls that
// it would rather have forgotten; they are the ones that use the processor's own instructions.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static inline void hubrig_SHA256_blocks(uint32_t *state, const uint8_t *blocks, size_t count) {
  SHA256_CTX sum;
  SHA256_Init(&sum);
  for (int word = 0; word < 8; word++) sum.h[word] = state[word];
  SHA256_Update(&sum, blocks, 64 * count);
  for (int word = 0; word < 8; word++) state[word] = sum.h[word];
}
#pragma GCC diagnostic pop
