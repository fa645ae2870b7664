// The key store of a hub that is off, as somebody has it who can write its flash from outside.

import CBoard
import HubCore

/// Writes values into a flash as a firmware would. The hub must be off, or know nothing of it.
public final class StoreTool {
  private let flash: NORFlash
  private let raw: UnsafeMutablePointer<hub_board>
  private let scratch: UnsafeMutableBufferPointer<UInt8>
  private var store: Store

  public init(_ flash: NORFlash) {
    self.flash = flash
    raw = .allocate(capacity: 1)
    raw.initialize(to: hub_board())
    scratch = .allocate(capacity: Store.scratchBytes)
    scratch.initialize(repeating: 0)
    raw.pointee.context = Unmanaged.passUnretained(flash).toOpaque()
    raw.pointee.uptime_milliseconds = { _ in 0 }
    raw.pointee.log = { _, _, _, _ in }
    raw.pointee.flash_size = { UInt32(flashBehind($0).size(of: $1)) }
    raw.pointee.flash_read = { context, partition, offset, into, count in
      flashBehind(context).read(
        partition, at: Int(offset), into: UnsafeMutableBufferPointer(start: into, count: Int(count))
      )
    }
    raw.pointee.flash_program = { context, partition, offset, bytes, count in
      flashBehind(context).program(
        partition, at: Int(offset), UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
    raw.pointee.flash_erase = { flashBehind($0).erase($1, at: Int($2)) }
    store = Store(Board(raw), unsafeScratch: scratch)
  }

  deinit {
    raw.deallocate()
    scratch.deallocate()
  }

  /// Keeps a value under a name of at most 16 bytes; false when the store does not take it.
  public func write(_ name: StaticString, _ bytes: [UInt8]) -> Bool {
    do throws(StoreError) {
      try store.write(StoreKey(.work, name), bytes.span)
      return true
    } catch {
      return false
    }
  }

  /// What a firmware leaves behind that kept far too much: nothing more goes in. Answers how many
  /// values it took.
  @discardableResult
  public func fill() -> Int {
    var written = 0
    for size in [1_800, 400, 60, 1] {
      let value = [UInt8](repeating: 0x5A, count: size)
      for name in Self.leftOvers where !store.has(StoreKey(.work, name)) {
        guard write(name, value) else { break }
        written += 1
      }
    }
    return written
  }

  private static let leftOvers: [StaticString] = [
    "left-0", "left-1", "left-2", "left-3", "left-4", "left-5", "left-6", "left-7", "left-8",
    "left-9", "left-10", "left-11", "left-12", "left-13", "left-14", "left-15", "left-16",
    "left-17", "left-18", "left-19", "left-20", "left-21", "left-22", "left-23", "left-24",
    "left-25", "left-26", "left-27", "left-28", "left-29", "left-30", "left-31",
  ]
}

private func flashBehind(_ context: UnsafeMutableRawPointer?) -> NORFlash {
  guard let context else { preconditionFailure("a board without a flash") }
  return Unmanaged<NORFlash>.fromOpaque(context).takeUnretainedValue()
}
