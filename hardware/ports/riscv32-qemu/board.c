// Every call of board.h, carried to the rig: its number is its place in `hub_board`; its arguments
// follow in their order, numbers as words and bytes with their count. A call without an answer is
// posted and goes out with the next one that has one; what the rig has told in advance is not asked.

#include <stddef.h>

#include "carried.h"
#include "line.h"

uint32_t calls_carried, calls_awaited;

#define NUMBER_OF(call) (offsetof(hub_board, call) / sizeof(void *) - 1)
#define POST(call) begin(FRAME_POST, NUMBER_OF(call))
#define ASK(call) begin(FRAME_CALL, NUMBER_OF(call))

static void begin(uint8_t kind, uint32_t number) {
  calls_carried++;
  frame_begin(kind);
  put_word(number);
}

// ------------------------------------------------------------------- what the rig told in advance

enum { STREAMS = 32, UNKNOWN = 0xFF, HAS_UNREAD = 0x80 };

// An uptime that nobody reaches: the clock runs on while it is looked at, so it must be asked.
#define CLOCK_RUNS UINT64_MAX

static uint64_t glance_uptime = CLOCK_RUNS;
static uint8_t glance_wifi = UNKNOWN;
// Of each stream its state, and whether there is something to read.
static uint8_t glance_streams[STREAMS];

void take_glance(void) {
  glance_uptime = take_long();
  glance_wifi = take_byte();
  take_raw(glance_streams, STREAMS);
}

static uint8_t glance_at(hub_stream stream) {
  return stream >= 0 && stream < STREAMS ? glance_streams[stream] : UNKNOWN;
}

static void forget(hub_stream stream) {
  if (stream >= 0 && stream < STREAMS) glance_streams[stream] = UNKNOWN;
}

// ---------------------------------------------------------------------------------- the answer

static void await(void) {
  calls_awaited++;
  frame_end();
  if (frame_next() != FRAME_ANSWER) frame_close();
}

static void finish(void) {
  if (frame_rest() > 0) take_glance();
  frame_close();
}

static uint32_t await_word(void) {
  await();
  uint32_t answer = take_word();
  finish();
  return answer;
}

// ----------------------------------------------------------------------------- clock and chance

static uint64_t uptime_milliseconds(void *context) {
  if (glance_uptime != CLOCK_RUNS) return glance_uptime;
  ASK(uptime_milliseconds);
  await();
  uint64_t answer = take_long();
  finish();
  return answer;
}

static void entropy(void *context, uint8_t *bytes, uint32_t count) {
  ASK(entropy);
  put_word(count);
  await();
  take_bytes(bytes, count);
  finish();
}

static void log_line(void *context, uint8_t level, const uint8_t *text, uint32_t count) {
  POST(log);
  put_word(level);
  put_bytes(text, count);
  frame_end();
}

// ----------------------------------------------------------------------------------------- radio

static void wifi_join(void *context, const hub_wifi_request *request) {
  POST(wifi_join);
  put_bytes(request->name, request->name_count);
  put_word(request->security);
  put_bytes(request->key, request->key_count);
  put_bytes(request->user, request->user_count);
  frame_end();
  glance_wifi = UNKNOWN;
}

static uint8_t wifi_state(void *context) {
  if (glance_wifi != UNKNOWN) return glance_wifi;
  ASK(wifi_state);
  return (uint8_t)await_word();
}

static int32_t wifi_signal(void *context) {
  ASK(wifi_signal);
  return (int32_t)await_word();
}

static void wifi_scan(void *context) {
  POST(wifi_scan);
  frame_end();
}

static int32_t wifi_scan_count(void *context) {
  ASK(wifi_scan_count);
  return (int32_t)await_word();
}

static bool wifi_scan_result(void *context, uint32_t index, hub_wifi_network *network) {
  ASK(wifi_scan_result);
  put_word(index);
  await();
  bool answer = take_word() != 0;
  take_bytes(network, sizeof *network);
  finish();
  return answer;
}

static void wifi_own_network(void *context, const uint8_t *name, uint32_t name_count) {
  POST(wifi_own_network);
  put_bytes(name, name_count);
  frame_end();
  glance_wifi = UNKNOWN;
}

