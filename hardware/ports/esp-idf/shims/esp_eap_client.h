#pragma once
#include "esp_err.h"
esp_err_t esp_eap_client_set_identity(const unsigned char *, int);
esp_err_t esp_eap_client_set_username(const unsigned char *, int);
esp_err_t esp_eap_client_set_password(const unsigned char *, int);
esp_err_t esp_wifi_sta_enterprise_enable(void);
esp_err_t esp_wifi_sta_enterprise_disable(void);
