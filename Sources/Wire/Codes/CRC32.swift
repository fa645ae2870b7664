/// The checksum of Ethernet, zip and gzip: polynomial 0xEDB88320, bits reversed.
public enum CRC32 {
  /// What one half of a byte does to the sum.
  private static let table: [16 of UInt32] = [
    0x0000_0000, 0x1DB7_1064, 0x3B6E_20C8, 0x26D9_30AC,
    0x76DC_4190, 0x6B6B_51F4, 0x4DB2_6158, 0x5005_713C,
    0xEDB8_8320, 0xF00F_9344, 0xD6D6_A3E8, 0xCB61_B38C,
    0x9B64_C2B0, 0x86D3_D2D4, 0xA00A_E278, 0xBDBD_F21C,
  ]

  public static func of(_ bytes: Span<UInt8>) -> UInt32 { update(0, bytes) }

  /// Goes on from the sum of what came before; 0 at the beginning.
  public static func update(_ crc: UInt32, _ bytes: Span<UInt8>) -> UInt32 {
    var sum = ~crc
    for index in 0..<bytes.count {
      sum ^= UInt32(RawBytes.byte(bytes, at: index))
      sum = table[Int(sum & 15)] ^ sum &>> 4
      sum = table[Int(sum & 15)] ^ sum &>> 4
    }
    return ~sum
  }

  /// Which single bit makes a message of `byteCount` bytes whose sum ought to be `wanted` have the
  /// sum `found`: its number counted from the lowest bit of the first byte. A message of up to
  /// 11,000 bytes has at most one such bit. Nil when more than one bit is wrong.
  public static func flippedBit(wanted: UInt32, found: UInt32, byteCount: Int) -> Int? {
    let difference = wanted ^ found
    // What a flip of the very last bit does; one bit earlier is one more step of the division.
    var trace: UInt32 = 0xEDB8_8320
    var bit = byteCount &* 8 &- 1
    while bit >= 0 {
      if trace == difference { return bit }
      trace = trace & 1 == 0 ? trace &>> 1 : trace &>> 1 ^ 0xEDB8_8320
      bit &-= 1
    }
    return nil
  }
}
