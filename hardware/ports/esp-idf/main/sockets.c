// Ports that accept streams, and sockets for datagrams.

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lwip/sockets.h"
#include "port.h"

static int bound(int kind, uint8_t network, uint16_t port) {
  uint8_t own[4] = {0, 0, 0, 0};
  // What comes to the hub's own network must not be answered on the joined one.
  if (network == HUB_NETWORK_OWN && !port_address(network, own)) return HUB_ERROR_UNREACHABLE;
  const int descriptor = socket(AF_INET, kind, 0);
  if (descriptor < 0) return HUB_ERROR_TOO_MANY_STREAMS;
  const int yes = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (kind == SOCK_DGRAM) setsockopt(descriptor, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
  struct sockaddr_in here;
  memset(&here, 0, sizeof here);
  here.sin_family = AF_INET;
  here.sin_port = htons(port);
  // A socket bound to an address hears no broadcasts, so datagrams take the port on all of them.
  if (kind == SOCK_STREAM) memcpy(&here.sin_addr.s_addr, own, 4);
  if (bind(descriptor, (struct sockaddr *)&here, sizeof here) != 0) {
    close(descriptor);
    return HUB_ERROR_ADDRESS_IN_USE;
  }
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
  return descriptor;
}

static hub_listener listen_on(void *context, uint8_t network, uint16_t port) {
  (void)context;
  const int descriptor = bound(SOCK_STREAM, network, port);
  if (descriptor >= 0) listen(descriptor, 4);
  return descriptor;
}

static hub_stream accept_next(void *context, hub_listener listener) {
  (void)context;
  const int descriptor = accept(listener, NULL, NULL);
  if (descriptor < 0) return -1;
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
  const hub_stream number = port_adopt(descriptor);
  if (number < 0) close(descriptor);
  return number;
}

static void listener_close(void *context, hub_listener listener) {
  (void)context;
  if (listener >= 0) close(listener);
}

static hub_socket datagram_open(void *context, uint8_t network, uint16_t port) {
  (void)context;
  return bound(SOCK_DGRAM, network, port);
}

static bool datagram_join(void *context, hub_socket socket, const uint8_t group[4]) {
  (void)context;
  struct ip_mreq request;
  memset(&request, 0, sizeof request);
  memcpy(&request.imr_multiaddr.s_addr, group, 4);
  return setsockopt(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) == 0;
}

static bool datagram_send(void *context, hub_socket socket, const hub_address *to,
                          const uint8_t *bytes, uint32_t count) {
  (void)context;
  struct sockaddr_in peer;
  memset(&peer, 0, sizeof peer);
  peer.sin_family = AF_INET;
  peer.sin_port = htons(to->port);
  memcpy(&peer.sin_addr.s_addr, to->bytes, 4);
  return sendto(socket, bytes, count, 0, (struct sockaddr *)&peer, sizeof peer) == (ssize_t)count;
}

static uint32_t datagram_receive(void *context, hub_socket socket, hub_address *from, uint8_t *into,
                                 uint32_t capacity) {
  (void)context;
  struct sockaddr_in peer;
  socklen_t size = sizeof peer;
  const ssize_t count = recvfrom(socket, into, capacity, 0, (struct sockaddr *)&peer, &size);
  if (count <= 0) return 0;
  memcpy(from->bytes, &peer.sin_addr.s_addr, 4);
  from->port = ntohs(peer.sin_port);
  return (uint32_t)count;
}

static void datagram_close(void *context, hub_socket socket) {
  (void)context;
  if (socket >= 0) close(socket);
}

void port_add_sockets(hub_board *board) {
  board->listen = listen_on;
  board->accept = accept_next;
  board->listener_close = listener_close;
  board->datagram_open = datagram_open;
  board->datagram_join = datagram_join;
  board->datagram_send = datagram_send;
  board->datagram_receive = datagram_receive;
  board->datagram_close = datagram_close;
}
