#pragma once
#include "esp_err.h"
typedef enum { ESP_PARTITION_TYPE_ANY = 0xff } esp_partition_type_t;
typedef enum { ESP_PARTITION_SUBTYPE_ANY = 0xff } esp_partition_subtype_t;
typedef struct {
  uint32_t address;
  uint32_t size;
  char label[17];
} esp_partition_t;
const esp_partition_t *esp_partition_find_first(esp_partition_type_t, esp_partition_subtype_t,
                                                const char *);
esp_err_t esp_partition_read_raw(const esp_partition_t *, size_t, void *, size_t);
esp_err_t esp_partition_write_raw(const esp_partition_t *, size_t, const void *, size_t);
esp_err_t esp_partition_erase_range(const esp_partition_t *, size_t, size_t);
