// What a C library and a compiler's runtime would bring on a real chip, for images without either.

#include <stddef.h>
#include <stdint.h>

// -------------------------------------------------------------------------------- the C library

// By words where both stand alike, for the firmware hands on whole pieces of files.
void *memcpy(void *to, const void *from, size_t count) {
  unsigned char *into = to;
  const unsigned char *source = from;
  if ((((uintptr_t)into ^ (uintptr_t)source) & 3) == 0) {
    for (; count > 0 && ((uintptr_t)into & 3) != 0; count--) *into++ = *source++;
    for (; count >= 4; count -= 4, into += 4, source += 4)
      *(uint32_t *)into = *(const uint32_t *)source;
  }
  while (count-- > 0) *into++ = *source++;
  return to;
}

void *memmove(void *to, const void *from, size_t count) {
  if (to <= from) return memcpy(to, from, count);
  while (count-- > 0) ((unsigned char *)to)[count] = ((const unsigned char *)from)[count];
  return to;
}

void *memset(void *to, int value, size_t count) {
  unsigned char *into = to;
  for (; count > 0 && ((uintptr_t)into & 3) != 0; count--) *into++ = (unsigned char)value;
  for (; count >= 4; count -= 4, into += 4) *(uint32_t *)into = (unsigned char)value * 0x01010101u;
  while (count-- > 0) *into++ = (unsigned char)value;
  return to;
}

int memcmp(const void *one, const void *other, size_t count) {
  const unsigned char *a = one, *b = other;
  for (size_t index = 0; index < count; index++)
    if (a[index] != b[index]) return a[index] < b[index] ? -1 : 1;
  return 0;
}

uintptr_t __stack_chk_guard = 0x5A5A5A5A;
void __stack_chk_fail(void) { __builtin_trap(); }

// ------------------------------------------------------------------------- the compiler's runtime

typedef union {
  uint64_t whole;
  struct { uint32_t low, high; };
} halves;

uint64_t __ashldi3(uint64_t number, int by) {
  halves from = {number}, to;
  to.low = by >= 32 ? 0 : from.low << by;
  to.high = by >= 32 ? from.low << (by - 32) : by ? from.high << by | from.low >> (32 - by) : from.high;
  return to.whole;
}

uint64_t __lshrdi3(uint64_t number, int by) {
  halves from = {number}, to;
  to.high = by >= 32 ? 0 : from.high >> by;
  to.low = by >= 32 ? from.high >> (by - 32) : by ? from.low >> by | from.high << (32 - by) : from.low;
  return to.whole;
}

static uint64_t divide(uint64_t number, uint64_t by, uint64_t *rest) {
  if ((number | by) >> 32 == 0 && by != 0) {
    *rest = (uint32_t)number % (uint32_t)by;
    return (uint32_t)number / (uint32_t)by;
  }
  uint64_t quotient = 0, remainder = 0;
  for (int bit = 63; bit >= 0; bit--) {
    remainder = remainder << 1 | (number >> bit & 1);
    if (remainder >= by) {
      remainder -= by;
      quotient |= 1ULL << bit;
    }
  }
  *rest = remainder;
  return quotient;
}

uint64_t __udivdi3(uint64_t number, uint64_t by) {
  uint64_t rest;
  return divide(number, by, &rest);
}

uint64_t __umoddi3(uint64_t number, uint64_t by) {
  uint64_t rest;
  divide(number, by, &rest);
  return rest;
}

#ifdef __arm__
uint64_t __aeabi_llsl(uint64_t number, int by) { return __ashldi3(number, by); }
uint64_t __aeabi_llsr(uint64_t number, int by) { return __lshrdi3(number, by); }

// The ARM run-time ABI has names of its own, and returns both results of a division in registers.
uint64_t hub_divide(uint64_t number, uint64_t by, uint64_t *rest) {
  return divide(number, by, rest);
}

__attribute__((naked)) void __aeabi_uldivmod(void) {
  __asm__("push {r4, lr}\n"
          "sub sp, sp, #16\n"
          "add r4, sp, #8\n"
          "str r4, [sp]\n"
          "bl hub_divide\n"
          "ldr r2, [sp, #8]\n"
          "ldr r3, [sp, #12]\n"
          "add sp, sp, #16\n"
          "pop {r4, pc}\n");
}

void __aeabi_memcpy(void *to, const void *from, size_t count) { memcpy(to, from, count); }
void __aeabi_memcpy4(void *to, const void *from, size_t count) { memcpy(to, from, count); }
void __aeabi_memcpy8(void *to, const void *from, size_t count) { memcpy(to, from, count); }
void __aeabi_memmove(void *to, const void *from, size_t count) { memmove(to, from, count); }
void __aeabi_memmove4(void *to, const void *from, size_t count) { memmove(to, from, count); }
void __aeabi_memmove8(void *to, const void *from, size_t count) { memmove(to, from, count); }
void __aeabi_memset(void *to, size_t count, int value) { memset(to, value, count); }
void __aeabi_memset4(void *to, size_t count, int value) { memset(to, value, count); }
void __aeabi_memset8(void *to, size_t count, int value) { memset(to, value, count); }
void __aeabi_memclr(void *to, size_t count) { memset(to, 0, count); }
void __aeabi_memclr4(void *to, size_t count) { memset(to, 0, count); }
void __aeabi_memclr8(void *to, size_t count) { memset(to, 0, count); }
#endif
