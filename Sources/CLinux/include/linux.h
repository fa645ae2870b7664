// The system calls that Swift's Glibc module leaves out.
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

static inline int hubrig_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int hubrig_epoll_control(int epoll, int operation, int descriptor, uint32_t events,
                                       uint64_t token) {
  struct epoll_event event = {.events = events, .data = {.u64 = token}};
  return epoll_ctl(epoll, operation, descriptor, &event);
}
static inline uint32_t hubrig_epoll_events(const struct epoll_event *event) {
  return event->events;
}
static inline uint64_t hubrig_epoll_token(const struct epoll_event *event) {
  return event->data.u64;
}
