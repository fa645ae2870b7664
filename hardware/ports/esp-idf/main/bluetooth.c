// The hub's one GATT service, by NimBLE. What centrals do comes on NimBLE's task and waits in a queue
// until the firmware asks; what the firmware answers is kept for reads.

#include <string.h>

#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "host/ble_gap.h"
#include "host/ble_gatt.h"
#include "host/ble_hs.h"
#include "host/util/util.h"
#include "nimble/nimble_port.h"
#include "nimble/nimble_port_freertos.h"
#include "port.h"
#include "services/gap/ble_svc_gap.h"
#include "services/gatt/ble_svc_gatt.h"

enum { EVENTS = 8, WRITTEN = 244, VALUE = 244, CONNECTIONS = 2 };

struct event {
  hub_bluetooth_event event;
  uint8_t bytes[WRITTEN];
};

/// What a connection reads of each characteristic.
struct values {
  bool is_used;
  uint16_t connection;
  uint16_t counts[3];
  uint8_t bytes[3][VALUE];
};

static struct event events[EVENTS];
static unsigned first, count;
static struct values values[CONNECTIONS];
static SemaphoreHandle_t lock;
static uint16_t handles[3];
static char name[30];
static uint8_t data[16 + 24];
static uint32_t data_count;
static bool is_wanted, is_ready;
static uint8_t own_address_type;

static void take(void) { xSemaphoreTake(lock, portMAX_DELAY); }
static void give(void) { xSemaphoreGive(lock); }

static struct values *values_of(uint16_t connection) {
  for (unsigned index = 0; index < CONNECTIONS; index++)
    if (values[index].is_used && values[index].connection == connection) return &values[index];
  return NULL;
}

/// Queues what happened; with no room a written value is dropped whole, so its writer is told to try
/// again.
static bool put(uint8_t kind, uint16_t connection, uint8_t characteristic, const uint8_t *bytes,
                uint32_t byte_count) {
  take();
  const bool has_room = count < EVENTS && byte_count <= WRITTEN;
  if (has_room) {
    struct event *event = &events[(first + count) % EVENTS];
    event->event = (hub_bluetooth_event){.kind = kind,
                                         .characteristic = characteristic,
                                         .connection = connection,
                                         .count = byte_count};
    if (byte_count > 0) memcpy(event->bytes, bytes, byte_count);
    count++;
  }
  give();
  port_wake();
  return has_room;
}

// -------------------------------------------------------------------------------------- the service

// 12345678-1234-5678-1234-56789abcdef0 and the three after it, last byte first.
#define HUB_UUID(last)                                                                          \
  BLE_UUID128_INIT(last, 0xde, 0xbc, 0x9a, 0x78, 0x56, 0x34, 0x12, 0x78, 0x56, 0x34, 0x12, 0x78, \
                   0x56, 0x34, 0x12)
static const ble_uuid128_t service_uuid = HUB_UUID(0xf0);
static const ble_uuid128_t wifi_uuid = HUB_UUID(0xf1);
static const ble_uuid128_t claim_uuid = HUB_UUID(0xf2);
static const ble_uuid128_t status_uuid = HUB_UUID(0xf3);

static int access_value(uint16_t connection, uint16_t handle, struct ble_gatt_access_ctxt *context,
                        void *argument) {
  (void)handle;
  const uint8_t characteristic = (uint8_t)(uintptr_t)argument;
  if (context->op == BLE_GATT_ACCESS_OP_READ_CHR) {
    take();
    const struct values *of = values_of(connection);
    int failed = 0;
    if (of)
      failed = os_mbuf_append(context->om, of->bytes[characteristic - 1],
                              of->counts[characteristic - 1]);
    give();
    return failed ? BLE_ATT_ERR_INSUFFICIENT_RES : 0;
  }
  uint8_t bytes[WRITTEN];
  uint16_t length;
  if (ble_hs_mbuf_to_flat(context->om, bytes, sizeof bytes, &length) != 0)
    return BLE_ATT_ERR_INVALID_ATTR_VALUE_LEN;
  return put(HUB_BLUETOOTH_WRITTEN, connection, characteristic, bytes, length)
             ? 0
             : BLE_ATT_ERR_INSUFFICIENT_RES;
}

