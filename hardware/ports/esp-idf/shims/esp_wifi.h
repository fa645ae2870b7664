#pragma once
#include <stdbool.h>
#include "esp_event.h"
#include "esp_netif.h"
extern esp_event_base_t const WIFI_EVENT;
enum { WIFI_EVENT_SCAN_DONE = 1, WIFI_EVENT_STA_DISCONNECTED = 5 };
enum {
  WIFI_REASON_ASSOC_LEAVE = 8,
  WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT = 15,
  WIFI_REASON_NO_AP_FOUND = 201,
  WIFI_REASON_AUTH_FAIL = 202,
  WIFI_REASON_HANDSHAKE_TIMEOUT = 204,
};
typedef enum { WIFI_MODE_NULL, WIFI_MODE_STA, WIFI_MODE_AP, WIFI_MODE_APSTA } wifi_mode_t;
typedef enum { WIFI_IF_STA, WIFI_IF_AP } wifi_interface_t;
typedef enum { WIFI_STORAGE_FLASH, WIFI_STORAGE_RAM } wifi_storage_t;
typedef enum {
  WIFI_AUTH_OPEN, WIFI_AUTH_WEP, WIFI_AUTH_WPA_PSK, WIFI_AUTH_WPA2_PSK, WIFI_AUTH_WPA_WPA2_PSK,
  WIFI_AUTH_WPA2_ENTERPRISE, WIFI_AUTH_WPA3_PSK
} wifi_auth_mode_t;
typedef struct {
  uint8_t ssid[32], password[64];
  struct {
    wifi_auth_mode_t authmode;
  } threshold;
  struct {
    bool capable, required;
  } pmf_cfg;
} wifi_sta_config_t;
typedef struct {
  uint8_t ssid[32], password[64], ssid_len;
  wifi_auth_mode_t authmode;
  uint8_t max_connection;
} wifi_ap_config_t;
typedef union {
  wifi_ap_config_t ap;
  wifi_sta_config_t sta;
} wifi_config_t;
typedef struct {
  uint8_t bssid[6], ssid[33];
  int8_t rssi;
  wifi_auth_mode_t authmode;
} wifi_ap_record_t;
typedef struct {
  uint8_t ssid[32], ssid_len, bssid[6], reason;
} wifi_event_sta_disconnected_t;
typedef struct {
  int nvs_enable;
} wifi_init_config_t;
typedef struct wifi_scan_config wifi_scan_config_t;
#define WIFI_INIT_CONFIG_DEFAULT() {.nvs_enable = 1}
esp_netif_t *esp_netif_create_default_wifi_sta(void);
esp_netif_t *esp_netif_create_default_wifi_ap(void);
esp_err_t esp_wifi_init(const wifi_init_config_t *);
esp_err_t esp_wifi_set_storage(wifi_storage_t);
esp_err_t esp_wifi_set_mode(wifi_mode_t);
esp_err_t esp_wifi_set_config(wifi_interface_t, wifi_config_t *);
esp_err_t esp_wifi_start(void);
esp_err_t esp_wifi_connect(void);
esp_err_t esp_wifi_disconnect(void);
esp_err_t esp_wifi_scan_start(const wifi_scan_config_t *, bool);
esp_err_t esp_wifi_scan_get_ap_records(uint16_t *, wifi_ap_record_t *);
esp_err_t esp_wifi_sta_get_ap_info(wifi_ap_record_t *);
