// How the firmware uses the memory that outlives a restart:
//
//     0    magic, boots, half, CRC           who wrote this, and how often the hub was started
//     16   mark: state, task, code, uptime   what the hub was at when it stopped
//     24   slot, slot before                 which image was started, and which one before it
//     32   three crashes of 32 bytes         those that the cloud has not heard of
//     128  eight lines of the log, twice     one half for this boot, one for the boot before
//
// The mark is written before each step, so it tells which task was running when the chip stopped.

import Wire

/// The layout, and the bytes that are written most often.
enum Retained {
  static let magic: UInt32 = 0x3142_5548
  static let markOffset = 16
  static let startOffset = 24
  /// In each byte beside the number of a slot.
  static let startMark: UInt8 = 0x50
  static let crashOffset = 32
  static let crashes = 3
  static let crashSize = 32
  static let lines = 8
  static let lineSize = 96

  /// Where a line of one of the two halves stands.
  static func line(_ number: Int, of bank: Int) -> Int {
    128 + (bank * lines + number) * lineSize
  }

  /// How the hub stopped, as far as it knew itself.
  enum State: UInt8 {
    case running = 1
    /// It was told to restart.
    case planned = 2
    /// Its own watchdog found a task ill.
    case bitten = 3
  }

  /// What the hub was at.
  struct Mark {
    var state = State.running
    /// The number of the task that was in a step, and one more; 0 for none.
    var task: UInt8 = 0
    var code: UInt16 = 0
    var uptime = Uptime.start
  }
}

extension Board {
  /// Notes what the hub is at.
  func mark(_ mark: Retained.Mark) {
    let seconds = mark.uptime.seconds
    // Written out: it happens before each step of each task.
    let bytes: InlineArray<8, UInt8> = [
      mark.state.rawValue, mark.task,
      UInt8(truncatingIfNeeded: mark.code), UInt8(truncatingIfNeeded: mark.code &>> 8),
      UInt8(truncatingIfNeeded: seconds), UInt8(truncatingIfNeeded: seconds &>> 8),
      UInt8(truncatingIfNeeded: seconds &>> 16), UInt8(truncatingIfNeeded: seconds &>> 24),
    ]
    writeRetained(at: Retained.markOffset, bytes.span)
  }

  /// Notes which slot's image is started now.
  func noteStart(of slot: UInt8) {
    var bytes = Text<2>()
    let before = startedSlot(0) ?? slot
    bytes.write {
      $0.put(Retained.startMark | slot)
      $0.put(Retained.startMark | before)
    }
    writeRetained(at: Retained.startOffset, bytes.span)
  }

  /// Which slot's image was started before the one that runs; nil when nobody knows.
  var slotBefore: UInt8? { startedSlot(1) }

  private func startedSlot(_ place: Int) -> UInt8? {
    var byte = InlineArray<1, UInt8>(repeating: 0)
    var span = byte.mutableSpan
    guard readRetained(at: Retained.startOffset + place, into: &span) == 1,
      byte[0] & ~1 == Retained.startMark
    else { return nil }
    return byte[0] & 1
  }

  /// What the hub was at when it stopped.
  func lastMark() -> Retained.Mark? {
    var bytes = InlineArray<8, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    guard readRetained(at: Retained.markOffset, into: &span) == 8,
      let state = Retained.State(rawValue: bytes[0])
    else { return nil }
    let seconds = bytes.span.littleEndian32(at: 4)
    return Retained.Mark(
      state: state, task: bytes[1], code: bytes.span.littleEndian16(at: 2),
      uptime: Uptime(milliseconds: UInt64(widening: seconds) * 1_000))
  }
}
