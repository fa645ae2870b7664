import Testing

/// A whole and valid input, for a table of arguments.
struct Fixture: CustomTestStringConvertible, Sendable {
  let name: String
  let bytes: [UInt8]

  init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  init(_ name: String, _ text: String) { self.init(name, Array(text.utf8)) }

  var testDescription: String { name }
}

/// Every cut in two, and every byte alone, must give what the whole gives.
func checkCuts<D: Decoder & ~Copyable>(_ input: [UInt8], _ make: () -> D) {
  let whole = transcribe(make(), input)
  if let error = whole.error { Issue.record("not valid to begin with: \(error)") }
  for cut in 0...input.count where !transcribe(make(), input, cuts: [cut]).says(theSameAs: whole) {
    Issue.record("cut at \(cut) it says something else")
  }
  if !transcribe(make(), input, cuts: 0...input.count).says(theSameAs: whole) {
    Issue.record("byte by byte it says something else")
  }
}

/// Every beginning must give the beginning of what the whole gives, and no error before the end.
func checkTruncations<D: Decoder & ~Copyable>(_ input: [UInt8], _ make: () -> D) {
  let whole = transcribe(make(), input, finishes: false)
  for count in 0..<input.count {
    let part = transcribe(make(), Array(input[..<count]), finishes: false)
    if !part.isBeginning(of: whole) { Issue.record("the first \(count) bytes say something else") }
  }
}

/// With any one bit flipped the answer is events or an error, the same however the input is cut.
func checkFlippedBits<D: Decoder & ~Copyable>(_ input: [UInt8], _ make: () -> D) {
  for bit in 0..<input.count * 8 {
    var damaged = input
    damaged[bit / 8] ^= 1 << UInt8(bit % 8)
    let whole = transcribe(make(), damaged)
    let bytewise = transcribe(make(), damaged, cuts: 0...damaged.count)
    if !bytewise.says(theSameAs: whole) {
      Issue.record(
        "bit \(bit % 8) of byte \(bit / 8): \(whole.ending) whole, \(bytewise.ending) byte by byte")
    }
  }
}

extension Transcript {
  /// How it ended, for people.
  var ending: String {
    "\(lines.count) events, the last \(lines.last.map { "\($0)" } ?? "none"), \(error ?? "no error")"
  }
}

/// All bytes of a text.
func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }

/// The bytes that hexadecimal digits stand for; blanks may stand between them.
func hex(_ digits: String) -> [UInt8] {
  let digits = digits.filter { $0 != " " }.map { UInt8($0.hexDigitValue ?? 0) }
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// Numbers that look like chance but come from the seed alone.
struct Luck: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state = state &+ 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}
