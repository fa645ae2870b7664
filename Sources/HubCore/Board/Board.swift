// The board as the firmware sees it: every call of a C function pointer stands in the files of this
// folder, and is safe from there on.

import CBoard
import Wire

/// What the firmware runs on. A small value that is handed around; it owns nothing.
@safe
package struct Board {
  let raw: UnsafePointer<hub_board>
  /// Where the firmware's notes on itself go; none before there is a hub.
  private let recorder: UnsafeMutablePointer<Recorder>?

  @unsafe package init(_ raw: UnsafePointer<hub_board>) {
    unsafe self.raw = raw
    unsafe recorder = nil
  }

  /// `recorder` must outlive every copy of the board.
  init(_ raw: UnsafePointer<hub_board>, recorder: UnsafeMutablePointer<Recorder>) {
    unsafe self.raw = raw
    unsafe self.recorder = recorder
  }

  var now: Uptime {
    unsafe Uptime(milliseconds: raw.pointee.uptime_milliseconds(raw.pointee.context))
  }

  // ------------------------------------------------------------------------------------ chance

  /// 32 bits that nobody can guess.
  var entropy: UInt32 {
    var number: UInt32 = 0
    unsafe withUnsafeMutableBytes(of: &number) { bytes in
      let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe raw.pointee.entropy(raw.pointee.context, start, 4)
    }
    return number
  }

  /// A number from 0 to `bound`, each as likely as the others.
  func chance(upTo bound: UInt64) -> UInt64 {
    UInt64(widening: entropy) % (bound &+ 1)
  }

  /// Sixteen bytes that nobody can guess.
  func entropyBytes() -> InlineArray<16, UInt8> {
    var bytes = InlineArray<16, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    unsafe span.withUnsafeMutableBufferPointer { memory in
      unsafe raw.pointee.entropy(raw.pointee.context, memory.baseAddress, 16)
    }
    return bytes
  }

  // --------------------------------------------------------------------------------------- log

  /// How much a line of the log matters.
  enum LogLevel: UInt8 { case debug = 0, information = 1, warning = 2, error = 3 }

  /// What the firmware has noted of itself.
  var notes: Recorder { unsafe recorder?.pointee ?? Recorder() }

  /// Adds to the firmware's notes on itself.
  func note(_ body: (inout Recorder) -> Void) {
    guard let recorder = unsafe recorder else { return }
    unsafe body(&recorder.pointee)
  }

  /// Writes one line to the log if it matters enough; what does not fit is cut.
  func log(_ level: LogLevel, _ body: (inout ByteWriter) -> Void) {
    guard level.rawValue >= notes.level.rawValue else { return }
    var line = LogLine()
    line.write(body)
    unsafe recorder?.pointee.keep(level, line, on: self)
    unsafe line.span.withUnsafeBufferPointer { bytes in
      let count = UInt32(truncatingIfNeeded: bytes.count)
      unsafe raw.pointee.log(raw.pointee.context, level.rawValue, bytes.baseAddress, count)
    }
  }

  // ------------------------------------------------------------------------------------ crypto

  /// HMAC-SHA256 of `message` under `key`.
  func signature(of message: Span<UInt8>, key: Span<UInt8>) -> InlineArray<32, UInt8> {
    var digest = InlineArray<32, UInt8>(repeating: 0)
    var digestSpan = digest.mutableSpan
    unsafe digestSpan.withUnsafeMutableBufferPointer { digest in
      unsafe message.withUnsafeBufferPointer { message in
        unsafe key.withUnsafeBufferPointer { key in
          unsafe raw.pointee.hmac_sha256(
            raw.pointee.context, key.baseAddress, UInt32(truncatingIfNeeded: key.count),
            message.baseAddress, UInt32(truncatingIfNeeded: message.count), digest.baseAddress)
        }
      }
    }
    return digest
  }

  /// Takes `bytes` into a SHA-256, with the board's help if it has any to give.
  func digest(_ bytes: Span<UInt8>, into sum: inout SHA256) {
    guard let engine = unsafe raw.pointee.sha256_blocks else { return sum.update(bytes) }
    sum.update(
      bytes,
      by: { state, blocks in
        var words = state.mutableSpan
        unsafe words.withUnsafeMutableBufferPointer { words in
          unsafe blocks.withUnsafeBufferPointer { blocks in
            unsafe engine(
              raw.pointee.context, words.baseAddress, blocks.baseAddress,
              UInt32(truncatingIfNeeded: blocks.count / 64))
          }
        }
      })
  }

  // ------------------------------------------------------------------- lamps, watchdog, restart

  func show(_ lamp: Lamps.Name, _ mode: Lamps.Mode) {
    unsafe raw.pointee.led(raw.pointee.context, lamp.rawValue, mode.rawValue)
  }

  func feedWatchdog() { unsafe raw.pointee.watchdog_feed(raw.pointee.context) }

  /// Why the firmware is started.
  enum BootReason: UInt8 {
    case powerOn = 0
    case restart = 1
    case watchdog = 2
    case panic = 3
    case brownOut = 4

    var name: StaticString {
      switch self {
      case .powerOn: "power-on"
      case .restart: "restart"
      case .watchdog: "watchdog"
      case .panic: "panic"
      case .brownOut: "brown-out"
      }
    }
  }

  func restart(_ reason: BootReason) {
    if reason == .restart { mark(Retained.Mark(state: .planned, uptime: now)) }
    unsafe raw.pointee.restart(raw.pointee.context, reason.rawValue)
  }
}
