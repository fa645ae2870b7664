// The board whose every call goes to the rig.
#pragma once

#include "board.h"

extern const hub_board carried_board;

enum { CALL_COUNT = sizeof(hub_board) / sizeof(void *) - 1 };

/// The checksum of the names of all calls, in their order: whether the rig means the same.
uint32_t carried_names(void);

/// Takes what the rig told in advance off the frame that is being read.
void take_glance(void);

/// How many calls went to the rig since the machine began, and how many of them waited.
extern uint32_t calls_carried, calls_awaited;
