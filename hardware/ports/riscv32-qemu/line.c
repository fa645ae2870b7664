// A virtio console on a memory-mapped bus (virtio 1.1, sections 2.6, 4.2, 5.3), and frames.

#include "line.h"

#include <stdbool.h>
#include <stddef.h>

#include "machine.h"

void *memcpy(void *to, const void *from, size_t count);

enum {
  BUS = 0x10001000,
  BUS_STEP = 0x1000,
  BUS_COUNT = 8,
  BUS_FIRST_INTERRUPT = 1,
  DEVICE_CONSOLE = 3,
  // Registers.
  MAGIC = 0x00,
  VERSION = 0x04,
  DEVICE = 0x08,
  FEATURES = 0x10,
  FEATURES_SELECT = 0x14,
  ACCEPTED = 0x20,
  ACCEPTED_SELECT = 0x24,
  QUEUE_SELECT = 0x30,
  QUEUE_SIZE_LIMIT = 0x34,
  QUEUE_SIZE = 0x38,
  QUEUE_READY = 0x44,
  NOTIFY = 0x50,
  INTERRUPT_STATUS = 0x60,
  INTERRUPT_DONE = 0x64,
  STATUS = 0x70,
  DESCRIPTORS = 0x80,
  DRIVER_RING = 0x90,
  DEVICE_RING = 0xA0,
  // Flags.
  WRITTEN_BY_DEVICE = 2,
  NO_INTERRUPT = 1,

  QUEUE = 32,
  PIECE = 1024,
  OUT = 4096,
  // About 20 microseconds of looking before the processor sleeps.
  PATIENCE = 4000,
  FRAME_LIMIT = 1 << 20,
};

struct descriptor {
  uint32_t address, address_high, count;
  uint16_t flags, next;
};

struct queue {
  struct descriptor descriptors[QUEUE] __attribute__((aligned(16)));
  struct {
    uint16_t flags, index, ring[QUEUE], unused;
  } driver __attribute__((aligned(4)));
  struct {
    uint16_t flags, index;
    struct {
      uint32_t descriptor, count;
    } ring[QUEUE];
    uint16_t unused;
  } volatile device __attribute__((aligned(4)));
  uint16_t seen;
};

static uint32_t base, interrupt;
static struct queue incoming, outgoing;
static uint8_t pieces[QUEUE][PIECE];

// The piece that is being read.
static uint32_t piece, piece_offset, piece_count;
static bool has_piece;
static uint32_t returned;

static uint8_t out[OUT] __attribute__((aligned(4)));
static uint32_t out_count;

static volatile uint32_t *at(uint32_t offset) { return device_register(base + offset); }

static void fence(void) { __asm__ volatile("fence" ::: "memory"); }

_Noreturn static void line_failed(const char *what) {
  say("line: ");
  say(what);
  say("\n");
  end_machine(END_LINE);
}

static void open_queue(uint32_t number, struct queue *queue) {
  *at(QUEUE_SELECT) = number;
  if (*at(QUEUE_SIZE_LIMIT) < QUEUE) line_failed("the device's queues are too short");
  *at(QUEUE_SIZE) = QUEUE;
  *at(DESCRIPTORS) = (uint32_t)queue->descriptors;
  *at(DESCRIPTORS + 4) = 0;
  *at(DRIVER_RING) = (uint32_t)&queue->driver;
  *at(DRIVER_RING + 4) = 0;
  *at(DEVICE_RING) = (uint32_t)&queue->device;
  *at(DEVICE_RING + 4) = 0;
  queue->driver.flags = NO_INTERRUPT;
  *at(QUEUE_READY) = 1;
}

