#pragma once
#include "host/ble_hs.h"
enum { BLE_GAP_EVENT_CONNECT, BLE_GAP_EVENT_DISCONNECT, BLE_GAP_EVENT_SUBSCRIBE = 14 };
enum { BLE_GAP_CONN_MODE_UND = 2, BLE_GAP_DISC_MODE_GEN = 2 };
enum { BLE_HS_ADV_F_DISC_GEN = 2, BLE_HS_ADV_F_BREDR_UNSUP = 4 };
struct ble_gap_conn_desc {
  uint16_t conn_handle;
};
struct ble_gap_event {
  uint8_t type;
  union {
    struct {
      int status;
      uint16_t conn_handle;
    } connect;
    struct {
      int reason;
      struct ble_gap_conn_desc conn;
    } disconnect;
    struct {
      uint16_t conn_handle, attr_handle;
      uint8_t cur_notify : 1;
    } subscribe;
  };
};
struct ble_hs_adv_fields {
  uint8_t flags;
  const ble_uuid128_t *uuids128;
  uint8_t num_uuids128;
  unsigned uuids128_is_complete : 1;
  const uint8_t *name;
  uint8_t name_len;
  unsigned name_is_complete : 1;
  const uint8_t *mfg_data;
  uint8_t mfg_data_len;
};
struct ble_gap_adv_params {
  uint8_t conn_mode, disc_mode;
};
typedef int ble_gap_event_fn(struct ble_gap_event *, void *);
int ble_gap_adv_active(void);
int ble_gap_adv_set_fields(const struct ble_hs_adv_fields *);
int ble_gap_adv_rsp_set_fields(const struct ble_hs_adv_fields *);
int ble_gap_adv_start(uint8_t, const void *, int32_t, const struct ble_gap_adv_params *,
                      ble_gap_event_fn *, void *);
int ble_gap_adv_stop(void);
int ble_gap_terminate(uint16_t, uint8_t);
