/// SHA-1 (FIPS 180-4), which the handshake of WebSocket asks for. Not for keeping secrets.
public struct SHA1 {
  private var state: [5 of UInt32] = [
    0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0,
  ]
  private var block: [16 of UInt32] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  /// How many bytes came, less than four gigabytes of them.
  private var count: UInt32 = 0

  public init() {}

  public mutating func update(_ bytes: Span<UInt8>) {
    for index in 0..<bytes.count { add(bytes[index]) }
  }

  public mutating func update(_ text: StaticString) {
    for index in 0..<text.utf8CodeUnitCount { add(byte(of: text, at: index)) }
  }

  public consuming func finish() -> [20 of UInt8] {
    let bitCount = count &<< 3
    let highBits = count &>> 29
    add(0x80)
    while count & 63 != 56 { add(0) }
    for shift in 0..<4 { add(UInt8(truncatingIfNeeded: highBits &>> UInt32(24 &- shift &* 8))) }
    for shift in 0..<4 { add(UInt8(truncatingIfNeeded: bitCount &>> UInt32(24 &- shift &* 8))) }
    var digest = [20 of UInt8](repeating: 0)
    for index in 0..<20 {
      let shift = UInt32(24 &- (index & 3) &* 8)
      digest[index] = UInt8(truncatingIfNeeded: state[index &>> 2] &>> shift)
    }
    return digest
  }

  private mutating func add(_ byte: UInt8) {
    let word = Int(count &>> 2 & 15)
    block[word] = block[word] &<< 8 | UInt32(byte)
    count = count &+ 1
    if count & 63 == 0 { digestBlock() }
  }

  private mutating func digestBlock() {
    var a = state[0]
    var b = state[1]
    var c = state[2]
    var d = state[3]
    var e = state[4]
    for round in 0..<80 {
      let at = round & 15
      if round > 15 {
        block[at] = rotated(
          block[(at &+ 13) & 15] ^ block[(at &+ 8) & 15] ^ block[(at &+ 2) & 15] ^ block[at], 1)
      }
      let mixed: UInt32
      if round < 20 {
        mixed = (b & c | ~b & d) &+ 0x5A82_7999
      } else if round < 40 {
        mixed = (b ^ c ^ d) &+ 0x6ED9_EBA1
      } else if round < 60 {
        mixed = (b & c | b & d | c & d) &+ 0x8F1B_BCDC
      } else {
        mixed = (b ^ c ^ d) &+ 0xCA62_C1D6
      }
      let next = rotated(a, 5) &+ mixed &+ e &+ block[at]
      e = d
      d = c
      c = rotated(b, 30)
      b = a
      a = next
    }
    state[0] = state[0] &+ a
    state[1] = state[1] &+ b
    state[2] = state[2] &+ c
    state[3] = state[3] &+ d
    state[4] = state[4] &+ e
  }

  @inline(__always)
  private func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word &<< count | word &>> (32 &- count)
  }
}