void line_open(void) {
  for (uint32_t slot = 0; slot < BUS_COUNT; slot++) {
    base = BUS + slot * BUS_STEP;
    interrupt = BUS_FIRST_INTERRUPT + slot;
    if (*at(MAGIC) == 0x74726976 && *at(VERSION) == 2 && *at(DEVICE) == DEVICE_CONSOLE) break;
    base = 0;
  }
  if (base == 0) line_failed("there is no virtio console");
  *at(STATUS) = 0;
  *at(STATUS) = 1 | 2;
  *at(ACCEPTED_SELECT) = 0;
  *at(ACCEPTED) = 0;
  *at(ACCEPTED_SELECT) = 1;
  *at(ACCEPTED) = 1;  // version 1
  *at(STATUS) = 1 | 2 | 8;
  if ((*at(STATUS) & 8) == 0) line_failed("the device refuses");
  open_queue(0, &incoming);
  open_queue(1, &outgoing);
  for (uint16_t index = 0; index < QUEUE; index++) {
    struct descriptor *descriptor = &incoming.descriptors[index];
    descriptor->address = (uint32_t)pieces[index];
    descriptor->count = PIECE;
    descriptor->flags = WRITTEN_BY_DEVICE;
    incoming.driver.ring[index] = index;
  }
  fence();
  incoming.driver.index = QUEUE;
  allow_interrupt(interrupt);
  *at(STATUS) = 1 | 2 | 8 | 4;
  fence();
  *at(NOTIFY) = 0;
}

// ---------------------------------------------------------------------------------- bytes out

static void transmit(const void *bytes, uint32_t count) {
  outgoing.descriptors[0].address = (uint32_t)bytes;
  outgoing.descriptors[0].count = count;
  outgoing.driver.ring[outgoing.driver.index % QUEUE] = 0;
  fence();
  outgoing.driver.index++;
  fence();
  *at(NOTIFY) = 1;
  // The bytes stay where they are, so they must be gone before anyone goes on.
  while (outgoing.device.index != outgoing.driver.index) {}
  fence();
}

void line_flush(void) {
  if (out_count > 0) transmit(out, out_count);
  out_count = 0;
}

static void write(const void *bytes, uint32_t count) {
  if (count > OUT - out_count) line_flush();
  if (count > OUT) return transmit(bytes, count);
  memcpy(out + out_count, bytes, count);
  out_count += count;
}

// ----------------------------------------------------------------------------------- bytes in

// The device learns that there is room again.
static void tell_returned(void) {
  returned = 0;
  fence();
  *at(NOTIFY) = 0;
}

static void await_piece(void) {
  for (uint32_t turn = 0; incoming.device.index == incoming.seen; turn++) {
    if (turn < PATIENCE) continue;
    incoming.driver.flags = 0;
    // QEMU leaves fences out for a machine with one processor. What orders the flag before the look
    // at the index is an access to a device.
    tell_returned();
    if (incoming.device.index == incoming.seen) wait_for_interrupt(interrupt);
    uint32_t status = *at(INTERRUPT_STATUS);
    if (status != 0) *at(INTERRUPT_DONE) = status;
    incoming.driver.flags = NO_INTERRUPT;
  }
  fence();
  uint32_t place = incoming.seen % QUEUE;
  piece = incoming.device.ring[place].descriptor;
  piece_count = incoming.device.ring[place].count;
  piece_offset = 0;
  incoming.seen++;
  has_piece = true;
}

// Gives the piece back. The device is told only now and then: each time costs more than the bytes.
static void return_piece(void) {
  incoming.driver.ring[incoming.driver.index % QUEUE] = (uint16_t)piece;
  fence();
  incoming.driver.index++;
  has_piece = false;
  if (++returned == QUEUE / 2) tell_returned();
}

static void read(void *into, uint32_t count) {
  while (count > 0) {
    if (!has_piece) await_piece();
    uint32_t share = piece_count - piece_offset;
    if (share > count) share = count;
    memcpy(into, pieces[piece] + piece_offset, share);
    piece_offset += share;
    into = (uint8_t *)into + share;
    count -= share;
    if (piece_offset == piece_count) return_piece();
  }
}

// ------------------------------------------------------------------------------- the checksum

static uint32_t table[256];

static void make_table(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t sum = byte;
    for (int bit = 0; bit < 8; bit++) sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320 : 0);
    table[byte] = sum;
  }
}

