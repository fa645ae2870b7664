#define _GNU_SOURCE
#include "linux.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <sys/wait.h>

int hubrig_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t nanoseconds) {
  if (nanoseconds <= 0) return epoll_wait(epoll, events, capacity, nanoseconds < 0 ? -1 : 0);
  struct timespec limit = {.tv_sec = (time_t)(nanoseconds / 1000000000),
                           .tv_nsec = (long)(nanoseconds % 1000000000)};
  int count = epoll_pwait2(epoll, events, capacity, &limit, 0);
  if (count >= 0 || errno != ENOSYS) return count;
  // Kernels before 5.11 know milliseconds only. Rounded up: who wakes early spins until it is time.
  int64_t milliseconds = (nanoseconds + 999999) / 1000000;
  return epoll_wait(epoll, events, capacity, milliseconds > INT32_MAX ? INT32_MAX : (int)milliseconds);
}

int hubrig_address_parse(const char *text, uint16_t port, hubrig_address *address) {
  memset(address, 0, sizeof *address);
  struct sockaddr_in *four = (struct sockaddr_in *)&address->storage;
  if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    address->length = sizeof *four;
    return 0;
  }
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address->storage;
  if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    address->length = sizeof *six;
    return 0;
  }
  return -1;
}

int hubrig_address_text(const hubrig_address *address, char *text, size_t capacity) {
  const struct sockaddr_in *four = (const struct sockaddr_in *)&address->storage;
  const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address->storage;
  const char *written = 0;
  if (address->storage.ss_family == AF_INET) {
    written = inet_ntop(AF_INET, &four->sin_addr, text, (socklen_t)capacity);
  } else if (address->storage.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
    written = inet_ntop(AF_INET, &six->sin6_addr.s6_addr[12], text, (socklen_t)capacity);
  } else if (address->storage.ss_family == AF_INET6) {
    written = inet_ntop(AF_INET6, &six->sin6_addr, text, (socklen_t)capacity);
  }
  return written ? 0 : -1;
}

int hubrig_address_bytes(const hubrig_address *address, uint8_t bytes[16]) {
  if (address->storage.ss_family == AF_INET) {
    memcpy(bytes, &((const struct sockaddr_in *)&address->storage)->sin_addr, 4);
    return 4;
  }
  memcpy(bytes, &((const struct sockaddr_in6 *)&address->storage)->sin6_addr, 16);
  return 16;
}

uint16_t hubrig_address_port(const hubrig_address *address) {
  // The port lies at the same place in both families.
  return ntohs(((const struct sockaddr_in *)&address->storage)->sin_port);
}

void hubrig_address_set_port(hubrig_address *address, uint16_t port) {
  ((struct sockaddr_in *)&address->storage)->sin_port = htons(port);
}

