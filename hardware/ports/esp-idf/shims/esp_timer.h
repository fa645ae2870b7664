#pragma once
#include "esp_err.h"
typedef struct esp_timer *esp_timer_handle_t;
typedef enum { ESP_TIMER_TASK } esp_timer_dispatch_t;
typedef struct {
  void (*callback)(void *);
  void *arg;
  esp_timer_dispatch_t dispatch_method;
  const char *name;
  _Bool skip_unhandled_events;
} esp_timer_create_args_t;
int64_t esp_timer_get_time(void);
esp_err_t esp_timer_create(const esp_timer_create_args_t *, esp_timer_handle_t *);
esp_err_t esp_timer_start_once(esp_timer_handle_t, uint64_t);
esp_err_t esp_timer_start_periodic(esp_timer_handle_t, uint64_t);
