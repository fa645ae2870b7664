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
  /// TLS; the certificate's common name must equal `expected_name`, whoever signed it. Without such
  /// a name any certificate will do that is valid now.
  HUB_TRUST_COMMON_NAME = 2,
  /// The same, and the certificate's fingerprint (its SHA-256) must equal the 32 bytes of
  /// `fingerprint`.
  HUB_TRUST_PINNED = 3,
  /// TLS; the chain must verify against the authorities of printers' makers that the board holds, and
  /// the certificate's common name must equal `expected_name`. A board that holds none believes
  /// nobody: HUB_ERROR_TLS_UNTRUSTED.
  HUB_TRUST_MAKER = 4,
};

/// What the firmware asks of `stream_open`. Texts are not terminated by a zero.
typedef struct hub_stream_request {
  const uint8_t *host;
  uint32_t host_count;
  uint16_t port;
  uint8_t trust;  // enum hub_trust
  /// For HUB_TRUST_COMMON_NAME, _PINNED and _MAKER: the name to demand, also sent as server name;
  /// with a count of 0 the first two demand none, and `host` is sent if it is a name.
  const uint8_t *expected_name;
  uint32_t expected_name_count;
  /// A stream whose TLS session to resume, or a negative number for none.
  hub_stream resume_session_of;
  /// For HUB_TRUST_PINNED: 32 bytes.
  const uint8_t *fingerprint;
  /// For HUB_TRUST_CLOUD: certificates of authorities (PEM) to believe instead of those that the
  /// board holds; none when the count is 0.
  const uint8_t *authority;
  uint32_t authority_count;
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
  HUB_ERROR_ADDRESS_IN_USE = -11,
};

/// Which of the board's networks: the one it has joined, or the one it opens itself.
enum hub_network { HUB_NETWORK_JOINED = 0, HUB_NETWORK_OWN = 1 };

/// An IPv4 address and a port.
typedef struct hub_address {
  uint8_t bytes[4];
  uint16_t port;
} hub_address;

/// A port that accepts streams; negative values are `hub_stream_error`s.
typedef int32_t hub_listener;

/// A socket for datagrams; negative values are `hub_stream_error`s.
typedef int32_t hub_socket;

// ------------------------------------------------------------------------------------- radio

enum hub_wifi_state {
  HUB_WIFI_OFF = 0,
  HUB_WIFI_JOINING = 1,
  HUB_WIFI_JOINED = 2,
  HUB_WIFI_NO_ACCESS_POINT = 3,
  HUB_WIFI_WRONG_KEY = 4,
  HUB_WIFI_LOST = 5,
};

enum hub_wifi_security {
  HUB_WIFI_OPEN = 0,
  HUB_WIFI_WPA2 = 1,
  HUB_WIFI_WPA3 = 2,
  /// WPA2 with a user name and password of one's own (PEAP).
  HUB_WIFI_ENTERPRISE = 3,
};

/// A network to join. Texts are not terminated by a zero.
typedef struct hub_wifi_request {
  const uint8_t *name;
  uint32_t name_count;
  uint8_t security;  // enum hub_wifi_security
  const uint8_t *key;
  uint32_t key_count;
  /// For HUB_WIFI_ENTERPRISE.
  const uint8_t *user;
  uint32_t user_count;
} hub_wifi_request;

/// A network that a scan has found.
typedef struct hub_wifi_network {
  uint8_t name[32];
  uint8_t name_count;
  uint8_t security;  // enum hub_wifi_security
  int8_t signal;     // dBm
} hub_wifi_network;

// --------------------------------------------------------------------------------- bluetooth

/// The characteristics of the hub's one GATT service, in the order of their UUIDs.
enum hub_characteristic {
  HUB_CHARACTERISTIC_WIFI = 1,
  HUB_CHARACTERISTIC_CLAIM = 2,
  HUB_CHARACTERISTIC_STATUS = 3,
};

enum hub_bluetooth_event_kind {
  HUB_BLUETOOTH_NONE = 0,
  HUB_BLUETOOTH_CONNECTED = 1,
  HUB_BLUETOOTH_DISCONNECTED = 2,
  /// Bytes were written to a characteristic.
  HUB_BLUETOOTH_WRITTEN = 3,
  /// A central asked for, or no longer wants, notifications of a characteristic.
  HUB_BLUETOOTH_SUBSCRIBED = 4,
  HUB_BLUETOOTH_UNSUBSCRIBED = 5,
};

