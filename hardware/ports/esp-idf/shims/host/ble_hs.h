#pragma once
#include "esp_err.h"
struct os_mbuf;
enum { BLE_HS_FOREVER = 0x7fffffff, BLE_ERR_REM_USER_CONN_TERM = 0x13 };
enum { BLE_ATT_ERR_INVALID_ATTR_VALUE_LEN = 0x0d, BLE_ATT_ERR_INSUFFICIENT_RES = 0x11 };
typedef struct {
  uint8_t type;
} ble_uuid_t;
typedef struct {
  ble_uuid_t u;
  uint8_t value[16];
} ble_uuid128_t;
#define BLE_UUID128_INIT(...) {.u = {128}, .value = {__VA_ARGS__}}
struct ble_hs_cfg {
  void (*sync_cb)(void);
};
extern struct ble_hs_cfg ble_hs_cfg;
int ble_hs_mbuf_to_flat(const struct os_mbuf *, void *, uint16_t, uint16_t *);
struct os_mbuf *ble_hs_mbuf_from_flat(const void *, uint16_t);
int os_mbuf_append(struct os_mbuf *, const void *, uint16_t);
int ble_hs_id_infer_auto(int, uint8_t *);
