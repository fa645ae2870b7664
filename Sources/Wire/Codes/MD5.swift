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
    while bytes.count &- index >= 64 {
      for word in 0..<16 { block[word] = bigEndian32(bytes, at: index &+ word &* 4).byteSwapped }
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

  /// How far the sum is turned in each round, four by four.
  private static let turns: [16 of UInt32] = [
    7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21,
  ]

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
    var sum = Sum(a: state[0], b: state[1], c: state[2], d: state[3])
    // Each sixteen rounds by themselves, so that none has to ask which it is.
    for round in 0..<16 {
      sum.turn(sum.b & sum.c | ~sum.b & sum.d, block[round], round)
    }
    for round in 16..<32 {
      sum.turn(sum.d & sum.b | ~sum.d & sum.c, block[(5 &* round &+ 1) & 15], round)
    }
    for round in 32..<48 {
      sum.turn(sum.b ^ sum.c ^ sum.d, block[(3 &* round &+ 5) & 15], round)
    }
    for round in 48..<64 {
      sum.turn(sum.c ^ (sum.b | ~sum.d), block[(7 &* round) & 15], round)
    }
    state[0] = state[0] &+ sum.a
    state[1] = state[1] &+ sum.b
    state[2] = state[2] &+ sum.c
    state[3] = state[3] &+ sum.d
  }

  /// The four words that the rounds work on.
  private struct Sum {
    var a: UInt32
    var b: UInt32
    var c: UInt32
    var d: UInt32

    @inline(__always)
    mutating func turn(_ mixed: UInt32, _ word: UInt32, _ round: Int) {
      let sum = a &+ mixed &+ MD5.sines[round] &+ word
      let turn = MD5.turns[(round &>> 4) &* 4 &+ (round & 3)]
      a = d
      d = c
      c = b
      b = b &+ (sum &<< turn | sum &>> (32 &- turn))
    }
  }
}
