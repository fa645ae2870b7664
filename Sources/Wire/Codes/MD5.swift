/// MD5 (RFC 1321), for HTTP digest authentication with peers that know nothing better, and for files
/// that printers hold against it. It guards against accidents only.
public struct MD5 {
  private var state: [4 of UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
  private var block: [16 of UInt32] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  /// How many bytes came, less than four gigabytes of them.
  private var count: UInt32 = 0

  public init() {}

  public mutating func update(_ bytes: Span<UInt8>) {
    var index = 0
    while index < bytes.count, count & 63 != 0 {
      add(RawBytes.byte(bytes, at: index))
      index &+= 1
    }
    // Whole blocks are taken as they lie.
    let raw = unsafe bytes.bytes
    while bytes.count &- index >= 64 {
      for word in 0..<16 { block[word] = RawBytes.littleEndian32(raw, at: index &+ word &* 4) }
      index &+= 64
      count = count &+ 64
      digestBlock()
    }
    while index < bytes.count {
      add(RawBytes.byte(bytes, at: index))
      index &+= 1
    }
  }

  public static func of(_ bytes: Span<UInt8>) -> [16 of UInt8] {
    var sum = MD5()
    sum.update(bytes)
    return sum.finish()
  }

  public consuming func finish() -> [16 of UInt8] {
    let bitCount = count &<< 3
    let highBits = count &>> 29
    add(0x80)
    while count & 63 != 56 { add(0) }
    for shift in 0..<4 { add(UInt8(truncatingIfNeeded: bitCount &>> UInt32(shift &* 8))) }
    for shift in 0..<4 { add(UInt8(truncatingIfNeeded: highBits &>> UInt32(shift &* 8))) }
    var digest = [16 of UInt8](repeating: 0)
    for index in 0..<16 {
      digest[index] = UInt8(truncatingIfNeeded: state[index &>> 2] &>> UInt32((index & 3) &* 8))
    }
    return digest
  }

  private mutating func add(_ byte: UInt8) {
    let word = Int(count &>> 2 & 15)
    block[word] = block[word] &>> 8 | UInt32(byte) &<< 24
    count = count &+ 1
    if count & 63 == 0 { digestBlock() }
  }

  /// The whole part of 2^32 times the sine of 1, 2, 3, …
  private static let sines: [64 of UInt32] = [
    0xD76A_A478, 0xE8C7_B756, 0x2420_70DB, 0xC1BD_CEEE, 0xF57C_0FAF, 0x4787_C62A, 0xA830_4613,
    0xFD46_9501, 0x6980_98D8, 0x8B44_F7AF, 0xFFFF_5BB1, 0x895C_D7BE, 0x6B90_1122, 0xFD98_7193,
    0xA679_438E, 0x49B4_0821, 0xF61E_2562, 0xC040_B340, 0x265E_5A51, 0xE9B6_C7AA, 0xD62F_105D,
    0x0244_1453, 0xD8A1_E681, 0xE7D3_FBC8, 0x21E1_CDE6, 0xC337_07D6, 0xF4D5_0D87, 0x455A_14ED,
    0xA9E3_E905, 0xFCEF_A3F8, 0x676F_02D9, 0x8D2A_4C8A, 0xFFFA_3942, 0x8771_F681, 0x6D9D_6122,
    0xFDE5_380C, 0xA4BE_EA44, 0x4BDE_CFA9, 0xF6BB_4B60, 0xBEBF_BC70, 0x289B_7EC6, 0xEAA1_27FA,
    0xD4EF_3085, 0x0488_1D05, 0xD9D4_D039, 0xE6DB_99E5, 0x1FA2_7CF8, 0xC4AC_5665, 0xF429_2244,
    0x432A_FF97, 0xAB94_23A7, 0xFC93_A039, 0x655B_59C3, 0x8F0C_CC92, 0xFFEF_F47D, 0x8584_5DD1,
    0x6FA8_7E4F, 0xFE2C_E6E0, 0xA301_4314, 0x4E08_11A1, 0xF753_7E82, 0xBD3A_F235, 0x2AD7_D2BB,
    0xEB86_D391,
  ]

  private mutating func digestBlock() {
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    // Each sixteen rounds by themselves, so that none has to ask which it is; and four at a time, in
    // which the words change places by name alone.
    for round in stride(from: 0, to: 16, by: 4) {
      a = turned(a, b, d ^ b & (c ^ d), round, word: round, by: 7)
      d = turned(d, a, c ^ a & (b ^ c), round &+ 1, word: round &+ 1, by: 12)
      c = turned(c, d, b ^ d & (a ^ b), round &+ 2, word: round &+ 2, by: 17)
      b = turned(b, c, a ^ c & (d ^ a), round &+ 3, word: round &+ 3, by: 22)
    }
    for round in stride(from: 16, to: 32, by: 4) {
      let word = 5 &* round &+ 1
      a = turned(a, b, c ^ d & (b ^ c), round, word: word, by: 5)
      d = turned(d, a, b ^ c & (a ^ b), round &+ 1, word: word &+ 5, by: 9)
      c = turned(c, d, a ^ b & (d ^ a), round &+ 2, word: word &+ 10, by: 14)
      b = turned(b, c, d ^ a & (c ^ d), round &+ 3, word: word &+ 15, by: 20)
    }
    for round in stride(from: 32, to: 48, by: 4) {
      let word = 3 &* round &+ 5
      a = turned(a, b, b ^ c ^ d, round, word: word, by: 4)
      d = turned(d, a, a ^ b ^ c, round &+ 1, word: word &+ 3, by: 11)
      c = turned(c, d, d ^ a ^ b, round &+ 2, word: word &+ 6, by: 16)
      b = turned(b, c, c ^ d ^ a, round &+ 3, word: word &+ 9, by: 23)
    }
    for round in stride(from: 48, to: 64, by: 4) {
      let word = 7 &* round
      a = turned(a, b, c ^ (b | ~d), round, word: word, by: 6)
      d = turned(d, a, b ^ (a | ~c), round &+ 1, word: word &+ 7, by: 10)
      c = turned(c, d, a ^ (d | ~b), round &+ 2, word: word &+ 14, by: 15)
      b = turned(b, c, d ^ (c | ~a), round &+ 3, word: word &+ 21, by: 21)
    }
    state[0] = state[0] &+ a
    state[1] = state[1] &+ b
    state[2] = state[2] &+ c
    state[3] = state[3] &+ d
  }

  @inline(__always)
  private func turned(
    _ a: UInt32, _ b: UInt32, _ mixed: UInt32, _ round: Int, word: Int, by turn: UInt32
  ) -> UInt32 {
    let sum = a &+ mixed &+ Self.sines[round & 63] &+ block[word & 15]
    return b &+ (sum &<< turn | sum &>> (32 &- turn))
  }
}
