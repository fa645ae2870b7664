// Console, end of the machine, memory protection, traps, interrupts, the stack's paint.

#include "machine.h"

enum {
  TEST_DEVICE = 0x00100000,
  INTERRUPTS = 0x0C000000,
  UART = 0x10000000,
};

extern uint8_t port_data_start[], port_bss_end[], port_guard[], port_stack_bottom[],
    port_stack_top[];

// ---------------------------------------------------------------------------------- the console

static void put(char character) {
  volatile uint8_t *uart = (volatile uint8_t *)UART;
  while ((uart[5] & 0x20) == 0) {}
  uart[0] = (uint8_t)character;
}

void say(const char *text) {
  for (; *text != 0; text++) put(*text);
}

void say_hex(uint32_t number) {
  for (int shift = 28; shift >= 0; shift -= 4) put("0123456789abcdef"[number >> shift & 15]);
}

void say_number(uint32_t number) {
  char digits[10];
  int count = 0;
  do {
    digits[count++] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (count > 0) put(digits[--count]);
}

void end_machine(uint32_t status) {
  *device_register(TEST_DEVICE) = status << 16 | 0x3333;
  for (;;) {}
}

// ---------------------------------------------------------------------------- memory protection

enum { READ = 1, WRITE = 2, EXECUTE = 4, LOCKED = 0x80, POWER_OF_TWO = 0x18 };

static uint32_t range(uint32_t start, uint32_t size) { return start >> 2 | ((size >> 3) - 1); }

// Locked entries bind the firmware itself; the first that fits decides. What is on no list does not
// exist: a null pointer, a jump into data, a write to code, a stack that is full all trap.
void port_guard_memory(void) {
  uint32_t ranges[] = {
      range((uint32_t)port_guard, 4096),
      range(0x80000000, 4 << 20),    // code and constants
      range(0x80400000, 512 << 10),  // RAM
      range(UART, 64 << 10),         // console and the line to the rig
      range(TEST_DEVICE, 4096),
      range(INTERRUPTS, 64 << 20),
      0xFFFFFFFF,
  };
  uint8_t rights[8] = {0, READ | EXECUTE, READ | WRITE, READ | WRITE, READ | WRITE, READ | WRITE, 0};
  for (int index = 0; index < 7; index++) rights[index] |= LOCKED | POWER_OF_TWO;
  uint32_t low = rights[0] | rights[1] << 8 | rights[2] << 16 | (uint32_t)rights[3] << 24;
  uint32_t high = rights[4] | rights[5] << 8 | rights[6] << 16;
  __asm__ volatile("csrw pmpaddr0, %0" ::"r"(ranges[0]));
  __asm__ volatile("csrw pmpaddr1, %0" ::"r"(ranges[1]));
  __asm__ volatile("csrw pmpaddr2, %0" ::"r"(ranges[2]));
  __asm__ volatile("csrw pmpaddr3, %0" ::"r"(ranges[3]));
  __asm__ volatile("csrw pmpaddr4, %0" ::"r"(ranges[4]));
  __asm__ volatile("csrw pmpaddr5, %0" ::"r"(ranges[5]));
  __asm__ volatile("csrw pmpaddr6, %0" ::"r"(ranges[6]));
  // What is allowed comes first; after the last entry nothing else is.
  __asm__ volatile("csrw pmpcfg0, %0" ::"r"(low));
  __asm__ volatile("csrw pmpcfg1, %0" ::"r"(high));
}

// ---------------------------------------------------------------------------------------- traps

static const char *cause_name(uint32_t cause) {
  switch (cause) {
    case 0: return "misaligned jump";
    case 1: return "instruction access fault";
    case 2: return "illegal instruction";
    case 3: return "breakpoint";
    case 4: return "misaligned load";
    case 5: return "load access fault";
    case 6: return "misaligned store";
    case 7: return "store access fault";
    default: return "unexpected trap";
  }
}

_Noreturn void port_trapped(const uint32_t *registers, uint32_t cause, uint32_t place,
                            uint32_t value) {
  static const char names[32][5] = {
      "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
      "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
      "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
  say("\ntrap: ");
  say(cause_name(cause));
  bool isGuard = value - (uint32_t)port_guard < 4096;
  if (isGuard && (cause == 5 || cause == 7)) say(", the stack is full");
  say("\n  pc ");
  say_hex(place);
  say("  value ");
  say_hex(value);
  for (int index = 1; index < 32; index++) {
    say(index % 4 == 1 ? "\n  " : "  ");
    say(names[index]);
    say(" ");
    say_hex(registers[index]);
  }
  say("\n");
  end_machine(END_TRAP);
}

// ----------------------------------------------------------------------------------- interrupts

// None is ever taken; they only wake the processor.
void allow_interrupt(uint32_t line) {
  *device_register(INTERRUPTS + 4 * line) = 1;
  *device_register(INTERRUPTS + 0x2000) = 1u << line;
  *device_register(INTERRUPTS + 0x200000) = 0;
  __asm__ volatile("csrs mie, %0" ::"r"(1 << 11));
}

void wait_for_interrupt(uint32_t line) {
  __asm__ volatile("wfi");
  volatile uint32_t *claim = device_register(INTERRUPTS + 0x200004);
  uint32_t claimed = *claim;
  if (claimed != 0) *claim = claimed;
}

// ------------------------------------------------------------------------------------ the stack

uint32_t stack_size(void) { return (uint32_t)(port_stack_top - port_stack_bottom); }

uint32_t stack_used(void) {
  const uint32_t *place = (const uint32_t *)port_stack_bottom;
  while (place < (const uint32_t *)port_stack_top && *place == 0xC5C5C5C5) place++;
  return (uint32_t)(port_stack_top - (const uint8_t *)place);
}

uint32_t static_size(void) { return (uint32_t)(port_bss_end - port_data_start); }
