#pragma once
#include "esp_err.h"
typedef enum { HMAC_KEY0, HMAC_KEY1, HMAC_KEY2, HMAC_KEY3, HMAC_KEY4, HMAC_KEY5 } hmac_key_id_t;
esp_err_t esp_hmac_calculate(hmac_key_id_t, const void *, size_t, uint8_t *);