static bool local_address(void *context, uint8_t network, uint8_t address[4]) {
  ASK(local_address);
  put_word(network);
  await();
  bool answer = take_word() != 0;
  take_bytes(address, 4);
  finish();
  return answer;
}

// ------------------------------------------------------------------------------------- bluetooth

static void bluetooth_advertise(void *context, const uint8_t *name, uint32_t name_count,
                                const uint8_t *data, uint32_t data_count) {
  POST(bluetooth_advertise);
  put_bytes(name, name_count);
  put_bytes(data, data_count);
  frame_end();
}

static void bluetooth_next(void *context, hub_bluetooth_event *event, uint8_t *into,
                           uint32_t capacity) {
  ASK(bluetooth_next);
  put_word(capacity);
  await();
  take_bytes(event, sizeof *event);
  take_bytes(into, capacity);
  finish();
}

static bool bluetooth_value(void *context, uint16_t connection, uint8_t characteristic,
                            const uint8_t *bytes, uint32_t count, bool notify) {
  ASK(bluetooth_value);
  put_word(connection);
  put_word(characteristic);
  put_bytes(bytes, count);
  put_word(notify);
  return await_word() != 0;
}

static void bluetooth_disconnect(void *context, uint16_t connection) {
  POST(bluetooth_disconnect);
  put_word(connection);
  frame_end();
}

// --------------------------------------------------------------------------------------- streams

static hub_stream stream_open(void *context, const hub_stream_request *request) {
  ASK(stream_open);
  put_bytes(request->host, request->host_count);
  put_word(request->port);
  put_word(request->trust);
  put_bytes(request->expected_name, request->expected_name_count);
  put_word((uint32_t)request->resume_session_of);
  put_bytes(request->fingerprint, request->trust == HUB_TRUST_PINNED ? 32 : 0);
  put_bytes(request->authority, request->authority_count);
  return (hub_stream)await_word();
}

static uint8_t stream_state(void *context, hub_stream stream) {
  uint8_t known = glance_at(stream);
  if (known != UNKNOWN) return known & ~HAS_UNREAD;
  ASK(stream_state);
  put_word((uint32_t)stream);
  return (uint8_t)await_word();
}

static int32_t stream_error(void *context, hub_stream stream) {
  ASK(stream_error);
  put_word((uint32_t)stream);
  return (int32_t)await_word();
}

static uint32_t stream_read(void *context, hub_stream stream, uint8_t *into, uint32_t capacity) {
  if ((glance_at(stream) & HAS_UNREAD) == 0) return 0;
  ASK(stream_read);
  put_word((uint32_t)stream);
  put_word(capacity);
  await();
  uint32_t answer = take_word();
  take_bytes(into, capacity);
  finish();
  return answer;
}

static uint32_t stream_write(void *context, hub_stream stream, const uint8_t *bytes,
                             uint32_t count) {
  ASK(stream_write);
  put_word((uint32_t)stream);
  put_bytes(bytes, count);
  return await_word();
}

static void stream_finish(void *context, hub_stream stream) {
  POST(stream_finish);
  put_word((uint32_t)stream);
  frame_end();
  forget(stream);
}

static void stream_close(void *context, hub_stream stream) {
  POST(stream_close);
  put_word((uint32_t)stream);
  frame_end();
  forget(stream);
}

static bool stream_fingerprint(void *context, hub_stream stream, uint8_t fingerprint[32]) {
  ASK(stream_fingerprint);
  put_word((uint32_t)stream);
  await();
  bool answer = take_word() != 0;
  take_bytes(fingerprint, 32);
  finish();
  return answer;
}

static hub_listener listen(void *context, uint8_t network, uint16_t port) {
  ASK(listen);
  put_word(network);
  put_word(port);
  return (hub_listener)await_word();
}

static hub_stream accept(void *context, hub_listener listener) {
  ASK(accept);
  put_word((uint32_t)listener);
  return (hub_stream)await_word();
}

static void listener_close(void *context, hub_listener listener) {
  POST(listener_close);
  put_word((uint32_t)listener);
  frame_end();
}

