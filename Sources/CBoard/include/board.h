// What a board gives the hub's firmware, and how the firmware is entered.
//
// To port the firmware, fill in one `hub_board` and call `hub_boot` once and `hub_poll` for ever.
// Every call of the board returns at once: none waits for a network, a disk or a person. The
// firmware owns no memory but the region that `hub_boot` is given, keeps no pointer from a call
// past its return, and calls the board only from inside `hub_boot` and `hub_poll`.

#ifndef HUBRIG_BOARD_H
#define HUBRIG_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---------------------------------------------------------------------------------- streams

/// A stream that the board opened; negative values are `hub_stream_error`s.
typedef int32_t hub_stream;

/// How the far end must prove who it is.
enum hub_trust {
  /// No TLS at all.
  HUB_TRUST_PLAIN = 0,
  /// TLS; chain and name must verify against the cloud authority that the board holds.
  HUB_TRUST_CLOUD = 1,
  /// TLS; the certificate's common name must equal `expected_name`, whoever signed it.
  HUB_TRUST_COMMON_NAME = 2,
};

/// What the firmware asks of `stream_open`. Texts are not terminated by a zero.
typedef struct hub_stream_request {
  const uint8_t *host;
  uint32_t host_count;
  uint16_t port;
  uint8_t trust;  // enum hub_trust
  /// For HUB_TRUST_COMMON_NAME: the name to demand, also sent as server name.
  const uint8_t *expected_name;
  uint32_t expected_name_count;
  /// A stream whose TLS session to resume, or a negative number for none.
  hub_stream resume_session_of;
} hub_stream_request;

/// Where a stream stands.
enum hub_stream_state {
  HUB_STREAM_OPENING = 0,
  HUB_STREAM_OPEN = 1,
  /// The far end has sent its last byte; what is unread can still be read, writing still works.
  HUB_STREAM_PEER_FINISHED = 2,
  /// Broken for good; `stream_error` tells why. Unread bytes are gone.
  HUB_STREAM_FAILED = 3,
};

/// Why a stream failed, or could not be opened.
enum hub_stream_error {
  HUB_ERROR_NONE = 0,
  HUB_ERROR_NAME_UNKNOWN = -1,
  HUB_ERROR_UNREACHABLE = -2,
  HUB_ERROR_REFUSED = -3,
  HUB_ERROR_TIMED_OUT = -4,
  HUB_ERROR_RESET = -5,
  HUB_ERROR_TLS_UNTRUSTED = -6,
  HUB_ERROR_TLS_WRONG_NAME = -7,
  HUB_ERROR_TLS_EXPIRED = -8,
  HUB_ERROR_TLS_PROTOCOL = -9,
  HUB_ERROR_TOO_MANY_STREAMS = -10,
};

// ------------------------------------------------------------------------------------- radio

enum hub_wifi_state {
  HUB_WIFI_OFF = 0,
  HUB_WIFI_JOINING = 1,
  HUB_WIFI_JOINED = 2,
  HUB_WIFI_NO_ACCESS_POINT = 3,
  HUB_WIFI_WRONG_KEY = 4,
  HUB_WIFI_LOST = 5,
};

// ----------------------------------------------------------------------------------- the rest

enum hub_log_level { HUB_LOG_DEBUG = 0, HUB_LOG_INFO = 1, HUB_LOG_WARNING = 2, HUB_LOG_ERROR = 3 };

enum hub_led { HUB_LED_POWER = 0, HUB_LED_CLOUD = 1, HUB_LED_PRINTERS = 2 };

enum hub_led_mode {
  HUB_LED_MODE_OFF = 0,
  HUB_LED_MODE_SOLID = 1,
  HUB_LED_MODE_BLINKING = 2,
  HUB_LED_MODE_BLINKING_RED = 3,
};

/// Why the firmware was started.
enum hub_boot_reason {
  HUB_BOOT_POWER_ON = 0,
  HUB_BOOT_RESTART = 1,
  HUB_BOOT_WATCHDOG = 2,
};

/// Settings that the factory or a person left on the board.
enum hub_setting {
  HUB_SETTING_HUB_ID = 0,
  HUB_SETTING_HUB_SECRET = 1,
  HUB_SETTING_CLOUD_URL = 2,
  HUB_SETTING_WIFI_NAME = 3,
  HUB_SETTING_WIFI_KEY = 4,
};