typedef struct hub_bluetooth_event {
  uint8_t kind;  // enum hub_bluetooth_event_kind
  uint8_t characteristic;
  uint16_t connection;
  /// Bytes that were written, copied into what `bluetooth_next` was given.
  uint32_t count;
} hub_bluetooth_event;

// ------------------------------------------------------------------------------------- flash

/// Parts of the flash, laid out by `hardware/partitions.csv`. NOR flash: a program only clears
/// bits, an erase sets a whole sector to ones, and power may fail at any byte of either.
enum hub_partition {
  /// Who the hub is. Never written by the firmware.
  HUB_PARTITION_FACTORY = 0,
  /// The key store.
  HUB_PARTITION_STORE = 1,
  /// Which slot to start: two sectors.
  HUB_PARTITION_CHOICE = 2,
  HUB_PARTITION_SLOT_A = 3,
  HUB_PARTITION_SLOT_B = 4,
};

enum { HUB_FLASH_SECTOR = 4096 };

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
  /// The hardware watchdog was not fed.
  HUB_BOOT_WATCHDOG = 2,
  /// The firmware, or what it stands on, trapped.
  HUB_BOOT_PANIC = 3,
  /// The supply was too weak for a moment.
  HUB_BOOT_BROWN_OUT = 4,
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

  /// Begins to join a network, instead of any that was joined or asked for before.
  void (*wifi_join)(void *context, const hub_wifi_request *request);
  uint8_t (*wifi_state)(void *context);
  /// Strength of the signal in dBm, below zero; 0 when not joined.
  int32_t (*wifi_signal)(void *context);
  /// Begins to look for networks; what was found before is forgotten.
  void (*wifi_scan)(void *context);
  /// How many networks were found, the strongest first; negative while the scan goes on.
  int32_t (*wifi_scan_count)(void *context);
  bool (*wifi_scan_result)(void *context, uint32_t index, hub_wifi_network *network);
  /// Opens a network of the board's own, without a key, or closes it (a count of 0). The board
  /// answers 192.168.4.1 there and hands out addresses.
  void (*wifi_own_network)(void *context, const uint8_t *name, uint32_t name_count);
  /// The board's address on a network; false when it has none.
  bool (*local_address)(void *context, uint8_t network, uint8_t address[4]);

  /// Advertises the hub's GATT service under `name` with `data` as service data, or stops (a count
  /// of 0) and ends every connection.
  void (*bluetooth_advertise)(void *context, const uint8_t *name, uint32_t name_count,
                              const uint8_t *data, uint32_t data_count);
  /// Takes the next event off the board's queue.
  void (*bluetooth_next)(void *context, hub_bluetooth_event *event, uint8_t *into,
                         uint32_t capacity);
  /// What a read of a characteristic shall answer to this connection from now on; with `notify` it
  /// is also sent to it if it has subscribed. Answers false when it did not fit and nothing happened.
  bool (*bluetooth_value)(void *context, uint16_t connection, uint8_t characteristic,
                          const uint8_t *bytes, uint32_t count, bool notify);
  void (*bluetooth_disconnect)(void *context, uint16_t connection);

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

  /// Accepts streams on a port of one of the board's networks.
  hub_listener (*listen)(void *context, uint8_t network, uint16_t port);
  /// The next stream that came in, already open; negative when none waits.
  hub_stream (*accept)(void *context, hub_listener listener);
  void (*listener_close)(void *context, hub_listener listener);

  /// A socket for datagrams on a port, or on any free one (0).
  hub_socket (*datagram_open)(void *context, uint8_t network, uint16_t port);
  /// Also hear what is sent to a multicast group.
  bool (*datagram_join)(void *context, hub_socket socket, const uint8_t group[4]);
  /// Sends one datagram, also to 255.255.255.255 or a group; false when it could not be sent.
  bool (*datagram_send)(void *context, hub_socket socket, const hub_address *to,
                        const uint8_t *bytes, uint32_t count);
  /// Takes the oldest datagram and answers its size; 0 when there is none. What does not fit is cut.
  uint32_t (*datagram_receive)(void *context, hub_socket socket, hub_address *from, uint8_t *into,
                               uint32_t capacity);
  void (*datagram_close)(void *context, hub_socket socket);

  /// The SHA-256 of the certificate that the far end has shown; false when there is none (yet).
  bool (*stream_fingerprint)(void *context, hub_stream stream, uint8_t fingerprint[32]);

  /// Bytes of a partition; 0 when the board has none such.
  uint32_t (*flash_size)(void *context, uint8_t partition);
  /// These three answer false when the range is not inside the partition or the flash has failed.
  bool (*flash_read)(void *context, uint8_t partition, uint32_t offset, uint8_t *into,
                     uint32_t count);
  bool (*flash_program)(void *context, uint8_t partition, uint32_t offset, const uint8_t *bytes,
                        uint32_t count);
  bool (*flash_erase)(void *context, uint8_t partition, uint32_t offset);

  /// Memory that keeps what it holds over a restart, not over a loss of power. Answers how much of
  /// the range there is.
  uint32_t (*retained_read)(void *context, uint32_t offset, uint8_t *into, uint32_t count);
  uint32_t (*retained_write)(void *context, uint32_t offset, const uint8_t *bytes, uint32_t count);

  /// Encrypts `bytes` where they stand with the key that only this device holds (AES-256-GCM), and
  /// answers the tag; `label` is bound to it and must be the same for `unseal`.
  void (*seal)(void *context, const uint8_t nonce[12], const uint8_t *label, uint32_t label_count,
               uint8_t *bytes, uint32_t count, uint8_t tag[16]);
  /// False, with `bytes` undefined, when they or the label were changed.
  bool (*unseal)(void *context, const uint8_t nonce[12], const uint8_t *label,
                 uint32_t label_count, uint8_t *bytes, uint32_t count, const uint8_t tag[16]);
  /// Whether `signature` (r and s, 32 bytes each) over the SHA-256 `digest` was made with the key
  /// that signs firmware (ECDSA on P-256); the board holds its public half.
  bool (*firmware_signature_is_good)(void *context, const uint8_t digest[32],
                                     const uint8_t signature[64]);

  /// Whether the button is held down now.
  bool (*button)(void *context);

  void (*hmac_sha256)(void *context, const uint8_t *key, uint32_t key_count,
                      const uint8_t *message, uint32_t message_count, uint8_t digest[32]);
  /// Takes `count` blocks of 64 bytes into a SHA-256 that is under way; `state` is FIPS 180-4's H, as
  /// numbers of this machine. A board that is no quicker than the firmware may leave this null.
  void (*sha256_blocks)(void *context, uint32_t state[8], const uint8_t *blocks, uint32_t count);

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
  uint32_t outbox_used;   // bytes of events that the cloud has not acknowledged
  uint32_t outbox_given;  // bytes that there is room for
} hub_view;

