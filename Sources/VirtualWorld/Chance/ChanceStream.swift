/// One component's own luck: a stream of numbers that depends on the run's seed and the component's
/// name, and on nothing else.
///
/// The generator is xoshiro256**, started from splitmix64, as its authors advise.
struct ChanceStream {
  private var a: UInt64
  private var b: UInt64
  private var c: UInt64
  private var d: UInt64
  /// How many bounded numbers were drawn.
  private(set) var drawnCount: UInt64 = 0

  init(seed: UInt64, name: String) {
    var state = seed ^ Self.stableHash(of: name)
    a = Self.splitMix(&state)
    b = Self.splitMix(&state)
    c = Self.splitMix(&state)
    d = Self.splitMix(&state)
  }

  mutating func next() -> UInt64 {
    let result = Self.rotate(b &* 5, by: 7) &* 9
    let shifted = b &<< 17
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = Self.rotate(d, by: 45)
    return result
  }

  /// A number below `bound`; 0 when `bound` is 0. Always takes exactly one number from the stream,
  /// so that what is drawn later does not depend on what was drawn before.
  mutating func next(below bound: UInt64) -> UInt64 {
    drawnCount &+= 1
    return next().multipliedFullWidth(by: bound).high
  }

  /// FNV-1a: the same on every machine and in every process, unlike Swift's own hashes.
  private static func stableHash(of name: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash
  }

  private static func splitMix(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed &>> 31)
  }

  @inline(__always)
  private static func rotate(_ word: UInt64, by count: UInt64) -> UInt64 {
    word &<< count | word &>> (64 - count)
  }
}
