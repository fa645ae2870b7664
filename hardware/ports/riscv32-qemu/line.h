// The line to the rig: bytes over a virtio console, and the frames of README.md on top of them.
// Whatever is wrong with a frame ends the machine: the rig is lost, and says so.
#pragma once

#include <stdint.h>

/// What a frame is. The rig's have the high bit clear.
enum frame_kind {
  FRAME_BOOT = 1,
  FRAME_POLL = 2,
  FRAME_ANSWER = 3,
  FRAME_REPORT = 4,
  FRAME_HARM = 5,
  FRAME_HELLO = 0x81,
  FRAME_DONE = 0x82,
  /// A call of the board that waits for its answer.
  FRAME_CALL = 0x83,
  /// A call of the board that has none.
  FRAME_POST = 0x84,
};

void line_open(void);

/// Begins a frame. What is put into it stays where it is until the frame has ended.
void frame_begin(uint8_t kind);
void put_byte(uint8_t number);
void put_word(uint32_t number);
void put_long(uint64_t number);
/// Bytes without their count.
void put_raw(const void *bytes, uint32_t count);
/// A count and as many bytes.
void put_bytes(const void *bytes, uint32_t count);
void frame_end(void);
/// Hands over what has been written; done by itself before waiting for a frame.
void line_flush(void);

/// Waits for the next frame and answers its kind.
uint8_t frame_next(void);
uint8_t take_byte(void);
uint32_t take_word(void);
uint64_t take_long(void);
void take_raw(void *into, uint32_t count);
/// A count and as many bytes, which must fit.
uint32_t take_bytes(void *into, uint32_t capacity);
/// Bytes of the frame that were not taken yet.
uint32_t frame_rest(void);
/// Checks the frame; nothing may be left of it.
void frame_close(void);

/// CRC-32, as in Ethernet; goes on from the sum of what came before, 0 at the beginning.
uint32_t checksum(uint32_t sum, const void *bytes, uint32_t count);