static const struct ble_gatt_chr_def characteristics[] = {
    {.uuid = &wifi_uuid.u,
     .access_cb = access_value,
     .arg = (void *)(uintptr_t)HUB_CHARACTERISTIC_WIFI,
     .flags = BLE_GATT_CHR_F_READ | BLE_GATT_CHR_F_WRITE | BLE_GATT_CHR_F_NOTIFY,
     .val_handle = &handles[0]},
    {.uuid = &claim_uuid.u,
     .access_cb = access_value,
     .arg = (void *)(uintptr_t)HUB_CHARACTERISTIC_CLAIM,
     .flags = BLE_GATT_CHR_F_READ | BLE_GATT_CHR_F_WRITE | BLE_GATT_CHR_F_NOTIFY,
     .val_handle = &handles[1]},
    {.uuid = &status_uuid.u,
     .access_cb = access_value,
     .arg = (void *)(uintptr_t)HUB_CHARACTERISTIC_STATUS,
     .flags = BLE_GATT_CHR_F_READ | BLE_GATT_CHR_F_WRITE | BLE_GATT_CHR_F_NOTIFY,
     .val_handle = &handles[2]},
    {.uuid = NULL},
};

static const struct ble_gatt_svc_def services[] = {
    {.type = BLE_GATT_SVC_TYPE_PRIMARY, .uuid = &service_uuid.u, .characteristics = characteristics},
    {.type = 0},
};

// -------------------------------------------------------------------------------------- advertising

static int happened(struct ble_gap_event *event, void *context);

static void advertise(void) {
  if (!is_wanted || !is_ready || ble_gap_adv_active()) return;
  struct ble_hs_adv_fields fields;
  memset(&fields, 0, sizeof fields);
  fields.flags = BLE_HS_ADV_F_DISC_GEN | BLE_HS_ADV_F_BREDR_UNSUP;
  fields.uuids128 = &service_uuid;
  fields.num_uuids128 = 1;
  fields.uuids128_is_complete = 1;
  struct ble_hs_adv_fields answer;
  memset(&answer, 0, sizeof answer);
  answer.name = (const uint8_t *)name;
  answer.name_len = (uint8_t)strlen(name);
  answer.name_is_complete = 1;
  // The data is short of room beside the name: it goes without the service's long UUID.
  answer.mfg_data = data;
  answer.mfg_data_len = (uint8_t)data_count;
  const struct ble_gap_adv_params parameters = {.conn_mode = BLE_GAP_CONN_MODE_UND,
                                                .disc_mode = BLE_GAP_DISC_MODE_GEN};
  if (ble_gap_adv_set_fields(&fields) == 0 && ble_gap_adv_rsp_set_fields(&answer) == 0)
    ble_gap_adv_start(own_address_type, NULL, BLE_HS_FOREVER, &parameters, happened, NULL);
}

static void connected(uint16_t connection) {
  take();
  for (unsigned index = 0; index < CONNECTIONS; index++) {
    if (values[index].is_used) continue;
    memset(&values[index], 0, sizeof values[index]);
    values[index].is_used = true;
    values[index].connection = connection;
    break;
  }
  give();
  put(HUB_BLUETOOTH_CONNECTED, connection, 0, NULL, 0);
}

static void disconnected(uint16_t connection) {
  take();
  struct values *of = values_of(connection);
  if (of) of->is_used = false;
  give();
  put(HUB_BLUETOOTH_DISCONNECTED, connection, 0, NULL, 0);
}

