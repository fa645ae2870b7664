// What QEMU's `virt` machine has, and the little that is done with it directly.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/// Why the machine was ended; QEMU's exit status.
enum { END_TRAP = 97, END_LINE = 98, END_NESTED_TRAP = 99 };

/// To the console, for people.
void say(const char *text);
void say_hex(uint32_t number);
void say_number(uint32_t number);

/// Ends QEMU.
_Noreturn void end_machine(uint32_t status);

/// Sleeps until the device on an interrupt line has something to say.
void wait_for_interrupt(uint32_t line);
void allow_interrupt(uint32_t line);

/// Bytes of the stack, and how many of them were ever in use.
uint32_t stack_size(void);
uint32_t stack_used(void);
/// Bytes of RAM that hold variables and buffers.
uint32_t static_size(void);

static inline volatile uint32_t *device_register(uint32_t address) {
  return (volatile uint32_t *)address;
}
