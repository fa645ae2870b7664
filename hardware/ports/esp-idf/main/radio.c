// WiFi: joining, looking for networks, and a network of the hub's own. Events come on the vendor's
// task and only set what the firmware reads.

#include <stdatomic.h>
#include <string.h>

#include "esp_eap_client.h"
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_wifi.h"
#include "port.h"

static esp_netif_t *joined_network, *own_network;
static atomic_uchar state = HUB_WIFI_OFF;
static atomic_bool is_scanning;
static hub_wifi_network found[20];
static unsigned found_count;

static uint8_t state_of_reason(uint8_t reason) {
  switch (reason) {
    case WIFI_REASON_NO_AP_FOUND:
      return HUB_WIFI_NO_ACCESS_POINT;
    case WIFI_REASON_AUTH_FAIL:
    case WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT:
    case WIFI_REASON_HANDSHAKE_TIMEOUT:
      return HUB_WIFI_WRONG_KEY;
    default:
      return HUB_WIFI_LOST;
  }
}

static void heard(void *context, esp_event_base_t base, int32_t event, void *data) {
  (void)context;
  if (base == WIFI_EVENT && event == WIFI_EVENT_STA_DISCONNECTED) {
    const wifi_event_sta_disconnected_t *lost = data;
    // We have left by ourselves to join another one.
    if (lost->reason != WIFI_REASON_ASSOC_LEAVE) atomic_store(&state, state_of_reason(lost->reason));
  } else if (base == WIFI_EVENT && event == WIFI_EVENT_SCAN_DONE) {
    atomic_store(&is_scanning, false);
  } else if (base == IP_EVENT && event == IP_EVENT_STA_GOT_IP) {
    atomic_store(&state, HUB_WIFI_JOINED);
  } else if (base == IP_EVENT && event == IP_EVENT_STA_LOST_IP) {
    atomic_store(&state, HUB_WIFI_LOST);
  }
  port_wake();
}

static void copy(uint8_t *into, size_t capacity, const uint8_t *bytes, uint32_t count) {
  memset(into, 0, capacity);
  memcpy(into, bytes, count < capacity ? count : capacity);
}

static void wifi_join(void *context, const hub_wifi_request *request) {
  (void)context;
  wifi_config_t config;
  memset(&config, 0, sizeof config);
  copy(config.sta.ssid, sizeof config.sta.ssid, request->name, request->name_count);
  config.sta.pmf_cfg.capable = true;
  if (request->security == HUB_WIFI_ENTERPRISE) {
    esp_eap_client_set_identity(request->user, (int)request->user_count);
    esp_eap_client_set_username(request->user, (int)request->user_count);
    esp_eap_client_set_password(request->key, (int)request->key_count);
    esp_wifi_sta_enterprise_enable();
  } else {
    esp_wifi_sta_enterprise_disable();
    copy(config.sta.password, sizeof config.sta.password, request->key, request->key_count);
  }
  switch (request->security) {
    case HUB_WIFI_OPEN:
      config.sta.threshold.authmode = WIFI_AUTH_OPEN;
      break;
    case HUB_WIFI_WPA3:
      config.sta.threshold.authmode = WIFI_AUTH_WPA3_PSK;
      break;
    default:
      config.sta.threshold.authmode = WIFI_AUTH_WPA2_PSK;
  }
  atomic_store(&state, HUB_WIFI_JOINING);
  esp_wifi_disconnect();
  if (esp_wifi_set_config(WIFI_IF_STA, &config) != ESP_OK || esp_wifi_connect() != ESP_OK)
    atomic_store(&state, HUB_WIFI_LOST);
}

static uint8_t wifi_state(void *context) {
  (void)context;
  return atomic_load(&state);
}

static int32_t wifi_signal(void *context) {
  wifi_ap_record_t access_point;
  if (wifi_state(context) != HUB_WIFI_JOINED ||
      esp_wifi_sta_get_ap_info(&access_point) != ESP_OK)
    return 0;
  return access_point.rssi;
}

// ----------------------------------------------------------------------------- looking for networks