uint32_t checksum(uint32_t sum, const void *bytes, uint32_t count) {
  const uint8_t *byte = bytes;
  if (table[1] == 0) make_table();
  sum = ~sum;
  while (count-- > 0) sum = table[(sum ^ *byte++) & 0xFF] ^ sum >> 8;
  return ~sum;
}

// ----------------------------------------------------------------------------------- frames out

// A frame is a row of parts: numbers, which are kept here, and bytes, which stay where they are.
enum { PARTS = 16, NUMBERS = 128 };

static struct {
  const void *bytes;
  uint32_t count;
} parts[PARTS];
static uint32_t part_count, number_count, frame_count;
static uint8_t numbers[NUMBERS];
static uint8_t frame_kind, sent, received;

void frame_begin(uint8_t kind) {
  frame_kind = kind;
  part_count = number_count = frame_count = 0;
}

void put_raw(const void *bytes, uint32_t count) {
  if (count == 0) return;
  bool goes_on = part_count > 0 &&
                 (const uint8_t *)parts[part_count - 1].bytes + parts[part_count - 1].count == bytes;
  if (!goes_on) {
    if (part_count == PARTS) line_failed("a frame has too many parts");
    parts[part_count].bytes = bytes;
    parts[part_count++].count = 0;
  }
  parts[part_count - 1].count += count;
  frame_count += count;
}

static void put_number(const void *number, uint32_t count) {
  if (count > NUMBERS - number_count) line_failed("a frame has too many numbers");
  memcpy(numbers + number_count, number, count);
  put_raw(numbers + number_count, count);
  number_count += count;
}

void put_byte(uint8_t number) { put_number(&number, 1); }
void put_word(uint32_t number) { put_number(&number, 4); }
void put_long(uint64_t number) { put_number(&number, 8); }

void put_bytes(const void *bytes, uint32_t count) {
  put_word(count);
  put_raw(bytes, count);
}

void frame_end(void) {
  uint8_t head[8] = {'H', 'f', frame_kind, sent++};
  memcpy(head + 4, &frame_count, 4);
  write(head, sizeof head);
  uint32_t sum = checksum(0, head, sizeof head);
  for (uint32_t index = 0; index < part_count; index++) {
    write(parts[index].bytes, parts[index].count);
    sum = checksum(sum, parts[index].bytes, parts[index].count);
  }
  write(&sum, 4);
}

// ------------------------------------------------------------------------------------ frames in

static uint32_t rest, sum_so_far;

uint8_t frame_next(void) {
  uint8_t head[8];
  line_flush();
  read(head, sizeof head);
  if (head[0] != 'H' || head[1] != 'f') line_failed("a frame begins with something else");
  if (head[3] != received++) line_failed("a frame is missing");
  memcpy(&rest, head + 4, 4);
  if (rest > FRAME_LIMIT) line_failed("a frame says that it is longer than any");
  sum_so_far = checksum(0, head, sizeof head);
  return head[2];
}

void take_raw(void *into, uint32_t count) {
  if (count > rest) line_failed("a frame is too short");
  read(into, count);
  sum_so_far = checksum(sum_so_far, into, count);
  rest -= count;
}

uint8_t take_byte(void) {
  uint8_t number;
  take_raw(&number, 1);
  return number;
}

uint32_t take_word(void) {
  uint32_t number;
  take_raw(&number, 4);
  return number;
}

uint64_t take_long(void) {
  uint64_t number;
  take_raw(&number, 8);
  return number;
}

uint32_t take_bytes(void *into, uint32_t capacity) {
  uint32_t count = take_word();
  if (count > capacity) line_failed("an answer does not fit");
  take_raw(into, count);
  return count;
}

uint32_t frame_rest(void) { return rest; }

void frame_close(void) {
  if (rest != 0) line_failed("a frame is too long");
  uint32_t sum;
  read(&sum, 4);
  if (sum != sum_so_far) line_failed("a frame is corrupt");
}
