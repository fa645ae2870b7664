// What the files of this port share. Each fills in its part of the board.
#ifndef HUBRIG_PORT_H
#define HUBRIG_PORT_H

#include "board.h"

/// Wakes the loop that polls the firmware; from any task.
void port_wake(void);

void port_add_body(hub_board *board);
void port_add_flash(hub_board *board);
void port_add_crypto(hub_board *board);
void port_add_radio(hub_board *board);
void port_add_bluetooth(hub_board *board);
void port_add_streams(hub_board *board);
void port_add_sockets(hub_board *board);

/// Adds a stream that came in on a listener; its number, or a negative `hub_stream_error`.
hub_stream port_adopt(int socket);
/// Moves every stream on as far as it goes without waiting; whether one of them has changed.
bool port_step_streams(void);
/// Sockets of which the loop wants to hear: adds them and answers the highest.
int port_watch(void *readable, void *writable);
/// The address of one of the board's networks; false when it has none.
bool port_address(uint8_t network, uint8_t address[4]);

#endif