/// What a person fills in to port the firmware.
typedef struct hub_board {
  /// Handed back on every call.
  void *context;

  /// Milliseconds since power-on; never goes back.
  uint64_t (*uptime_milliseconds)(void *context);
  /// Fills `bytes` with what nobody can guess.
  void (*entropy)(void *context, uint8_t *bytes, uint32_t count);
  void (*log)(void *context, uint8_t level, const uint8_t *text, uint32_t count);

  /// Copies a setting and returns its size; 0 when it was never set, negative when it does not fit.
  int32_t (*setting)(void *context, uint8_t setting, uint8_t *into, uint32_t capacity);

  void (*wifi_join)(void *context, const uint8_t *name, uint32_t name_count, const uint8_t *key,
                    uint32_t key_count);
  uint8_t (*wifi_state)(void *context);
  /// Strength of the signal in dBm, below zero; 0 when not joined.
  int32_t (*wifi_signal)(void *context);

  /// Begins to open a stream; a negative answer is a `hub_stream_error`.
  hub_stream (*stream_open)(void *context, const hub_stream_request *request);
  uint8_t (*stream_state)(void *context, hub_stream stream);
  int32_t (*stream_error)(void *context, hub_stream stream);
  /// Takes up to `capacity` unread bytes; 0 when there are none.
  uint32_t (*stream_read)(void *context, hub_stream stream, uint8_t *into, uint32_t capacity);
  /// Hands over up to `count` bytes; answers how many were taken, 0 when the far end is slow.
  uint32_t (*stream_write)(void *context, hub_stream stream, const uint8_t *bytes, uint32_t count);
  /// Ends our direction after what was written: the far end sees the end of the stream.
  void (*stream_finish)(void *context, hub_stream stream);
  /// Forgets the stream; what was written still goes out. The number may be used again.
  void (*stream_close)(void *context, hub_stream stream);

  void (*hmac_sha256)(void *context, const uint8_t *key, uint32_t key_count,
                      const uint8_t *message, uint32_t message_count, uint8_t digest[32]);

  void (*led)(void *context, uint8_t led, uint8_t mode);
  /// Keeps the hardware watchdog quiet; the firmware calls it only while all its tasks are well.
  void (*watchdog_feed)(void *context);
  /// Asks for a restart; `hub_poll` returns and is not called again on this boot.
  void (*restart)(void *context, uint8_t reason);
} hub_board;

// ------------------------------------------------------------------------------ the firmware

enum hub_state {
  HUB_STATE_BOOT = 0,
  HUB_STATE_INIT_NVS = 1,
  HUB_STATE_BLUETOOTH_PAIR = 2,
  HUB_STATE_WIFI_CONNECT = 3,
  HUB_STATE_CLOUD_CONNECT = 4,
  HUB_STATE_PRINTERS_CONNECT = 5,
  HUB_STATE_RUNNING = 6,
};

enum hub_printer_link {
  HUB_PRINTER_NONE = 0,
  HUB_PRINTER_WAITING = 1,
  HUB_PRINTER_CONNECTING = 2,
  HUB_PRINTER_CONNECTED = 3,
};

/// What can be seen of a running hub from outside, for reports and tests.
typedef struct hub_view {
  uint8_t state;  // enum hub_state
  uint8_t printer_link[5];  // enum hub_printer_link
  bool cloud_connected;
  uint32_t memory_used;      // bytes of the region that are in use, for good
  uint32_t memory_given;     // bytes of the region
  uint32_t bad_input_count;  // connections closed because of what the far end sent
  uint32_t cloud_connects;   // how often the cloud said hello
  uint32_t commands_handled;
  uint32_t commands_repeated;  // known command ids that were only acknowledged again
} hub_view;

/// Bytes of memory that `hub_boot` needs for five printers.
uint32_t hub_size(void);

/// Starts the firmware in `region`, which must be aligned to 16 bytes and stay where it is.
/// Answers the hub, or a null pointer when the region is too small. `board` must outlive it.
void *hub_boot(void *region, uint32_t size, const hub_board *board, uint8_t reason);

/// Runs every task that is due and answers the uptime in milliseconds at which to call again; call
/// earlier whenever a stream or the radio has changed.
uint64_t hub_poll(void *hub);

void hub_look(const void *hub, hub_view *view);

#ifdef __cplusplus
}
#endif
#endif