// ------------------------------------------------------------------------------------- datagrams

static hub_socket datagram_open(void *context, uint8_t network, uint16_t port) {
  ASK(datagram_open);
  put_word(network);
  put_word(port);
  return (hub_socket)await_word();
}

static bool datagram_join(void *context, hub_socket socket, const uint8_t group[4]) {
  ASK(datagram_join);
  put_word((uint32_t)socket);
  put_bytes(group, 4);
  return await_word() != 0;
}

static bool datagram_send(void *context, hub_socket socket, const hub_address *to,
                          const uint8_t *bytes, uint32_t count) {
  ASK(datagram_send);
  put_word((uint32_t)socket);
  put_bytes(to, sizeof *to);
  put_bytes(bytes, count);
  return await_word() != 0;
}

static uint32_t datagram_receive(void *context, hub_socket socket, hub_address *from,
                                 uint8_t *into, uint32_t capacity) {
  ASK(datagram_receive);
  put_word((uint32_t)socket);
  put_word(capacity);
  await();
  uint32_t answer = take_word();
  take_bytes(from, sizeof *from);
  take_bytes(into, capacity);
  finish();
  return answer;
}

static void datagram_close(void *context, hub_socket socket) {
  POST(datagram_close);
  put_word((uint32_t)socket);
  frame_end();
}

// ------------------------------------------------------------------------------------- memories

static uint32_t flash_size(void *context, uint8_t partition) {
  ASK(flash_size);
  put_word(partition);
  return await_word();
}

static bool flash_read(void *context, uint8_t partition, uint32_t offset, uint8_t *into,
                       uint32_t count) {
  ASK(flash_read);
  put_word(partition);
  put_word(offset);
  put_word(count);
  await();
  bool answer = take_word() != 0;
  take_bytes(into, count);
  finish();
  return answer;
}

static bool flash_program(void *context, uint8_t partition, uint32_t offset, const uint8_t *bytes,
                          uint32_t count) {
  ASK(flash_program);
  put_word(partition);
  put_word(offset);
  put_bytes(bytes, count);
  return await_word() != 0;
}

static bool flash_erase(void *context, uint8_t partition, uint32_t offset) {
  ASK(flash_erase);
  put_word(partition);
  put_word(offset);
  return await_word() != 0;
}

static uint32_t retained_read(void *context, uint32_t offset, uint8_t *into, uint32_t count) {
  ASK(retained_read);
  put_word(offset);
  put_word(count);
  await();
  uint32_t answer = take_word();
  take_bytes(into, count);
  finish();
  return answer;
}

static uint32_t retained_write(void *context, uint32_t offset, const uint8_t *bytes,
                               uint32_t count) {
  ASK(retained_write);
  put_word(offset);
  put_bytes(bytes, count);
  return await_word();
}

// ----------------------------------------------------------------------------------------- crypto

static void seal(void *context, const uint8_t nonce[12], const uint8_t *label,
                 uint32_t label_count, uint8_t *bytes, uint32_t count, uint8_t tag[16]) {
  ASK(seal);
  put_bytes(nonce, 12);
  put_bytes(label, label_count);
  put_bytes(bytes, count);
  await();
  take_bytes(bytes, count);
  take_bytes(tag, 16);
  finish();
}

static bool unseal(void *context, const uint8_t nonce[12], const uint8_t *label,
                   uint32_t label_count, uint8_t *bytes, uint32_t count, const uint8_t tag[16]) {
  ASK(unseal);
  put_bytes(nonce, 12);
  put_bytes(label, label_count);
  put_bytes(bytes, count);
  put_bytes(tag, 16);
  await();
  bool answer = take_word() != 0;
  take_bytes(bytes, count);
  finish();
  return answer;
}

static bool firmware_signature_is_good(void *context, const uint8_t digest[32],
                                       const uint8_t signature[64]) {
  ASK(firmware_signature_is_good);
  put_bytes(digest, 32);
  put_bytes(signature, 64);
  return await_word() != 0;
}

