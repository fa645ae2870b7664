/// An address of IPv4, read from and written as "192.168.4.1".
public struct IPv4Address: Hashable, Sendable {
  /// As one number; the first byte is the highest.
  public let number: UInt32

  public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
    number = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
  }

  /// nil for anything but four numbers below 256 with dots between them.
  public init?(_ text: String) {
    var number: UInt32 = 0
    var part: UInt32 = 0
    var digitCount = 0
    var partCount = 1
    for byte in text.utf8 {
      if byte == UInt8(ascii: ".") {
        guard digitCount > 0, partCount < 4 else { return nil }
        number = number << 8 | part
        part = 0
        digitCount = 0
        partCount += 1
      } else {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), digitCount < 3 else {
          return nil
        }
        part = part * 10 + UInt32(byte - UInt8(ascii: "0"))
        digitCount += 1
        guard part < 256 else { return nil }
      }
    }
    guard partCount == 4, digitCount > 0 else { return nil }
    self.number = number << 8 | part
  }

  public var bytes: (UInt8, UInt8, UInt8, UInt8) {
    (byte(24), byte(16), byte(8), byte(0))
  }

  public var text: String { "\(byte(24)).\(byte(16)).\(byte(8)).\(byte(0))" }

  /// Stands for a group of machines: 224.0.0.0 to 239.255.255.255.
  public var isMulticast: Bool { number >> 28 == 0xE }
  /// Stands for every machine of the network.
  public var isBroadcast: Bool { number == .max }

  private func byte(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: number >> shift) }
}
