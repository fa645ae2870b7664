#pragma once
#include <stdint.h>
typedef int8_t err_t;
enum { ERR_OK = 0, ERR_INPROGRESS = -5 };
typedef struct {
  uint32_t addr;
} ip_addr_t;
#define ip_addr_get_ip4_u32(address) ((address)->addr)
typedef void (*dns_found_callback)(const char *, const ip_addr_t *, void *);
err_t dns_gethostbyname(const char *, ip_addr_t *, dns_found_callback, void *);
