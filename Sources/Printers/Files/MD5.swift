// MD5 (RFC 1321), which slicers send along with `project_file` so that the printer can tell whether
// the file on its card is the one they sent. It guards against accidents only.

/// The MD5 digest of bytes that come in pieces.
public struct MD5 {
  private var state = MD5State()
  private var block: [UInt8] = []
  private var byteCount: UInt64 = 0

  public init() { block.reserveCapacity(64) }

  public mutating func update(_ bytes: [UInt8]) {
    byteCount &+= UInt64(bytes.count)
    var offset = 0
    if !block.isEmpty {
      offset = min(64 - block.count, bytes.count)
      block.append(contentsOf: bytes[..<offset])
      guard block.count == 64 else { return }
      state = block.withUnsafeBytes { state.mixed(with: $0) }
      block.removeAll(keepingCapacity: true)
    }
    let end = bytes.count - (bytes.count - offset) % 64
    state = bytes.withUnsafeBytes {
      state.mixed(with: UnsafeRawBufferPointer(rebasing: $0[offset..<end]))
    }
    block.append(contentsOf: bytes[end...])
  }

  /// Sixteen bytes; nothing can be added afterwards.
  public consuming func finish() -> [UInt8] {
    let bitCount = byteCount &* 8
    var padding: [UInt8] = [0x80]
    let length = (block.count + 1) % 64
    padding += [UInt8](repeating: 0, count: (length <= 56 ? 56 : 120) - length)
    padding += (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> UInt64(8 * $0)) }
    update(padding)
    return [state.a, state.b, state.c, state.d].flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) }
    }
  }
}

/// The four words that MD5 works on.
private struct MD5State {
  var a: UInt32 = 0x6745_2301
  var b: UInt32 = 0xEFCD_AB89
  var c: UInt32 = 0x98BA_DCFE
  var d: UInt32 = 0x1032_5476

  /// What comes of mixing in whole blocks of 64 bytes.
  func mixed(with bytes: UnsafeRawBufferPointer) -> MD5State {
    Self.constants.withUnsafeBufferPointer { constants in
      var sum = self
      for offset in stride(from: 0, to: bytes.count, by: 64) {
        let block = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + 64)])
        var state = sum
        for number in 0..<16 {
          state.step(
            (state.b & state.c) | (~state.b & state.d), block, number, constants[number],
            Self.shifts.0, number)
        }
        for number in 16..<32 {
          state.step(
            (state.d & state.b) | (~state.d & state.c), block, 5 &* number &+ 1,
            constants[number], Self.shifts.1, number)
        }
        for number in 32..<48 {
          state.step(
            state.b ^ state.c ^ state.d, block, 3 &* number &+ 5, constants[number],
            Self.shifts.2, number)
        }
        for number in 48..<64 {
          state.step(
            state.c ^ (state.b | ~state.d), block, 7 &* number, constants[number],
            Self.shifts.3, number)
        }
        sum.a &+= state.a
        sum.b &+= state.b
        sum.c &+= state.c
        sum.d &+= state.d
      }
      return sum
    }
  }

  @inline(__always)
  private mutating func step(
    _ mixed: UInt32, _ block: UnsafeRawBufferPointer, _ index: Int, _ constant: UInt32,
    _ shifts: SIMD4<UInt32>, _ number: Int
  ) {
    let word = block.loadUnaligned(fromByteOffset: 4 &* (index & 15), as: UInt32.self)
    let sum = a &+ mixed &+ constant &+ UInt32(littleEndian: word)
    let shift = shifts[number & 3]
    (a, d, c, b) = (d, c, b, b &+ (sum &<< shift | sum &>> (32 &- shift)))
  }

  /// How far each step of the four rounds rotates.
  private static var shifts: (SIMD4<UInt32>, SIMD4<UInt32>, SIMD4<UInt32>, SIMD4<UInt32>) {
    (SIMD4(7, 12, 17, 22), SIMD4(5, 9, 14, 20), SIMD4(4, 11, 16, 23), SIMD4(6, 10, 15, 21))
  }

  /// The whole part of 2^32 · |sin(step + 1)|, RFC 1321 section 3.4.
  private static let constants: [UInt32] = [
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
}
