// Starts the firmware and polls it for ever: when it asked for it, and at once when a socket, the
// radio or Bluetooth has changed.

#include "port.h"

#include <stdlib.h>
#include <sys/select.h>

#include "esp_event.h"
#include "esp_heap_caps.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_system.h"
#include "esp_task_wdt.h"
#include "esp_timer.h"
#include "esp_vfs_eventfd.h"
#include "lwip/sockets.h"
#include "sdkconfig.h"

static const char *const tag = "hub";
static int wake_descriptor = -1;

void port_wake(void) {
  const uint64_t one = 1;
  if (wake_descriptor >= 0) (void)!write(wake_descriptor, &one, sizeof one);
}

static uint8_t boot_reason(void) {
  switch (esp_reset_reason()) {
    case ESP_RST_SW:
      return HUB_BOOT_RESTART;
    case ESP_RST_PANIC:
      return HUB_BOOT_PANIC;
    case ESP_RST_INT_WDT:
    case ESP_RST_TASK_WDT:
    case ESP_RST_WDT:
      return HUB_BOOT_WATCHDOG;
    case ESP_RST_BROWNOUT:
      return HUB_BOOT_BROWN_OUT;
    default:
      return HUB_BOOT_POWER_ON;
  }
}

/// Sleeps until `uptime`, or until something has happened.
static void wait_until(uint64_t uptime) {
  const uint64_t now = (uint64_t)esp_timer_get_time() / 1000;
  // The watchdog is fed by the firmware alone, so it must be polled well before that bites.
  uint64_t pause = uptime > now ? uptime - now : 0;
  if (pause > 1000) pause = 1000;
  fd_set readable, writable;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  FD_SET(wake_descriptor, &readable);
  int highest = port_watch(&readable, &writable);
  if (wake_descriptor > highest) highest = wake_descriptor;
  struct timeval timeout = {.tv_sec = (time_t)(pause / 1000),
                            .tv_usec = (suseconds_t)(pause % 1000 * 1000)};
  if (select(highest + 1, &readable, &writable, NULL, &timeout) > 0 &&
      FD_ISSET(wake_descriptor, &readable)) {
    uint64_t count;
    (void)!read(wake_descriptor, &count, sizeof count);
  }
}

void app_main(void) {
  ESP_ERROR_CHECK(esp_netif_init());
  ESP_ERROR_CHECK(esp_event_loop_create_default());
  const esp_vfs_eventfd_config_t eventfd_config = ESP_VFS_EVENTD_CONFIG_DEFAULT();
  ESP_ERROR_CHECK(esp_vfs_eventfd_register(&eventfd_config));
  wake_descriptor = eventfd(0, 0);

  static hub_board board;
  port_add_body(&board);
  port_add_flash(&board);
  port_add_crypto(&board);
  port_add_radio(&board);
  port_add_bluetooth(&board);
  port_add_streams(&board);
  port_add_sockets(&board);

  const esp_task_wdt_config_t watchdog = {
      .timeout_ms = CONFIG_HUB_WATCHDOG_SECONDS * 1000, .idle_core_mask = 0, .trigger_panic = true};
  ESP_ERROR_CHECK(esp_task_wdt_init(&watchdog));
  ESP_ERROR_CHECK(esp_task_wdt_add(NULL));

  const uint32_t size = hub_size();
  void *region = heap_caps_aligned_alloc(16, size, MALLOC_CAP_INTERNAL);
  void *hub = region ? hub_boot(region, size, &board, boot_reason()) : NULL;
  if (!hub) {
    ESP_LOGE(tag, "no %u bytes for the firmware", (unsigned)size);
    abort();
  }
  for (;;) {
    const uint64_t next = hub_poll(hub);
    if (!port_step_streams()) wait_until(next);
    port_step_streams();
  }
}