static void wifi_scan(void *context) {
  (void)context;
  found_count = 0;
  atomic_store(&is_scanning, esp_wifi_scan_start(NULL, false) == ESP_OK);
}

static uint8_t security_of(wifi_auth_mode_t mode) {
  switch (mode) {
    case WIFI_AUTH_OPEN:
      return HUB_WIFI_OPEN;
    case WIFI_AUTH_WPA3_PSK:
      return HUB_WIFI_WPA3;
    case WIFI_AUTH_WPA2_ENTERPRISE:
      return HUB_WIFI_ENTERPRISE;
    default:
      return HUB_WIFI_WPA2;
  }
}

/// Records come from the vendor once, the strongest first.
static void take_found(void) {
  static wifi_ap_record_t records[20];
  uint16_t count = 20;
  if (esp_wifi_scan_get_ap_records(&count, records) != ESP_OK) return;
  for (unsigned index = 0; index < count; index++) {
    const size_t length = strnlen((const char *)records[index].ssid, 32);
    if (length == 0) continue;
    hub_wifi_network *network = &found[found_count++];
    memcpy(network->name, records[index].ssid, length);
    network->name_count = (uint8_t)length;
    network->security = security_of(records[index].authmode);
    network->signal = records[index].rssi;
  }
}

static int32_t wifi_scan_count(void *context) {
  (void)context;
  if (atomic_load(&is_scanning)) return -1;
  if (found_count == 0) take_found();
  return (int32_t)found_count;
}

static bool wifi_scan_result(void *context, uint32_t index, hub_wifi_network *network) {
  (void)context;
  if (index >= found_count) return false;
  *network = found[index];
  return true;
}

// -------------------------------------------------------------------------------------- own network

static void wifi_own_network(void *context, const uint8_t *name, uint32_t name_count) {
  (void)context;
  if (name_count == 0) {
    esp_wifi_set_mode(WIFI_MODE_STA);
    return;
  }
  wifi_config_t config;
  memset(&config, 0, sizeof config);
  copy(config.ap.ssid, sizeof config.ap.ssid, name, name_count);
  config.ap.ssid_len = (uint8_t)(name_count < 32 ? name_count : 32);
  config.ap.authmode = WIFI_AUTH_OPEN;
  config.ap.max_connection = 4;
  esp_wifi_set_mode(WIFI_MODE_APSTA);
  esp_wifi_set_config(WIFI_IF_AP, &config);
}

bool port_address(uint8_t network, uint8_t address[4]) {
  esp_netif_ip_info_t info;
  esp_netif_t *interface = network == HUB_NETWORK_OWN ? own_network : joined_network;
  if (esp_netif_get_ip_info(interface, &info) != ESP_OK || info.ip.addr == 0) return false;
  memcpy(address, &info.ip.addr, 4);
  return true;
}

static bool local_address(void *context, uint8_t network, uint8_t address[4]) {
  (void)context;
  return port_address(network, address);
}

void port_add_radio(hub_board *board) {
  joined_network = esp_netif_create_default_wifi_sta();
  own_network = esp_netif_create_default_wifi_ap();
  wifi_init_config_t config = WIFI_INIT_CONFIG_DEFAULT();
  // The firmware keeps the credentials; the vendor's copy in flash would be one in the clear.
  config.nvs_enable = 0;
  ESP_ERROR_CHECK(esp_wifi_init(&config));
  ESP_ERROR_CHECK(esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, heard, NULL));
  ESP_ERROR_CHECK(esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, heard, NULL));
  ESP_ERROR_CHECK(esp_wifi_set_storage(WIFI_STORAGE_RAM));
  ESP_ERROR_CHECK(esp_wifi_set_mode(WIFI_MODE_STA));
  ESP_ERROR_CHECK(esp_wifi_start());
  board->wifi_join = wifi_join;
  board->wifi_state = wifi_state;
  board->wifi_signal = wifi_signal;
  board->wifi_scan = wifi_scan;
  board->wifi_scan_count = wifi_scan_count;
  board->wifi_scan_result = wifi_scan_result;
  board->wifi_own_network = wifi_own_network;
  board->local_address = local_address;
}
