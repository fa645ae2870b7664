// Flash, through the vendor's partition table: `hardware/partitions.csv`. The vendor's own key store
// and update are not used; the firmware has both.

#include "esp_partition.h"
#include "port.h"

static const char *const names[] = {"factory", "store", "choice", "slot_a", "slot_b"};
static const esp_partition_t *partitions[5];

static const esp_partition_t *partition_of(uint8_t number) {
  return number < 5 ? partitions[number] : NULL;
}

static bool is_inside(const esp_partition_t *partition, uint32_t offset, uint32_t count) {
  return partition && offset <= partition->size && count <= partition->size - offset;
}

static uint32_t flash_size(void *context, uint8_t number) {
  (void)context;
  const esp_partition_t *partition = partition_of(number);
  return partition ? partition->size : 0;
}

static bool flash_read(void *context, uint8_t number, uint32_t offset, uint8_t *into,
                       uint32_t count) {
  (void)context;
  const esp_partition_t *partition = partition_of(number);
  return is_inside(partition, offset, count) &&
         esp_partition_read_raw(partition, offset, into, count) == ESP_OK;
}

static bool flash_program(void *context, uint8_t number, uint32_t offset, const uint8_t *bytes,
                          uint32_t count) {
  (void)context;
  const esp_partition_t *partition = partition_of(number);
  return number != HUB_PARTITION_FACTORY && is_inside(partition, offset, count) &&
         esp_partition_write_raw(partition, offset, bytes, count) == ESP_OK;
}

static bool flash_erase(void *context, uint8_t number, uint32_t offset) {
  (void)context;
  const esp_partition_t *partition = partition_of(number);
  return number != HUB_PARTITION_FACTORY && offset % HUB_FLASH_SECTOR == 0 &&
         is_inside(partition, offset, HUB_FLASH_SECTOR) &&
         esp_partition_erase_range(partition, offset, HUB_FLASH_SECTOR) == ESP_OK;
}

void port_add_flash(hub_board *board) {
  for (unsigned number = 0; number < 5; number++)
    partitions[number] = esp_partition_find_first(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY,
                                                  names[number]);
  board->flash_size = flash_size;
  board->flash_read = flash_read;
  board->flash_program = flash_program;
  board->flash_erase = flash_erase;
}