int hubrig_address_is_loopback(const hubrig_address *address) {
  const struct sockaddr_in *four = (const struct sockaddr_in *)&address->storage;
  const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address->storage;
  if (address->storage.ss_family == AF_INET) return ntohl(four->sin_addr.s_addr) >> 24 == 127;
  return address->storage.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

int hubrig_stream_socket(const hubrig_address *family_of) {
  return socket(family_of->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int hubrig_bind(int socket, const hubrig_address *address) {
  int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return bind(socket, (const struct sockaddr *)&address->storage, address->length);
}

int hubrig_bind_source(int socket, const hubrig_address *address) {
  int on = 1;
  setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  return bind(socket, (const struct sockaddr *)&address->storage, address->length);
}

int hubrig_connect(int socket, const hubrig_address *address) {
  return connect(socket, (const struct sockaddr *)&address->storage, address->length);
}

int hubrig_accept(int socket, hubrig_address *peer) {
  peer->length = sizeof peer->storage;
  return accept4(socket, (struct sockaddr *)&peer->storage, &peer->length,
                 SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int hubrig_local_address(int socket, hubrig_address *address) {
  address->length = sizeof address->storage;
  return getsockname(socket, (struct sockaddr *)&address->storage, &address->length);
}

int hubrig_socket_error(int socket) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

void hubrig_tune_stream(int socket) {
  int on = 1, idle = 30, interval = 10, count = 3;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

void hubrig_reset_on_close(int socket) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

int hubrig_datagram_socket(void) {
  int on = 1, off = 0;
  int one = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (one < 0) return one;
  setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(one, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  // Groups that others on this machine have joined are not for this socket.
  setsockopt(one, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof off);
  return one;
}

int hubrig_bind_datagrams(int socket, const hubrig_address *address) {
  return bind(socket, (const struct sockaddr *)&address->storage, address->length);
}

static struct in_addr four(const hubrig_address *address) {
  return ((const struct sockaddr_in *)&address->storage)->sin_addr;
}

int hubrig_join_group(int socket, const hubrig_address *group, const hubrig_address *interface) {
  struct ip_mreqn request = {.imr_multiaddr = four(group), .imr_address = four(interface)};
  return setsockopt(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
}

int hubrig_send_groups_through(int socket, const hubrig_address *interface) {
  struct in_addr address = four(interface);
  return setsockopt(socket, IPPROTO_IP, IP_MULTICAST_IF, &address, sizeof address);
}

ssize_t hubrig_send_datagram(int socket, const void *bytes, size_t count,
                             const hubrig_address *to) {
  return sendto(socket, bytes, count, MSG_NOSIGNAL, (const struct sockaddr *)&to->storage,
                to->length);
}

ssize_t hubrig_receive_datagram(int socket, void *bytes, size_t capacity, hubrig_address *from) {
  from->length = sizeof from->storage;
  return recvfrom(socket, bytes, capacity, 0, (struct sockaddr *)&from->storage, &from->length);
}

// A question to the resolver, on a thread of its own. It owns all that it touches.
struct inquiry {
  int descriptor;
  uint16_t port;
  hubrig_resolved answer;
  char name[];
};

static void *inquire(void *argument) {
  struct inquiry *inquiry = argument;
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  struct addrinfo *found = 0;
  int count = 0;
  // Whoever asked may be gone by then.
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &only, 0);
  if (getaddrinfo(inquiry->name, 0, &hints, &found) == 0) {
    for (struct addrinfo *one = found; one && count < HUBRIG_RESOLVED_LIMIT; one = one->ai_next) {
      if (one->ai_family != AF_INET && one->ai_family != AF_INET6) continue;
      hubrig_address *address = &inquiry->answer.addresses[count];
      memcpy(&address->storage, one->ai_addr, one->ai_addrlen);
      address->length = one->ai_addrlen;
      hubrig_address_set_port(address, inquiry->port);
      count++;
    }
    freeaddrinfo(found);
  }
  inquiry->answer.count = count;
  ssize_t written = write(inquiry->descriptor, &inquiry->answer, sizeof inquiry->answer);
  (void)written;
  close(inquiry->descriptor);
  free(inquiry);
  return 0;
}

int hubrig_resolve(const char *name, uint16_t port, uint32_t number, int descriptor) {
  struct inquiry *inquiry = calloc(1, sizeof *inquiry + strlen(name) + 1);
  if (!inquiry) return -1;
  strcpy(inquiry->name, name);
  inquiry->port = port;
  inquiry->answer.number = number;
  inquiry->descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  int code = inquiry->descriptor < 0 ? -1 : pthread_create(&thread, &attributes, inquire, inquiry);
  pthread_attr_destroy(&attributes);
  if (code == 0) return 0;
  if (inquiry->descriptor >= 0) close(inquiry->descriptor);
  free(inquiry);
  return -1;
}

hubrig_address hubrig_resolved_address(const hubrig_resolved *resolved, int index) {
  return resolved->addresses[index];
}

int hubrig_pipe(int ends[2]) { return pipe2(ends, O_NONBLOCK | O_CLOEXEC); }

// One descriptor for each signal. A handler rather than signalfd: a signal may be delivered to any
// thread of the process, and a mask would have to have been set before the first of them began.
static volatile sig_atomic_t forwarded[65];

static void forward(int signal) {
  int saved = errno;
  unsigned char number = (unsigned char)signal;
  ssize_t written = write(forwarded[signal], &number, 1);
  (void)written;
  errno = saved;
}

int hubrig_forward_signal(int signal, int descriptor) {
  if (signal < 1 || signal > 64) {
    errno = EINVAL;
    return -1;
  }
  forwarded[signal] = descriptor;
  struct sigaction action = {.sa_handler = forward, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  if (sigaction(signal, &action, 0) != 0) return -1;
  // Whoever started us may have blocked it, and that is inherited.
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  return pthread_sigmask(SIG_UNBLOCK, &only, 0) == 0 ? 0 : -1;
}

static void act(int signal, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler};
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, 0);
}

void hubrig_ignore_signal(int signal) { act(signal, SIG_IGN); }
void hubrig_restore_signal(int signal) { act(signal, SIG_DFL); }

void hubrig_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int hubrig_socket_pair(int ends[2], int patience) {
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  struct timeval limit = {.tv_sec = patience / 1000, .tv_usec = patience % 1000 * 1000};
  return setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

// Between fork and exec only what may be called in a signal handler.
static void become(const char *path, char *const arguments[], const int descriptors[], int count,
                   pid_t parent) {
  enum { OUT_OF_THE_WAY = 64, MANY = 16 };
  int moved[MANY];
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  for (int signal = 1; signal < 32; signal++) act(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  if (count > MANY) _exit(127);
  for (int index = 0; index < count; index++)
    if ((moved[index] = fcntl(descriptors[index], F_DUPFD, OUT_OF_THE_WAY)) < 0) _exit(127);
  for (int index = 0; index < count; index++)
    if (dup2(moved[index], index) < 0) _exit(127);
  close_range((unsigned)count, ~0u, 0);
  execv(path, arguments);
  _exit(127);
}

int hubrig_spawn(const char *path, char *const arguments[], const int descriptors[], int count) {
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) become(path, arguments, descriptors, count, parent);
  return child;
}

int hubrig_exit_status(int status) {
  return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}
