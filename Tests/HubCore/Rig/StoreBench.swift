import CBoard
import HubCore
import HubHost

/// A key store on a flash of its own, opened and closed at will.
final class StoreBench {
  let board: FakeBoard
  private let raw: UnsafeMutablePointer<hub_board>
  private let scratch: UnsafeMutableBufferPointer<UInt8>
  var store: Store

  var flash: NORFlash { board.flash }

  static func flash(sectors: Int) -> NORFlash {
    NORFlash(layout: PartitionLayout(sizes: [4_096, sectors * 4_096, 8_192, 16_384, 16_384]))
  }

  init(_ flash: NORFlash = StoreBench.flash(sectors: 4)) {
    board = FakeBoard(flash: flash)
    raw = .allocate(capacity: 1)
    raw.initialize(to: board.raw)
    scratch = .allocate(capacity: Store.scratchBytes)
    scratch.initialize(repeating: 0xA5)
    store = Store(Board(raw), unsafeScratch: scratch)
  }

  deinit {
    raw.deallocate()
    scratch.deallocate()
  }

  /// Opens the store as after a power cut: from what is in flash alone.
  func reboot() {
    flash.powerReturns()
    scratch.update(repeating: 0xA5)
    store = Store(Board(raw), unsafeScratch: scratch)
  }

  func write(_ key: StoreKey, _ text: String) throws { try write(key, Array(text.utf8)) }

  func write(_ key: StoreKey, _ bytes: [UInt8]) throws {
    try store.write(key, bytes.span)
  }

  /// The value, nil when there is none; `damage` is told in place of what cannot be read.
  func read(_ key: StoreKey, damage: String = "damaged") -> String? {
    var bytes = [UInt8](repeating: 0, count: 2_000)
    var span = bytes.mutableSpan
    switch store.read(key, into: &span) {
    case .found(let count): return String(decoding: bytes.prefix(count), as: UTF8.self)
    case .missing: return nil
    case .damaged, .tooLong: return damage
    }
  }
}

extension StoreKey {
  static let one = StoreKey(.settings, "one")
  static let two = StoreKey(.work, "two")
  static let secret = StoreKey(.settings, "secret", isSecret: true)
  static let device = StoreKey(.device, "serial")
}