static void hmac_sha256(void *context, const uint8_t *key, uint32_t key_count,
                        const uint8_t *message, uint32_t message_count, uint8_t digest[32]) {
  ASK(hmac_sha256);
  put_bytes(key, key_count);
  put_bytes(message, message_count);
  await();
  take_bytes(digest, 32);
  finish();
}

static void sha256_blocks(void *context, uint32_t state[8], const uint8_t *blocks,
                          uint32_t count) {
  ASK(sha256_blocks);
  put_bytes(state, 32);
  put_bytes(blocks, 64 * count);
  await();
  take_bytes(state, 32);
  finish();
}

// ------------------------------------------------------------------------------------------- body

static bool button(void *context) {
  ASK(button);
  return await_word() != 0;
}

static void led(void *context, uint8_t led, uint8_t mode) {
  POST(led);
  put_word(led);
  put_word(mode);
  frame_end();
}

static void watchdog_feed(void *context) {
  POST(watchdog_feed);
  frame_end();
}

static void restart(void *context, uint8_t reason) {
  POST(restart);
  put_word(reason);
  frame_end();
}

// ------------------------------------------------------------------------------------- the board

// Every call, in the order of board.h, and what carries it here.
#define CALLS(CALL)                                      \
  CALL(uptime_milliseconds, uptime_milliseconds)         \
  CALL(entropy, entropy)                                 \
  CALL(log, log_line)                                    \
  CALL(wifi_join, wifi_join)                             \
  CALL(wifi_state, wifi_state)                           \
  CALL(wifi_signal, wifi_signal)                         \
  CALL(wifi_scan, wifi_scan)                             \
  CALL(wifi_scan_count, wifi_scan_count)                 \
  CALL(wifi_scan_result, wifi_scan_result)               \
  CALL(wifi_own_network, wifi_own_network)               \
  CALL(local_address, local_address)                     \
  CALL(bluetooth_advertise, bluetooth_advertise)         \
  CALL(bluetooth_next, bluetooth_next)                   \
  CALL(bluetooth_value, bluetooth_value)                 \
  CALL(bluetooth_disconnect, bluetooth_disconnect)       \
  CALL(stream_open, stream_open)                         \
  CALL(stream_state, stream_state)                       \
  CALL(stream_error, stream_error)                       \
  CALL(stream_read, stream_read)                         \
  CALL(stream_write, stream_write)                       \
  CALL(stream_finish, stream_finish)                     \
  CALL(stream_close, stream_close)                       \
  CALL(listen, listen)                                   \
  CALL(accept, accept)                                   \
  CALL(listener_close, listener_close)                   \
  CALL(datagram_open, datagram_open)                     \
  CALL(datagram_join, datagram_join)                     \
  CALL(datagram_send, datagram_send)                     \
  CALL(datagram_receive, datagram_receive)               \
  CALL(datagram_close, datagram_close)                   \
  CALL(stream_fingerprint, stream_fingerprint)           \
  CALL(flash_size, flash_size)                           \
  CALL(flash_read, flash_read)                           \
  CALL(flash_program, flash_program)                     \
  CALL(flash_erase, flash_erase)                         \
  CALL(retained_read, retained_read)                     \
  CALL(retained_write, retained_write)                   \
  CALL(seal, seal)                                       \
  CALL(unseal, unseal)                                   \
  CALL(firmware_signature_is_good, firmware_signature_is_good) \
  CALL(button, button)                                   \
  CALL(hmac_sha256, hmac_sha256)                         \
  CALL(sha256_blocks, sha256_blocks)                     \
  CALL(led, led)                                         \
  CALL(watchdog_feed, watchdog_feed)                     \
  CALL(restart, restart)

#define ENTRY(call, function) .call = function,
const hub_board carried_board = {CALLS(ENTRY)};

#define ONE(call, function) +1
_Static_assert(0 CALLS(ONE) == CALL_COUNT,
               "a call of board.h is not carried: add it here, in its place in CALLS, and in the "
               "rig's BoardCalls.swift");

#define NAME(call, function) #call ","
uint32_t carried_names(void) {
  static const char names[] = CALLS(NAME);
  return checksum(0, names, sizeof names - 1);
}
