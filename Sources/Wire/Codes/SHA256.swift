/// SHA-256 (FIPS 180-4), for files and firmware images.
public struct SHA256 {
  private var state: [8 of UInt32] = [
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A,
    0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
  ]
  private var block: [16 of UInt32] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  /// How many bytes came, less than four gigabytes of them.
  private var count: UInt32 = 0

  public init() {}

  public mutating func update(_ bytes: Span<UInt8>) {
    update(
      bytes,
      takingBlocks: { sum, blocks in
        var index = 0
        while index < blocks.count {
          for word in 0..<16 { sum.block[word] = bigEndian32(blocks, at: index &+ word &* 4) }
          index &+= 64
          sum.digestBlock()
        }
      })
  }

  /// The same, by somebody who is quicker with whole blocks: `engine` takes them into the state, eight
  /// words as numbers of this machine.
  public mutating func update(
    _ bytes: Span<UInt8>, by engine: (inout [8 of UInt32], Span<UInt8>) -> Void
  ) {
    update(bytes, takingBlocks: { sum, blocks in engine(&sum.state, blocks) })
  }

  @inline(__always)
  private mutating func update(
    _ bytes: Span<UInt8>, takingBlocks take: (inout SHA256, Span<UInt8>) -> Void
  ) {
    var index = 0
    while index < bytes.count, count & 63 != 0 {
      add(RawBytes.byte(bytes, at: index))
      index &+= 1
    }
    // Whole blocks are taken as they lie.
    let length = (bytes.count &- index) & ~63
    if length > 0 {
      take(&self, bytes.extracting(index..<(index &+ length)))
      count = count &+ UInt32(truncatingIfNeeded: length)
      index &+= length
    }
    while index < bytes.count {
      add(RawBytes.byte(bytes, at: index))
      index &+= 1
    }
  }

  public static func of(_ bytes: Span<UInt8>) -> [32 of UInt8] {
    var sum = SHA256()
    sum.update(bytes)
    return sum.finish()
  }

  public consuming func finish() -> [32 of UInt8] {
    let bitCount = count &<< 3
    let highBits = count &>> 29
    add(0x80)
    while count & 63 != 56 { add(0) }
    for shift in 0..<4 { add(UInt8(truncatingIfNeeded: highBits &>> UInt32(24 &- shift &* 8))) }
    for shift in 0..<4 { add(UInt8(truncatingIfNeeded: bitCount &>> UInt32(24 &- shift &* 8))) }
    var digest = [32 of UInt8](repeating: 0)
    for index in 0..<32 {
      let shift = UInt32(24 &- (index & 3) &* 8)
      digest[index] = UInt8(truncatingIfNeeded: state[index &>> 2] &>> shift)
    }
    return digest
  }

  @inline(__always)
  private mutating func add(_ byte: UInt8) {
    let word = Int(count &>> 2 & 15)
    block[word] = block[word] &<< 8 | UInt32(byte)
    count = count &+ 1
    if count & 63 == 0 { digestBlock() }
  }

  private static let constants: [64 of UInt32] = [
    0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4,
    0xAB1C_5ED5, 0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE,
    0x9BDC_06A7, 0xC19B_F174, 0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F,
    0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA, 0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7,
    0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967, 0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC,
    0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85, 0xA2BF_E8A1, 0xA81A_664B,
    0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070, 0x19A4_C116,
    0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
    0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7,
    0xC671_78F2,
  ]

  private mutating func digestBlock() {
    var words = block
    var a = state[0]
    var b = state[1]
    var c = state[2]
    var d = state[3]
    var e = state[4]
    var f = state[5]
    var g = state[6]
    var h = state[7]
    var round = 0
    while true {
      // Eight names change places sixteen times; written out, nothing is moved.
      step(a, b, c, &d, e, f, g, &h, words[0], Self.constants[round &+ 0])
      step(h, a, b, &c, d, e, f, &g, words[1], Self.constants[round &+ 1])
      step(g, h, a, &b, c, d, e, &f, words[2], Self.constants[round &+ 2])
      step(f, g, h, &a, b, c, d, &e, words[3], Self.constants[round &+ 3])
      step(e, f, g, &h, a, b, c, &d, words[4], Self.constants[round &+ 4])
      step(d, e, f, &g, h, a, b, &c, words[5], Self.constants[round &+ 5])
      step(c, d, e, &f, g, h, a, &b, words[6], Self.constants[round &+ 6])
      step(b, c, d, &e, f, g, h, &a, words[7], Self.constants[round &+ 7])
      step(a, b, c, &d, e, f, g, &h, words[8], Self.constants[round &+ 8])
      step(h, a, b, &c, d, e, f, &g, words[9], Self.constants[round &+ 9])
      step(g, h, a, &b, c, d, e, &f, words[10], Self.constants[round &+ 10])
      step(f, g, h, &a, b, c, d, &e, words[11], Self.constants[round &+ 11])
      step(e, f, g, &h, a, b, c, &d, words[12], Self.constants[round &+ 12])
      step(d, e, f, &g, h, a, b, &c, words[13], Self.constants[round &+ 13])
      step(c, d, e, &f, g, h, a, &b, words[14], Self.constants[round &+ 14])
      step(b, c, d, &e, f, g, h, &a, words[15], Self.constants[round &+ 15])
      round &+= 16
      if round == 64 { break }
      for at in 0..<16 {
        let early = words[(at &+ 1) & 15]
        let late = words[(at &+ 14) & 15]
        let first = rotated(early, 7) ^ rotated(early, 18) ^ early &>> 3
        let second = rotated(late, 17) ^ rotated(late, 19) ^ late &>> 10
        words[at] = words[at] &+ first &+ words[(at &+ 9) & 15] &+ second
      }
    }
    state[0] = state[0] &+ a
    state[1] = state[1] &+ b
    state[2] = state[2] &+ c
    state[3] = state[3] &+ d
    state[4] = state[4] &+ e
    state[5] = state[5] &+ f
    state[6] = state[6] &+ g
    state[7] = state[7] &+ h
  }

  /// One round: `d` and `h` change, and the next round calls `h` what was `a`.
  @inline(__always)
  private func step(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32,
    _ g: UInt32, _ h: inout UInt32, _ word: UInt32, _ constant: UInt32
  ) {
    let mixed = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
    let one = h &+ mixed &+ (g ^ e & (f ^ g)) &+ constant &+ word
    d = d &+ one
    h = one &+ (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) &+ (a & b | c & (a | b))
  }

  @inline(__always)
  private func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word &>> count | word &<< (32 &- count)
  }
}
