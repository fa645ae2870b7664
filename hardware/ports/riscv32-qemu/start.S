# From power-on to `port_main`, and from a trap to `port_trapped`.

  .section .text._start, "ax"
  .globl _start
_start:
  csrw mie, zero
  la sp, port_stack_top
  la t0, trap
  csrw mtvec, t0
  la t0, trap_stack_top
  csrw mscratch, t0

  # Variables that begin with a value.
  la a0, port_data_start
  la a1, port_data_end
  la a2, port_data_load
1:
  bgeu a0, a1, 2f
  lw t0, 0(a2)
  sw t0, 0(a0)
  addi a0, a0, 4
  addi a2, a2, 4
  j 1b

  # And those that begin as zero.
2:
  la a0, port_bss_start
  la a1, port_bss_end
3:
  bgeu a0, a1, 4f
  sw zero, 0(a0)
  addi a0, a0, 4
  j 3b

  # The whole stack is painted; what has lost its paint was used.
4:
  la a0, port_stack_bottom
  li t0, 0xC5C5C5C5
5:
  bgeu a0, sp, 6f
  sw t0, 0(a0)
  addi a0, a0, 4
  j 5b
6:
  call port_guard_memory
  call port_main
  j halt

# A trap has a stack of its own: the other one may be what it is about.
  .balign 4
trap:
  csrrw sp, mscratch, sp
  addi sp, sp, -128
  sw x1, 4(sp)
  sw x3, 12(sp)
  sw x4, 16(sp)
  sw x5, 20(sp)
  la t0, halt
  csrw mtvec, t0
  csrr t0, mscratch
  sw t0, 8(sp)
  .irp register, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  sw x\register, 4*\register(sp)
  .endr
  mv a0, sp
  csrr a1, mcause
  csrr a2, mepc
  csrr a3, mtval
  call port_trapped

# Ends the machine without a word, for a trap within a trap.
  .balign 4
halt:
  li t0, 0x100000
  li t1, 0x00633333
  sw t1, 0(t0)
  j halt

  .section .bss.trap_stack, "aw", @nobits
  .balign 16
  .space 1024
trap_stack_top:
