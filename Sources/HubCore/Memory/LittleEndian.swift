// Numbers in records that the firmware itself reads again: little-endian, as on all its chips.

import Wire

extension ByteWriter {
  mutating func put(littleEndian16 number: UInt16) {
    put(UInt8(truncatingIfNeeded: number))
    put(UInt8(truncatingIfNeeded: number &>> 8))
  }

  mutating func put(littleEndian32 number: UInt32) {
    put(littleEndian16: UInt16(truncatingIfNeeded: number))
    put(littleEndian16: UInt16(truncatingIfNeeded: number &>> 16))
  }
}

extension Span<UInt8> {
  func littleEndian16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) | UInt16(self[offset + 1]) &<< 8
  }

  func littleEndian32(at offset: Int) -> UInt32 {
    UInt32(littleEndian16(at: offset)) | UInt32(littleEndian16(at: offset + 2)) &<< 16
  }
}