static int happened(struct ble_gap_event *event, void *context) {
  (void)context;
  switch (event->type) {
    case BLE_GAP_EVENT_CONNECT:
      if (event->connect.status == 0) connected(event->connect.conn_handle);
      advertise();
      break;
    case BLE_GAP_EVENT_DISCONNECT:
      disconnected(event->disconnect.conn.conn_handle);
      advertise();
      break;
    case BLE_GAP_EVENT_SUBSCRIBE:
      for (uint8_t index = 0; index < 3; index++)
        if (handles[index] == event->subscribe.attr_handle)
          put(event->subscribe.cur_notify ? HUB_BLUETOOTH_SUBSCRIBED : HUB_BLUETOOTH_UNSUBSCRIBED,
              event->subscribe.conn_handle, (uint8_t)(index + 1), NULL, 0);
      break;
    default:
      break;
  }
  return 0;
}

static void bluetooth_advertise(void *context, const uint8_t *new_name, uint32_t name_count,
                                const uint8_t *new_data, uint32_t new_data_count) {
  (void)context;
  ble_gap_adv_stop();
  is_wanted = name_count > 0;
  if (!is_wanted) {
    for (unsigned index = 0; index < CONNECTIONS; index++)
      if (values[index].is_used)
        ble_gap_terminate(values[index].connection, BLE_ERR_REM_USER_CONN_TERM);
    return;
  }
  memset(name, 0, sizeof name);
  memcpy(name, new_name, name_count < sizeof name - 1 ? name_count : sizeof name - 1);
  data_count = new_data_count < 16 ? new_data_count : 16;
  memcpy(data, new_data, data_count);
  ble_svc_gap_device_name_set(name);
  advertise();
}

// ------------------------------------------------------------------------------------ the firmware

static void bluetooth_next(void *context, hub_bluetooth_event *event, uint8_t *into,
                           uint32_t capacity) {
  (void)context;
  memset(event, 0, sizeof *event);
  take();
  if (count > 0) {
    *event = events[first].event;
    if (event->count > capacity) event->count = capacity;
    if (event->count > 0) memcpy(into, events[first].bytes, event->count);
    first = (first + 1) % EVENTS;
    count--;
  }
  give();
}

static bool bluetooth_value(void *context, uint16_t connection, uint8_t characteristic,
                            const uint8_t *bytes, uint32_t byte_count, bool notify) {
  (void)context;
  if (characteristic < 1 || characteristic > 3 || byte_count > VALUE) return false;
  take();
  struct values *of = values_of(connection);
  if (of) {
    memcpy(of->bytes[characteristic - 1], bytes, byte_count);
    of->counts[characteristic - 1] = (uint16_t)byte_count;
  }
  give();
  if (!of) return false;
  if (!notify) return true;
  struct os_mbuf *packet = ble_hs_mbuf_from_flat(bytes, (uint16_t)byte_count);
  return packet &&
         ble_gatts_notify_custom(connection, handles[characteristic - 1], packet) == 0;
}

static void bluetooth_disconnect(void *context, uint16_t connection) {
  (void)context;
  ble_gap_terminate(connection, BLE_ERR_REM_USER_CONN_TERM);
}

static void synchronised(void) {
  is_ready = ble_hs_util_ensure_addr(0) == 0 && ble_hs_id_infer_auto(0, &own_address_type) == 0;
  advertise();
}

static void run_host(void *context) {
  (void)context;
  nimble_port_run();
  nimble_port_freertos_deinit();
}

void port_add_bluetooth(hub_board *board) {
  lock = xSemaphoreCreateMutex();
  ESP_ERROR_CHECK(nimble_port_init());
  ble_svc_gap_init();
  ble_svc_gatt_init();
  ble_gatts_count_cfg(services);
  ble_gatts_add_svcs(services);
  ble_hs_cfg.sync_cb = synchronised;
  nimble_port_freertos_init(run_host);
  board->bluetooth_advertise = bluetooth_advertise;
  board->bluetooth_next = bluetooth_next;
  board->bluetooth_value = bluetooth_value;
  board->bluetooth_disconnect = bluetooth_disconnect;
}
