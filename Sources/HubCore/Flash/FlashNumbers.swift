// Numbers as they stand in flash: the lowest byte first.

extension InlineArray where Element == UInt8 {
  func number16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) | UInt16(self[offset + 1]) &<< 8
  }

  func number32(at offset: Int) -> UInt32 {
    UInt32(number16(at: offset)) | UInt32(number16(at: offset + 2)) &<< 16
  }

  mutating func set(_ number: UInt16, at offset: Int) {
    self[offset] = UInt8(truncatingIfNeeded: number)
    self[offset + 1] = UInt8(truncatingIfNeeded: number &>> 8)
  }

  mutating func set(_ number: UInt32, at offset: Int) {
    set(UInt16(truncatingIfNeeded: number), at: offset)
    set(UInt16(truncatingIfNeeded: number &>> 16), at: offset + 2)
  }

  /// Whether an erased flash would look like this.
  var isBlank: Bool {
    for index in indices where self[index] != 0xFF { return false }
    return true
  }

  mutating func flip(bit: Int) { self[bit &>> 3] ^= 1 &<< UInt8(bit & 7) }
}
