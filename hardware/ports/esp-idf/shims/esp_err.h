// A shim: what this port uses of ESP-IDF, declared as its documentation describes it, so that a host
// compiler can check the port. See ../README.md.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
typedef int esp_err_t;
#define ESP_OK 0
#define ESP_ERROR_CHECK(call) \
  do {                        \
    if ((call) != ESP_OK) abort(); \
  } while (0)
