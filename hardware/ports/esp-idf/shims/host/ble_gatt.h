#pragma once
#include "host/ble_hs.h"
enum { BLE_GATT_SVC_TYPE_PRIMARY = 1, BLE_GATT_ACCESS_OP_READ_CHR = 0 };
enum { BLE_GATT_CHR_F_READ = 2, BLE_GATT_CHR_F_WRITE = 8, BLE_GATT_CHR_F_NOTIFY = 16 };
struct ble_gatt_access_ctxt {
  uint8_t op;
  struct os_mbuf *om;
};
typedef int ble_gatt_access_fn(uint16_t, uint16_t, struct ble_gatt_access_ctxt *, void *);
struct ble_gatt_chr_def {
  const ble_uuid_t *uuid;
  ble_gatt_access_fn *access_cb;
  void *arg;
  uint16_t flags;
  uint16_t *val_handle;
};
struct ble_gatt_svc_def {
  uint8_t type;
  const ble_uuid_t *uuid;
  const struct ble_gatt_chr_def *characteristics;
};
int ble_gatts_count_cfg(const struct ble_gatt_svc_def *);
int ble_gatts_add_svcs(const struct ble_gatt_svc_def *);
int ble_gatts_notify_custom(uint16_t, uint16_t, struct os_mbuf *);
