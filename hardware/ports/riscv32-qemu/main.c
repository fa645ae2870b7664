// Says hello to the rig and does what it asks, one frame after the other.

#include "carried.h"
#include "line.h"
#include "machine.h"

enum { PROTOCOL = 1 };

// Only firmware that can be harmed on purpose has it.
__attribute__((weak)) void hub_harm(void *hub, uint8_t kind, uint8_t task);

// The build passes what `hub_size` answers.
static uint8_t region[HUB_REGION] __attribute__((aligned(16)));

static void put_view(const void *hub) {
  hub_view view;
  __builtin_memset(&view, 0, sizeof view);
  if (hub != 0) hub_look(hub, &view);
  put_bytes(&view, sizeof view);
  frame_end();
}

static void hello(void) {
  frame_begin(FRAME_HELLO);
  put_word(PROTOCOL);
  put_word(CALL_COUNT);
  put_word(carried_names());
  put_word(sizeof(hub_view));
  put_word(sizeof(hub_wifi_network));
  put_word(sizeof(hub_bluetooth_event));
  put_word(sizeof(hub_address));
  frame_end();
}

static void report(void) {
  frame_close();
  frame_begin(FRAME_DONE);
  put_word(stack_size());
  put_word(stack_used());
  put_word(static_size());
  put_word(calls_carried);
  put_word(calls_awaited);
  frame_end();
}

void port_main(void) {
  void *hub = 0;
  // Whoever reads what was never written shall notice.
  __builtin_memset(region, 0xA5, sizeof region);
  say("hubrig on riscv32: ");
  say_number(static_size());
  say(" bytes of variables, ");
  say_number(stack_size());
  say(" of stack\n");
  line_open();
  hello();
  for (;;) {
    switch (frame_next()) {
      case FRAME_BOOT: {
        uint8_t reason = take_byte();
        take_glance();
        frame_close();
        hub = hub_boot(region, sizeof region, &carried_board, reason);
        frame_begin(FRAME_DONE);
        put_word(hub != 0);
        put_view(hub);
        break;
      }
      case FRAME_POLL: {
        take_glance();
        frame_close();
        uint64_t next = hub_poll(hub);
        frame_begin(FRAME_DONE);
        put_long(next);
        put_view(hub);
        break;
      }
      case FRAME_HARM: {
        uint8_t kind = take_byte();
        uint8_t task = take_byte();
        take_glance();
        frame_close();
        bool can = hub != 0 && hub_harm != 0;
        if (can) hub_harm(hub, kind, task);
        frame_begin(FRAME_DONE);
        put_word(can);
        put_view(hub);
        break;
      }
      case FRAME_REPORT:
        report();
        break;
      default:
        say("line: a frame of no known kind\n");
        end_machine(END_LINE);
    }
  }
}
