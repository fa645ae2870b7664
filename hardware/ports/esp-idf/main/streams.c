// Streams over lwIP sockets, with TLS by mbedTLS, all without waiting:
//
//     naming --address--> connecting --open--> handshake --done--> open
//        '---------------------'-- failed -----------'-------------'
//
// Names are asked for on lwIP's own task, which answers later.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/dns.h"
#include "lwip/sockets.h"
#include "mbedtls/ctr_drbg.h"
#include "mbedtls/entropy.h"
#include "mbedtls/md.h"
#include "mbedtls/net_sockets.h"
#include "mbedtls/ssl.h"
#include "port.h"
#include "sdkconfig.h"

enum { STREAMS = CONFIG_HUB_STREAMS };

enum phase { UNUSED, NAMING, CONNECTING, HANDSHAKE, OPEN, FINISHED, FAILED };

struct stream {
  volatile enum phase phase;
  int socket;
  int32_t error;
  uint16_t port;
  uint8_t trust;
  bool peer_finished;
  char host[65];
  char expected[65];
  uint8_t fingerprint[32];
  volatile uint32_t address;
  mbedtls_ssl_context *ssl;
  mbedtls_ssl_config *config;
  mbedtls_x509_crt *authority;
};

static struct stream streams[STREAMS];
static mbedtls_entropy_context entropy_source;
static mbedtls_ctr_drbg_context random_source;
/// Certificates of the authorities that the board believes, PEM, ended by a zero.
extern const uint8_t authorities[] __asm__("_binary_authorities_pem_start");
extern const uint8_t authorities_end[] __asm__("_binary_authorities_pem_end");
/// The same of the makers of printers; empty when none is known.
extern const uint8_t makers[] __asm__("_binary_makers_pem_start");
extern const uint8_t makers_end[] __asm__("_binary_makers_pem_end");

static struct stream *stream_of(hub_stream number) {
  return number >= 0 && number < STREAMS && streams[number].phase != UNUSED ? &streams[number]
                                                                            : NULL;
}

static void release(struct stream *stream) {
  if (stream->socket >= 0) close(stream->socket);
  stream->socket = -1;
  if (stream->ssl) mbedtls_ssl_free(stream->ssl);
  if (stream->config) mbedtls_ssl_config_free(stream->config);
  if (stream->authority) mbedtls_x509_crt_free(stream->authority);
  free(stream->ssl);
  free(stream->config);
  free(stream->authority);
  stream->ssl = NULL;
  stream->config = NULL;
  stream->authority = NULL;
}

static void fail(struct stream *stream, int32_t error) {
  release(stream);
  stream->error = error;
  stream->phase = FAILED;
}

static int32_t error_of(int number) {
  switch (number) {
    case ECONNREFUSED:
      return HUB_ERROR_REFUSED;
    case ETIMEDOUT:
      return HUB_ERROR_TIMED_OUT;
    case ECONNRESET:
    case EPIPE:
      return HUB_ERROR_RESET;
    case ENFILE:
    case EMFILE:
      return HUB_ERROR_TOO_MANY_STREAMS;
    default:
      return HUB_ERROR_UNREACHABLE;
  }
}

// ------------------------------------------------------------------------------------------ opening

static void named(const char *name, const ip_addr_t *address, void *context) {
  (void)name;
  struct stream *stream = context;
  if (stream->phase != NAMING) return;
  stream->address = address ? ip_addr_get_ip4_u32(address) : 0xFFFFFFFF;
  port_wake();
}

static void connect_stream(struct stream *stream) {
  stream->socket = socket(AF_INET, SOCK_STREAM, 0);
  if (stream->socket < 0) return fail(stream, HUB_ERROR_TOO_MANY_STREAMS);
  fcntl(stream->socket, F_SETFL, O_NONBLOCK);
  struct sockaddr_in peer;
  memset(&peer, 0, sizeof peer);
  peer.sin_family = AF_INET;
  peer.sin_port = htons(stream->port);
  peer.sin_addr.s_addr = stream->address;
  stream->phase = CONNECTING;
  if (connect(stream->socket, (struct sockaddr *)&peer, sizeof peer) != 0 && errno != EINPROGRESS)
    fail(stream, error_of(errno));
}

static int send_to_socket(void *context, const unsigned char *bytes, size_t count) {
  const struct stream *stream = context;
  const ssize_t sent = send(stream->socket, bytes, count, 0);
  if (sent >= 0) return (int)sent;
  return errno == EAGAIN ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_NET_CONN_RESET;
}

