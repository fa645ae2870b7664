// What the key store says.

/// What came of reading a key.
package enum StoreAnswer: Equatable {
  case found(Int)
  case missing
  /// It was written, and cannot be read any more.
  case damaged
  /// It is longer than what it was to be read into.
  case tooLong

  package var isFound: Bool {
    if case .found = self { true } else { false }
  }
}

/// Why a value could not be written. The old one is still there.
package enum StoreError: Error, Equatable {
  /// No room, even after everything old was thrown away.
  case full
  /// Too many sectors cannot be written any more.
  case worn
  /// Longer than ``Limits/storeValue``.
  case tooLong
  /// The board has no such flash.
  case failed

  /// Stable, for the log.
  package var name: StaticString {
    switch self {
    case .full: "store.full"
    case .worn: "store.worn"
    case .tooLong: "store.too-long"
    case .failed: "store.failed"
    }
  }
}

/// How well the store is, for the health report. Counted since the boot.
package struct StoreHealth: Equatable {
  /// Sectors that can no longer be erased or programmed.
  package var wornSectors: UInt32 = 0
  /// Flipped bits that the sums could put right.
  package var repairedBits: UInt32 = 0
  /// Values and sectors that could not be read.
  package var damage: UInt32 = 0
  /// Writes that a loss of power had cut.
  package var cutWrites: UInt32 = 0
  /// Writes that were refused.
  package var refusedWrites: UInt32 = 0
  /// The last write found no room.
  package var isFull = false
  /// How often the most used sector was erased, ever.
  package var mostErases: UInt32 = 0
  package var liveBytes: UInt32 = 0
  package var keyCount: UInt32 = 0
}
