// The system calls that Swift's Glibc module leaves out, and those whose C types are awkward there.
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
#include <sys/socket.h>
#include <unistd.h>

static inline int hubrig_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int hubrig_epoll_control(int epoll, int operation, int descriptor, uint32_t events,
                                       uint64_t token) {
  struct epoll_event event = {.events = events, .data = {.u64 = token}};
  return epoll_ctl(epoll, operation, descriptor, &event);
}
// Waits for so many nanoseconds, or without end when there are fewer than none.
int hubrig_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t nanoseconds);
static inline uint32_t hubrig_epoll_events(const struct epoll_event *event) {
  return event->events;
}
static inline uint64_t hubrig_epoll_token(const struct epoll_event *event) {
  return event->data.u64;
}

// Readiness, as plain numbers: Swift imports the enum's cases as structs.
static const uint32_t hubrig_readable = EPOLLIN | EPOLLRDHUP;
static const uint32_t hubrig_writable = EPOLLOUT;
static const uint32_t hubrig_broken = EPOLLERR;
static const uint32_t hubrig_hung_up = EPOLLHUP;
static const uint32_t hubrig_edge = EPOLLET;

static inline int hubrig_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

// An address and port, IPv4 or IPv6.
typedef struct {
  struct sockaddr_storage storage;
  socklen_t length;
} hubrig_address;

// Reads "127.0.0.1" or "::1"; answers 0, or -1 if the text is neither.
int hubrig_address_parse(const char *text, uint16_t port, hubrig_address *address);
// Writes the address without its port.
int hubrig_address_text(const hubrig_address *address, char *text, size_t capacity);
// Writes the address in network order and answers its length, 4 or 16.
int hubrig_address_bytes(const hubrig_address *address, uint8_t bytes[16]);
uint16_t hubrig_address_port(const hubrig_address *address);
void hubrig_address_set_port(hubrig_address *address, uint16_t port);
int hubrig_address_is_loopback(const hubrig_address *address);

// Sockets of streams: non-blocking, closed on exec. All answer -1 and set errno when they fail.
int hubrig_stream_socket(const hubrig_address *family_of);
int hubrig_bind(int socket, const hubrig_address *address);
// Binds the address only, and leaves the choice of a port to connect().
int hubrig_bind_source(int socket, const hubrig_address *address);
int hubrig_connect(int socket, const hubrig_address *address);
int hubrig_accept(int socket, hubrig_address *peer);
int hubrig_local_address(int socket, hubrig_address *address);
int hubrig_socket_error(int socket);
// No delay for small writes; a dead peer is noticed within a minute.
void hubrig_tune_stream(int socket);
// close() will send a reset.
void hubrig_reset_on_close(int socket);

// Sockets of datagrams: non-blocking, closed on exec, may broadcast, share their port with others.
// Answer -1 and set errno when they fail.
int hubrig_datagram_socket(void);
int hubrig_bind_datagrams(int socket, const hubrig_address *address);
// The interface is told by its address; 0.0.0.0 lets the system choose.
int hubrig_join_group(int socket, const hubrig_address *group, const hubrig_address *interface);
int hubrig_send_groups_through(int socket, const hubrig_address *interface);
ssize_t hubrig_send_datagram(int socket, const void *bytes, size_t count,
                             const hubrig_address *to);
ssize_t hubrig_receive_datagram(int socket, void *bytes, size_t capacity, hubrig_address *from);

// What the system's resolver has found; small enough to go through a pipe in one piece.
#define HUBRIG_RESOLVED_LIMIT 16
typedef struct {
  uint32_t number;
  int count;
  hubrig_address addresses[HUBRIG_RESOLVED_LIMIT];
} hubrig_resolved;
hubrig_address hubrig_resolved_address(const hubrig_resolved *resolved, int index);
// Asks the system's resolver, which blocks, on a thread of its own, and writes a `hubrig_resolved`
// with this number into the pipe when it has answered. Answers -1 if there is no such thread.
int hubrig_resolve(const char *name, uint16_t port, uint32_t number, int descriptor);

// A pipe whose ends do not block: first the end to read, then the one to write.
int hubrig_pipe(int ends[2]);
// From now on the signal only writes its number, one byte, into `descriptor`.
int hubrig_forward_signal(int signal, int descriptor);
void hubrig_ignore_signal(int signal);
// Takes the signal's default action again.
void hubrig_restore_signal(int signal);

// Lets this process open as many descriptors as the system allows it.
void hubrig_raise_descriptor_limit(void);

// Two connected sockets, closed on exec; the first does not wait longer than so many milliseconds
// for bytes. Answers 0, or -1 and sets errno.
int hubrig_socket_pair(int ends[2], int patience);
// Starts a program with these descriptors as its 0, 1, 2 and so on, and no others. It has a process
// group of its own and dies with the thread that has started it. Answers its id, or -1.
int hubrig_spawn(const char *path, char *const arguments[], const int descriptors[], int count);
// What became of a process that `waitpid` has told of: its exit status, or 256 and the signal.
int hubrig_exit_status(int status);