static int receive_from_socket(void *context, unsigned char *bytes, size_t count) {
  const struct stream *stream = context;
  const ssize_t received = recv(stream->socket, bytes, count, 0);
  if (received >= 0) return (int)received;
  return errno == EAGAIN ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_NET_CONN_RESET;
}

/// Whether the name is looked at after the handshake, and is the common name alone.
static bool goes_by_common_name(const struct stream *stream) {
  return stream->trust == HUB_TRUST_COMMON_NAME || stream->trust == HUB_TRUST_PINNED ||
         stream->trust == HUB_TRUST_MAKER;
}

static int overlook_name(void *context, mbedtls_x509_crt *shown, int depth, uint32_t *flags) {
  (void)context, (void)shown, (void)depth;
  *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH;
  return 0;
}

static void prepare_tls(struct stream *stream, const hub_stream_request *request) {
  stream->ssl = calloc(1, sizeof *stream->ssl);
  stream->config = calloc(1, sizeof *stream->config);
  stream->authority = calloc(1, sizeof *stream->authority);
  if (!stream->ssl || !stream->config || !stream->authority)
    return fail(stream, HUB_ERROR_TOO_MANY_STREAMS);
  mbedtls_ssl_init(stream->ssl);
  mbedtls_ssl_config_init(stream->config);
  mbedtls_x509_crt_init(stream->authority);
  mbedtls_ssl_config_defaults(stream->config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                              MBEDTLS_SSL_PRESET_DEFAULT);
  mbedtls_ssl_conf_rng(stream->config, mbedtls_ctr_drbg_random, &random_source);
  if (request->trust == HUB_TRUST_CLOUD) {
    int broken;
    if (request->authority_count > 0) {
      // The parser wants the zero at the end of a text.
      char *text = calloc(1, request->authority_count + 1);
      if (!text) return fail(stream, HUB_ERROR_TOO_MANY_STREAMS);
      memcpy(text, request->authority, request->authority_count);
      broken = mbedtls_x509_crt_parse(stream->authority, (const unsigned char *)text,
                                      request->authority_count + 1);
      free(text);
    } else {
      broken = mbedtls_x509_crt_parse(stream->authority, authorities,
                                      (size_t)(authorities_end - authorities));
    }
    if (broken != 0) return fail(stream, HUB_ERROR_TLS_UNTRUSTED);
    mbedtls_ssl_conf_ca_chain(stream->config, stream->authority, NULL);
    mbedtls_ssl_conf_authmode(stream->config, MBEDTLS_SSL_VERIFY_REQUIRED);
  } else if (request->trust == HUB_TRUST_MAKER) {
    if (mbedtls_x509_crt_parse(stream->authority, makers, (size_t)(makers_end - makers)) != 0)
      return fail(stream, HUB_ERROR_TLS_UNTRUSTED);
    mbedtls_ssl_conf_ca_chain(stream->config, stream->authority, NULL);
    mbedtls_ssl_conf_authmode(stream->config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_verify(stream->config, overlook_name, NULL);
  } else {
    // Printers sign for themselves: name and fingerprint are looked at after the handshake.
    mbedtls_ssl_conf_authmode(stream->config, MBEDTLS_SSL_VERIFY_NONE);
  }
  if (mbedtls_ssl_setup(stream->ssl, stream->config) != 0)
    return fail(stream, HUB_ERROR_TOO_MANY_STREAMS);
  mbedtls_ssl_set_hostname(stream->ssl, stream->expected[0] ? stream->expected : stream->host);
  const struct stream *earlier = stream_of(request->resume_session_of);
  if (earlier && earlier->ssl && earlier->phase >= OPEN) {
    mbedtls_ssl_session session;
    mbedtls_ssl_session_init(&session);
    if (mbedtls_ssl_get_session(earlier->ssl, &session) == 0)
      mbedtls_ssl_set_session(stream->ssl, &session);
    mbedtls_ssl_session_free(&session);
  }
  mbedtls_ssl_set_bio(stream->ssl, stream, send_to_socket, receive_from_socket, NULL);
}

static hub_stream stream_open(void *context, const hub_stream_request *request) {
  (void)context;
  if (request->host_count > 64 || request->expected_name_count > 64) return HUB_ERROR_NAME_UNKNOWN;
  hub_stream number = 0;
  while (number < STREAMS && streams[number].phase != UNUSED) number++;
  if (number == STREAMS) return HUB_ERROR_TOO_MANY_STREAMS;
  struct stream *stream = &streams[number];
  memset(stream, 0, sizeof *stream);
  stream->socket = -1;
  stream->port = request->port;
  stream->trust = request->trust;
  memcpy(stream->host, request->host, request->host_count);
  if (goes_by_common_name(stream))
    memcpy(stream->expected, request->expected_name, request->expected_name_count);
  if (request->trust == HUB_TRUST_PINNED) memcpy(stream->fingerprint, request->fingerprint, 32);
  stream->phase = NAMING;
  if (request->trust != HUB_TRUST_PLAIN) prepare_tls(stream, request);
  if (stream->phase == FAILED) {
    stream->phase = UNUSED;
    return stream->error;
  }
  ip_addr_t address;
  const err_t answer = dns_gethostbyname(stream->host, &address, named, stream);
  if (answer == ERR_OK) {
    stream->address = ip_addr_get_ip4_u32(&address);
  } else if (answer != ERR_INPROGRESS) {
    fail(stream, HUB_ERROR_NAME_UNKNOWN);
  }
  return number;
}

hub_stream port_adopt(int socket) {
  for (hub_stream number = 0; number < STREAMS; number++) {
    if (streams[number].phase != UNUSED) continue;
    memset(&streams[number], 0, sizeof streams[number]);
    streams[number].socket = socket;
    streams[number].phase = OPEN;
    return number;
  }
  return HUB_ERROR_TOO_MANY_STREAMS;
}

// ---------------------------------------------------------------------------------------- going on

static bool take_fingerprint(const struct stream *stream, uint8_t fingerprint[32]) {
  const mbedtls_x509_crt *shown = stream->ssl ? mbedtls_ssl_get_peer_cert(stream->ssl) : NULL;
  const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
  return shown && mbedtls_md(sha256, shown->raw.p, shown->raw.len, fingerprint) == 0;
}

static bool has_expected_name(const struct stream *stream) {
  if (stream->expected[0] == 0) return true;
  const mbedtls_x509_crt *shown = mbedtls_ssl_get_peer_cert(stream->ssl);
  for (const mbedtls_x509_name *name = shown ? &shown->subject : NULL; name; name = name->next) {
    static const uint8_t common_name[] = {0x55, 0x04, 0x03};
    if (name->oid.len == 3 && memcmp(name->oid.p, common_name, 3) == 0)
      return name->val.len == strlen(stream->expected) &&
             memcmp(name->val.p, stream->expected, name->val.len) == 0;
  }
  return false;
}

static int32_t tls_error(const struct stream *stream) {
  const uint32_t flags = mbedtls_ssl_get_verify_result(stream->ssl);
  if (flags == 0 || flags == 0xFFFFFFFF) return HUB_ERROR_TLS_PROTOCOL;
  if (flags & (MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE))
    return HUB_ERROR_TLS_EXPIRED;
  return flags & MBEDTLS_X509_BADCERT_CN_MISMATCH ? HUB_ERROR_TLS_WRONG_NAME
                                                  : HUB_ERROR_TLS_UNTRUSTED;
}

static void shake_hands(struct stream *stream) {
  const int answer = mbedtls_ssl_handshake(stream->ssl);
  if (answer == MBEDTLS_ERR_SSL_WANT_READ || answer == MBEDTLS_ERR_SSL_WANT_WRITE) return;
  if (answer != 0) return fail(stream, tls_error(stream));
  if (goes_by_common_name(stream) && !has_expected_name(stream))
    return fail(stream, HUB_ERROR_TLS_WRONG_NAME);
  uint8_t shown[32];
  if (stream->trust == HUB_TRUST_PINNED &&
      (!take_fingerprint(stream, shown) || memcmp(shown, stream->fingerprint, 32) != 0))
    return fail(stream, HUB_ERROR_TLS_UNTRUSTED);
  stream->phase = OPEN;
}

static bool is_writable(int socket) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(socket, &set);
  struct timeval at_once = {0, 0};
  return select(socket + 1, NULL, &set, NULL, &at_once) > 0;
}