/// Bytes of memory that `hub_boot` needs for five printers.
uint32_t hub_size(void);

/// Decides which slot's image is started now (0 or 1), and notes the attempt; to be called once by
/// whatever starts the firmware, before `hub_boot`. An image below the security floor is the last
/// resort; with no good image in either slot the answer is the one that was wanted last.
uint8_t hub_choose_slot(const hub_board *board);

/// Starts the firmware in `region`, which must be aligned to 16 bytes and stay where it is.
/// Answers the hub, or a null pointer when the region is too small. `board` must outlive it.
void *hub_boot(void *region, uint32_t size, const hub_board *board, uint8_t reason);

/// Runs every task that is due and answers the uptime in milliseconds at which to call again; call
/// earlier whenever a stream or the radio has changed.
uint64_t hub_poll(void *hub);

void hub_look(const void *hub, hub_view *view);

/// What can be wrong with a task on purpose.
enum hub_harm_kind {
  /// The task is due and is not run.
  HUB_HARM_STALL = 0,
  /// It is run and gets nowhere.
  HUB_HARM_WEDGE = 1,
  /// One of its steps takes six seconds, as `uptime_milliseconds` counts them.
  HUB_HARM_HOG = 2,
  /// One of its steps never ends. Nothing runs from then on: `hub_poll` answers UINT64_MAX and the
  /// watchdog is not fed. A rig that wants to see a panic restarts the hub with HUB_BOOT_PANIC then.
  HUB_HARM_HANG = 3,
};

/// For rigs, to see what the hub does about it; no product calls this. `task` is 0 for the hub's own,
/// 1 for the cloud's, 2 to 6 for those of the printers, 7 to 11 for those of their files,
/// 12 for WiFi's and 13 for onboarding's.
void hub_harm(void *hub, uint8_t kind, uint8_t task);

#ifdef __cplusplus
}
#endif
#endif
