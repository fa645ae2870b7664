import HubHost

/// What a flash holds, as one number that is kept up byte by byte. Two flashes that differ have the
/// same once in 18 million million million.
struct Fingerprint: Hashable {
  private(set) var sum: UInt64 = 0

  init() {}

  init(of flash: NORFlash) {
    for partition in FlashPartition.allCases {
      let bytes = flash.contents(of: partition)
      for offset in bytes.indices {
        sum &+= Self.weight(bytes[offset], at: offset, in: partition)
      }
    }
  }

  /// Blank bytes weigh nothing.
  static func weight(_ byte: UInt8, at offset: Int, in partition: FlashPartition) -> UInt64 {
    guard byte != 0xFF else { return 0 }
    var number =
      UInt64(truncatingIfNeeded: offset) << 16 | UInt64(partition.rawValue) << 8 | UInt64(byte)
    number = (number &+ 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
    number = (number ^ number >> 30) &* 0x94D0_49BB_1331_11EB
    return number ^ number >> 31
  }

  mutating func add(_ weight: UInt64) { sum &+= weight }
  mutating func remove(_ weight: UInt64) { sum &-= weight }

  /// Of what is in flash and how far the flow has come.
  func joined(with stage: Int) -> UInt64 {
    (sum ^ UInt64(truncatingIfNeeded: stage + 1)) &* 0xD6E8_FEB8_6659_FD93
  }
}
