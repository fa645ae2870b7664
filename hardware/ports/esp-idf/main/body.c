// Time, chance, the log, memory that stays, lamps, the button, the watchdog.

#include <string.h>

#include "driver/gpio.h"
#include "esp_attr.h"
#include "esp_log.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_task_wdt.h"
#include "esp_timer.h"
#include "port.h"
#include "sdkconfig.h"

static const char *const tag = "hub";

static uint64_t uptime_milliseconds(void *context) {
  (void)context;
  return (uint64_t)esp_timer_get_time() / 1000;
}

static void entropy(void *context, uint8_t *bytes, uint32_t count) {
  (void)context;
  esp_fill_random(bytes, count);
}

static void log_line(void *context, uint8_t level, const uint8_t *text, uint32_t count) {
  (void)context;
  static const esp_log_level_t levels[] = {ESP_LOG_DEBUG, ESP_LOG_INFO, ESP_LOG_WARN,
                                           ESP_LOG_ERROR};
  esp_log_write(level < 4 ? levels[level] : ESP_LOG_ERROR, tag, "%.*s\n", (int)count,
                (const char *)text);
}

// ------------------------------------------------------------------------------ memory that stays

static RTC_NOINIT_ATTR uint8_t retained[4096];

static uint32_t part_of_retained(uint32_t offset, uint32_t count) {
  if (offset >= sizeof retained) return 0;
  const uint32_t rest = (uint32_t)sizeof retained - offset;
  return count < rest ? count : rest;
}

static uint32_t retained_read(void *context, uint32_t offset, uint8_t *into, uint32_t count) {
  (void)context;
  count = part_of_retained(offset, count);
  memcpy(into, retained + offset, count);
  return count;
}

static uint32_t retained_write(void *context, uint32_t offset, const uint8_t *bytes,
                               uint32_t count) {
  (void)context;
  count = part_of_retained(offset, count);
  memcpy(retained + offset, bytes, count);
  return count;
}

// ------------------------------------------------------------------------------ lamps and button

/// Red, green and blue of each lamp, and the colour in which it is lit.
static const struct lamp {
  int pins[3];
  bool colour[3];
} lamps[] = {
    {{CONFIG_HUB_PIN_POWER_RED, CONFIG_HUB_PIN_POWER_GREEN, CONFIG_HUB_PIN_POWER_BLUE},
     {true, true, true}},
    {{CONFIG_HUB_PIN_CLOUD_RED, CONFIG_HUB_PIN_CLOUD_GREEN, CONFIG_HUB_PIN_CLOUD_BLUE},
     {false, false, true}},
    {{CONFIG_HUB_PIN_PRINTERS_RED, CONFIG_HUB_PIN_PRINTERS_GREEN, CONFIG_HUB_PIN_PRINTERS_BLUE},
     {false, true, false}},
};
static const bool red[3] = {true, false, false};
static uint8_t modes[3];
static bool is_dark_phase;

static void light(unsigned lamp) {
  const uint8_t mode = modes[lamp];
  const bool *colour = mode == HUB_LED_MODE_BLINKING_RED ? red : lamps[lamp].colour;
  const bool blinks = mode == HUB_LED_MODE_BLINKING || mode == HUB_LED_MODE_BLINKING_RED;
  const bool is_lit = mode != HUB_LED_MODE_OFF && !(blinks && is_dark_phase);
  for (unsigned part = 0; part < 3; part++)
    gpio_set_level((gpio_num_t)lamps[lamp].pins[part], is_lit && colour[part]);
}

static void blink(void *context) {
  (void)context;
  is_dark_phase = !is_dark_phase;
  for (unsigned lamp = 0; lamp < 3; lamp++) light(lamp);
}

static void led(void *context, uint8_t lamp, uint8_t mode) {
  (void)context;
  if (lamp >= 3) return;
  modes[lamp] = mode;
  light(lamp);
}

static bool button(void *context) {
  (void)context;
  return gpio_get_level((gpio_num_t)CONFIG_HUB_PIN_BUTTON) == 0;
}

static void set_up_pins(void) {
  for (unsigned lamp = 0; lamp < 3; lamp++) {
    for (unsigned part = 0; part < 3; part++) {
      gpio_reset_pin((gpio_num_t)lamps[lamp].pins[part]);
      gpio_set_direction((gpio_num_t)lamps[lamp].pins[part], GPIO_MODE_OUTPUT);
    }
  }
  gpio_reset_pin((gpio_num_t)CONFIG_HUB_PIN_BUTTON);
  gpio_set_direction((gpio_num_t)CONFIG_HUB_PIN_BUTTON, GPIO_MODE_INPUT);
  gpio_set_pull_mode((gpio_num_t)CONFIG_HUB_PIN_BUTTON, GPIO_PULLUP_ONLY);
  const esp_timer_create_args_t half_second = {.callback = blink, .name = "lamps"};
  esp_timer_handle_t timer;
  ESP_ERROR_CHECK(esp_timer_create(&half_second, &timer));
  ESP_ERROR_CHECK(esp_timer_start_periodic(timer, 500000));
}

// ---------------------------------------------------------------------------- watchdog and restart

static void watchdog_feed(void *context) {
  (void)context;
  esp_task_wdt_reset();
}

static void restart_now(void *context) {
  (void)context;
  esp_restart();
}

/// A moment later, so that what was written to sockets gets out and `hub_poll` can return. The chip
/// calls every restart of ours by one name; the firmware has noted the reason in what is retained.
static void restart(void *context, uint8_t reason) {
  (void)context;
  (void)reason;
  const esp_timer_create_args_t arguments = {.callback = restart_now, .name = "restart"};
  esp_timer_handle_t timer;
  ESP_ERROR_CHECK(esp_timer_create(&arguments, &timer));
  ESP_ERROR_CHECK(esp_timer_start_once(timer, 300000));
}

void port_add_body(hub_board *board) {
  set_up_pins();
  board->uptime_milliseconds = uptime_milliseconds;
  board->entropy = entropy;
  board->log = log_line;
  board->retained_read = retained_read;
  board->retained_write = retained_write;
  board->led = led;
  board->button = button;
  board->watchdog_feed = watchdog_feed;
  board->restart = restart;
}