static void step(struct stream *stream) {
  if (stream->phase == NAMING && stream->address != 0) {
    if (stream->address == 0xFFFFFFFF) return fail(stream, HUB_ERROR_NAME_UNKNOWN);
    connect_stream(stream);
  }
  if (stream->phase == CONNECTING && is_writable(stream->socket)) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(stream->socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return fail(stream, error_of(error));
    stream->phase = stream->ssl ? HANDSHAKE : OPEN;
  }
  if (stream->phase == HANDSHAKE) shake_hands(stream);
}

bool port_step_streams(void) {
  bool has_changed = false;
  for (hub_stream number = 0; number < STREAMS; number++) {
    const enum phase before = streams[number].phase;
    if (before > UNUSED && before < OPEN) step(&streams[number]);
    if (streams[number].phase != before) has_changed = true;
  }
  return has_changed;
}

int port_watch(void *readable, void *writable) {
  int highest = -1;
  for (hub_stream number = 0; number < STREAMS; number++) {
    const struct stream *stream = &streams[number];
    if (stream->socket < 0 || stream->phase < CONNECTING || stream->phase > FINISHED) continue;
    if (!stream->peer_finished) FD_SET(stream->socket, (fd_set *)readable);
    if (stream->phase == CONNECTING) FD_SET(stream->socket, (fd_set *)writable);
    if (stream->socket > highest) highest = stream->socket;
  }
  return highest;
}

