// The least that the firmware needs around it to become an image: a board that can do nothing. It is
// linked, with runtime.c, so that sizes are real and nothing is missing, but meant to be measured,
// not to be run.

#include "board.h"

// ------------------------------------------------------------------------------------ the board

static uint64_t uptime_milliseconds(void *context) { return 0; }
static void entropy(void *context, uint8_t *bytes, uint32_t count) {}
static void log_line(void *context, uint8_t level, const uint8_t *text, uint32_t count) {}
static void wifi_join(void *context, const hub_wifi_request *request) {}
static uint8_t wifi_state(void *context) { return HUB_WIFI_OFF; }
static int32_t wifi_signal(void *context) { return 0; }
static void wifi_scan(void *context) {}
static int32_t wifi_scan_count(void *context) { return 0; }
static bool wifi_scan_result(void *context, uint32_t index, hub_wifi_network *network) {
  return false;
}
static void wifi_own_network(void *context, const uint8_t *name, uint32_t name_count) {}
static bool local_address(void *context, uint8_t network, uint8_t address[4]) { return false; }
static void bluetooth_advertise(void *context, const uint8_t *name, uint32_t name_count,
                                const uint8_t *data, uint32_t data_count) {}
static void bluetooth_next(void *context, hub_bluetooth_event *event, uint8_t *into,
                           uint32_t capacity) {
  event->kind = HUB_BLUETOOTH_NONE;
}
static bool bluetooth_value(void *context, uint16_t connection, uint8_t characteristic,
                            const uint8_t *bytes, uint32_t count, bool notify) {
  return false;
}
static void bluetooth_disconnect(void *context, uint16_t connection) {}
static hub_stream stream_open(void *context, const hub_stream_request *request) {
  return HUB_ERROR_UNREACHABLE;
}
static uint8_t stream_state(void *context, hub_stream stream) { return HUB_STREAM_FAILED; }
static int32_t stream_error(void *context, hub_stream stream) { return HUB_ERROR_UNREACHABLE; }
static uint32_t stream_read(void *context, hub_stream stream, uint8_t *into, uint32_t capacity) {
  return 0;
}
static uint32_t stream_write(void *context, hub_stream stream, const uint8_t *bytes,
                             uint32_t count) {
  return 0;
}
static void stream_finish(void *context, hub_stream stream) {}
static void stream_close(void *context, hub_stream stream) {}
static hub_listener listen_on(void *context, uint8_t network, uint16_t port) {
  return HUB_ERROR_UNREACHABLE;
}
static hub_stream accept_next(void *context, hub_listener listener) { return -1; }
static void listener_close(void *context, hub_listener listener) {}
static hub_socket datagram_open(void *context, uint8_t network, uint16_t port) {
  return HUB_ERROR_UNREACHABLE;
}
static bool datagram_join(void *context, hub_socket socket, const uint8_t group[4]) {
  return false;
}
static bool datagram_send(void *context, hub_socket socket, const hub_address *to,
                          const uint8_t *bytes, uint32_t count) {
  return false;
}
static uint32_t datagram_receive(void *context, hub_socket socket, hub_address *from,
                                 uint8_t *into, uint32_t capacity) {
  return 0;
}
static void datagram_close(void *context, hub_socket socket) {}
static bool stream_fingerprint(void *context, hub_stream stream, uint8_t fingerprint[32]) {
  return false;
}
static uint32_t flash_size(void *context, uint8_t partition) { return 0; }
static bool flash_read(void *context, uint8_t partition, uint32_t offset, uint8_t *into,
                       uint32_t count) {
  return false;
}
static bool flash_program(void *context, uint8_t partition, uint32_t offset, const uint8_t *bytes,
                          uint32_t count) {
  return false;
}
static bool flash_erase(void *context, uint8_t partition, uint32_t offset) { return false; }
static uint32_t retained_read(void *context, uint32_t offset, uint8_t *into, uint32_t count) {
  return 0;
}
static uint32_t retained_write(void *context, uint32_t offset, const uint8_t *bytes,
                               uint32_t count) {
  return 0;
}
static void seal(void *context, const uint8_t nonce[12], const uint8_t *label,
                 uint32_t label_count, uint8_t *bytes, uint32_t count, uint8_t tag[16]) {}
static bool unseal(void *context, const uint8_t nonce[12], const uint8_t *label,
                   uint32_t label_count, uint8_t *bytes, uint32_t count, const uint8_t tag[16]) {
  return false;
}
static bool firmware_signature_is_good(void *context, const uint8_t digest[32],
                                       const uint8_t signature[64]) {
  return false;
}
static bool button(void *context) { return false; }
static void hmac_sha256(void *context, const uint8_t *key, uint32_t key_count,
                        const uint8_t *message, uint32_t message_count, uint8_t digest[32]) {}
static void led(void *context, uint8_t led, uint8_t mode) {}
static void watchdog_feed(void *context) {}
static void restart(void *context, uint8_t reason) {}

static const hub_board board = {
    .uptime_milliseconds = uptime_milliseconds,
    .entropy = entropy,
    .log = log_line,
    .wifi_join = wifi_join,
    .wifi_state = wifi_state,
    .wifi_signal = wifi_signal,
    .wifi_scan = wifi_scan,
    .wifi_scan_count = wifi_scan_count,
    .wifi_scan_result = wifi_scan_result,
    .wifi_own_network = wifi_own_network,
    .local_address = local_address,
    .bluetooth_advertise = bluetooth_advertise,
    .bluetooth_next = bluetooth_next,
    .bluetooth_value = bluetooth_value,
    .bluetooth_disconnect = bluetooth_disconnect,
    .stream_open = stream_open,
    .stream_state = stream_state,
    .stream_error = stream_error,
    .stream_read = stream_read,
    .stream_write = stream_write,
    .stream_finish = stream_finish,
    .stream_close = stream_close,
    .listen = listen_on,
    .accept = accept_next,
    .listener_close = listener_close,
    .datagram_open = datagram_open,
    .datagram_join = datagram_join,
    .datagram_send = datagram_send,
    .datagram_receive = datagram_receive,
    .datagram_close = datagram_close,
    .stream_fingerprint = stream_fingerprint,
    .flash_size = flash_size,
    .flash_read = flash_read,
    .flash_program = flash_program,
    .flash_erase = flash_erase,
    .retained_read = retained_read,
    .retained_write = retained_write,
    .seal = seal,
    .unseal = unseal,
    .firmware_signature_is_good = firmware_signature_is_good,
    .button = button,
    .hmac_sha256 = hmac_sha256,
    .led = led,
    .watchdog_feed = watchdog_feed,
    .restart = restart,
};

// The script passes what `hub_size` answers.
static uint8_t region[HUB_REGION] __attribute__((aligned(16)));
static hub_view view;

void _start(void) {
  void *hub = hub_boot(region, sizeof region, &board, HUB_BOOT_POWER_ON);
  for (;;) {
    hub_poll(hub);
    hub_look(hub, &view);
  }
}