// ------------------------------------------------------------------------------------------ in use

static uint8_t stream_state(void *context, hub_stream number) {
  (void)context;
  const struct stream *stream = stream_of(number);
  if (!stream || stream->phase == FAILED) return HUB_STREAM_FAILED;
  if (stream->phase < OPEN) return HUB_STREAM_OPENING;
  return stream->peer_finished ? HUB_STREAM_PEER_FINISHED : HUB_STREAM_OPEN;
}

static int32_t stream_error(void *context, hub_stream number) {
  (void)context;
  const struct stream *stream = stream_of(number);
  return stream ? stream->error : HUB_ERROR_RESET;
}

static uint32_t stream_read(void *context, hub_stream number, uint8_t *into, uint32_t capacity) {
  (void)context;
  struct stream *stream = stream_of(number);
  if (!stream || stream->phase < OPEN || stream->phase == FAILED || stream->peer_finished) return 0;
  int count;
  if (stream->ssl) {
    count = mbedtls_ssl_read(stream->ssl, into, capacity);
    if (count == MBEDTLS_ERR_SSL_WANT_READ || count == MBEDTLS_ERR_SSL_WANT_WRITE) return 0;
    if (count == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) count = 0;
  } else {
    count = (int)recv(stream->socket, into, capacity, 0);
    if (count < 0 && errno == EAGAIN) return 0;
  }
  if (count < 0) {
    fail(stream, HUB_ERROR_RESET);
    return 0;
  }
  if (count == 0) stream->peer_finished = true;
  return (uint32_t)count;
}

static uint32_t stream_write(void *context, hub_stream number, const uint8_t *bytes,
                             uint32_t count) {
  (void)context;
  struct stream *stream = stream_of(number);
  if (!stream || stream->phase != OPEN) return 0;
  int taken;
  if (stream->ssl) {
    taken = mbedtls_ssl_write(stream->ssl, bytes, count);
    if (taken == MBEDTLS_ERR_SSL_WANT_READ || taken == MBEDTLS_ERR_SSL_WANT_WRITE) return 0;
  } else {
    taken = (int)send(stream->socket, bytes, count, 0);
    if (taken < 0 && errno == EAGAIN) return 0;
  }
  if (taken < 0) {
    fail(stream, HUB_ERROR_RESET);
    return 0;
  }
  return (uint32_t)taken;
}

static void stream_finish(void *context, hub_stream number) {
  (void)context;
  struct stream *stream = stream_of(number);
  if (!stream || stream->phase != OPEN) return;
  if (stream->ssl) mbedtls_ssl_close_notify(stream->ssl);
  shutdown(stream->socket, SHUT_WR);
  stream->phase = FINISHED;
}

static void stream_close(void *context, hub_stream number) {
  (void)context;
  struct stream *stream = stream_of(number);
  if (!stream) return;
  if (stream->ssl && stream->phase == OPEN) mbedtls_ssl_close_notify(stream->ssl);
  release(stream);
  stream->phase = UNUSED;
}

static bool stream_fingerprint(void *context, hub_stream number, uint8_t fingerprint[32]) {
  (void)context;
  const struct stream *stream = stream_of(number);
  return stream && stream->phase >= OPEN && stream->phase != FAILED &&
         take_fingerprint(stream, fingerprint);
}

void port_add_streams(hub_board *board) {
  mbedtls_entropy_init(&entropy_source);
  mbedtls_ctr_drbg_init(&random_source);
  if (mbedtls_ctr_drbg_seed(&random_source, mbedtls_entropy_func, &entropy_source, NULL, 0) != 0)
    abort();
  for (hub_stream number = 0; number < STREAMS; number++) streams[number].socket = -1;
  board->stream_open = stream_open;
  board->stream_state = stream_state;
  board->stream_error = stream_error;
  board->stream_read = stream_read;
  board->stream_write = stream_write;
  board->stream_finish = stream_finish;
  board->stream_close = stream_close;
  board->stream_fingerprint = stream_fingerprint;
}
