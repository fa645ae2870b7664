// JSON by RFC 8259, read as it arrives, in chunks that may be cut anywhere.
//
//     value --"{"--> keyOrEnd --key--> colon --":"--> value ... afterValue --","--> key
//     value --"["--> valueOrEnd ------------------------------- afterValue --","--> value
//     afterValue --"}" or "]"--> afterValue of the level above, or done
//
// Three kinds of token can be cut by the end of a chunk: string (and key), number, literal. Each
// has a state of its own, in which the next chunk goes on.
//
// Stricter than it need be in nothing: any value may stand at the top, names may repeat, numbers
// may have any length. It refuses to know what a number is worth; that is JSONReader+Numbers.

/// Reads one JSON value, token by token.
public struct JSONReader: ~Copyable {
  /// How many objects and arrays may stand inside each other.
  public static let depthLimit = 64

  enum State: UInt8 {
    case value, valueOrEnd, keyOrEnd, key, colon, afterValue, done
    case string, number, literal, failed

    @inline(__always) var isInToken: Bool { rawValue >= State.string.rawValue }
    @inline(__always) var awaitsValue: Bool { rawValue <= State.valueOrEnd.rawValue }
    @inline(__always) var awaitsText: Bool { rawValue <= State.key.rawValue }
  }

  /// Where in a number we are; the names tell what came last.
  private enum NumberState: UInt8 {
    case minus, zero, integer, point, fraction, exponent, exponentSign, exponentDigits
  }

  private enum Escape: UInt8 { case none, backslash, hex }

  var state = State.value
  private var isKey = false
  private var numberState = NumberState.minus
  private var escape = Escape.none
  private var hexDigitCount: UInt8 = 0
  private var hexNumber: UInt32 = 0
  /// The first half of a pair, waiting for the second; 0 for none.
  private var highSurrogate: UInt32 = 0
  /// A sequence of UTF-8 that the end of a chunk has cut, and what of it was seen.
  private var sequence = UTF8Checker()
  private var sequenceScalar: UInt32 = 0
  /// 0 null, 1 true, 2 false; and how many of its letters were seen.
  private var literal: UInt8 = 0
  private var literalCount = 0
  private var failure = JSONError.truncated
  /// One bit for each level, the innermost lowest: 1 for an object.
  private(set) var levels: UInt64 = 0
  /// How many objects and arrays we are inside of.
  public private(set) var depth = 0
  /// How many we are inside of once what is to be skipped has ended; none when nothing is.
  var depthAfterSkipping: Int8 = -1
  var scratch: TextScratch

  /// `scratch` bounds one token's text; it must outlive the reader.
  @unsafe
  public init(scratch: UnsafeMutableBufferPointer<UInt8>) {
    self.scratch = unsafe TextScratch(scratch)
  }

  /// Forgets everything and is ready for another value.
  public mutating func reset() {
    state = .value
    escape = .none
    highSurrogate = 0
    sequence = UTF8Checker()
    levels = 0
    depth = 0
    depthAfterSkipping = -1
    scratch.removeAll()
  }

  /// Of the last key or string (escapes resolved) or number (as written).
  public var text: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { scratch.text }
  }

  /// Whether that text was longer than the scratch; then only its beginning is there.
  public var isTextCut: Bool { scratch.isCut }

  /// Whether the text is this one, whole.
  public func textEquals(_ expected: StaticString) -> Bool {
    !scratch.isCut && equals(scratch.text, expected)
  }

  /// Reads on from `position`, which moves behind what was used.
  public mutating func next(
    _ input: Span<UInt8>, at position: inout Int
  ) throws(JSONError) -> JSONToken {
    // Below, bytes are read unchecked from here up to the input's end.
    precondition(position >= 0, "a position before the input")
    var at = position
    defer { position = at }
    if depthAfterSkipping >= 0, !(try passOver(input, &at)) { return .needsMore }
    if state.isInToken { return try continueToken(input, &at) }
    return try token(input, &at)
  }

  /// Reads a token from its beginning.
  mutating func token(
    _ input: Span<UInt8>, _ at: inout Int
  ) throws(JSONError) -> JSONToken {
    // In the order in which they follow each other: mostly one or two of these, then a value.
    if state == .afterValue {
      guard let byte = skipBlanks(input, &at) else { return .needsMore }
      guard byte == 0x2C else { return try close(byte, &at) }
      at &+= 1
      state = levels & 1 == 1 ? .key : .value
    } else if state == .colon {
      guard let byte = skipBlanks(input, &at) else { return .needsMore }
      guard byte == 0x3A else { throw fail(.unexpectedByte) }
      at &+= 1
      state = .value
    }
    guard let byte = skipBlanks(input, &at) else { return state == .done ? .end : .needsMore }
    switch state {
    case .key, .keyOrEnd:
      guard byte == 0x22 else {
        guard state == .keyOrEnd else { throw fail(.unexpectedByte) }
        return try close(byte, &at)
      }
      at &+= 1
      beginString(isKey: true)
      return try continueString(input, &at)
    case .value, .valueOrEnd:
      if byte == 0x5D, state == .valueOrEnd { return try close(byte, &at) }
      return try beginValue(byte, input, &at)
    default: throw fail(.trailingBytes)
    }
  }

  /// The next byte that is no blank, not yet taken; nil if there is none.
  @inline(__always)
  func skipBlanks(_ input: Span<UInt8>, _ at: inout Int) -> UInt8? {
    while at < input.count {
      let byte = RawBytes.byte(input, at: at)
      if byte > 0x20 { return byte }
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      at &+= 1
    }
    return nil
  }

  /// Goes on with what the end of the last chunk has cut.
  @inline(never)
  mutating func continueToken(
    _ input: Span<UInt8>, _ at: inout Int
  ) throws(JSONError) -> JSONToken {
    switch state {
    case .string: return try continueString(input, &at)
    case .number: return try readNumber(input, from: at, &at)
    case .literal: return try continueLiteral(input, &at)
    default: throw failure
    }
  }

  /// Tells that the input is over: throws `.truncated` unless the value is whole. A number at the
  /// top ends only here; then the answer is `.number`, else `.end`.
  @discardableResult
  public mutating func finish() throws(JSONError) -> JSONToken {
    switch state {
    case .done: return .end
    case .failed: throw failure
    case .number where depth == 0:
      guard numberCanEnd else { throw fail(.truncated) }
      state = .done
      return .number
    default: throw fail(.truncated)
    }
  }

  private mutating func fail(_ error: JSONError) -> JSONError {
    failure = error
    state = .failed
    return error
  }

  // MARK: - Values

  @inline(__always)
  private mutating func beginValue(
    _ byte: UInt8, _ input: Span<UInt8>, _ at: inout Int
  ) throws(JSONError) -> JSONToken {
    at &+= 1
    switch byte {
    case 0x22:
      beginString(isKey: false)
      return try continueString(input, &at)
    case 0x7B:
      try open(isObject: true)
      return .beginObject
    case 0x5B:
      try open(isObject: false)
      return .beginArray
    case 0x2D, 0x30...0x39:
      let start = at &- 1
      if byte != 0x2D { at = start }
      state = .number
      numberState = .minus
      scratch.removeAll()
      return try readNumber(input, from: start, &at)
    case 0x6E: literal = 0
    case 0x74: literal = 1
    case 0x66: literal = 2
    default:
      at &-= 1
      throw fail(.unexpectedByte)
    }
    state = .literal
    literalCount = 1
    return try continueLiteral(input, &at)
  }

  private mutating func open(isObject: Bool) throws(JSONError) {
    guard depth < Self.depthLimit else { throw fail(.tooDeep) }
    depth &+= 1
    levels = levels &<< 1
    if isObject { levels |= 1 }
    state = isObject ? .keyOrEnd : .valueOrEnd
  }

  private mutating func close(_ byte: UInt8, _ at: inout Int) throws(JSONError) -> JSONToken {
    let isObject = levels & 1 == 1
    guard depth > 0, byte == (isObject ? 0x7D : 0x5D) else { throw fail(.unexpectedByte) }
    at &+= 1
    depth &-= 1
    levels = levels &>> 1
    endValue()
    return isObject ? .endObject : .endArray
  }

  @inline(__always)
  private mutating func endValue() { state = depth == 0 ? .done : .afterValue }

  private mutating func continueLiteral(
    _ input: Span<UInt8>, _ at: inout Int
  ) throws(JSONError) -> JSONToken {
    let word: StaticString =
      switch literal {
      case 0: "null"
      case 1: "true"
      default: "false"
      }
    while literalCount < word.utf8CodeUnitCount {
      guard at < input.count else { return .needsMore }
      guard input[at] == byte(of: word, at: literalCount) else { throw fail(.unexpectedByte) }
      at &+= 1
      literalCount &+= 1
    }
    endValue()
    return literal == 0 ? .null : .bool(literal == 1)
  }

  // MARK: - Numbers

  private var numberCanEnd: Bool {
    switch numberState {
    case .zero, .integer, .fraction, .exponentDigits: true
    case .minus, .point, .exponent, .exponentSign: false
    }
  }

  /// Keeps what stands from `start` on.
  private mutating func readNumber(
    _ input: Span<UInt8>, from start: Int, _ at: inout Int
  ) throws(JSONError) -> JSONToken {
    var index = at
    defer { at = index }
    let count = input.count
    var now = numberState
    while index < count {
      let byte = RawBytes.byte(input, at: index)
      let isDigit = byte &- 0x30 < 10
      switch now {
      case .integer, .fraction, .exponentDigits:
        if isDigit { break }
        if now == .integer, byte == 0x2E {
          now = .point
        } else if now != .exponentDigits, byte | 0x20 == 0x65 {
          now = .exponent
        } else {
          return endNumber(input, from: start, to: index)
        }
      case .minus:
        guard isDigit else { throw fail(.badNumber) }
        now = byte == 0x30 ? .zero : .integer
      case .zero:
        if isDigit { throw fail(.badNumber) }
        if byte == 0x2E {
          now = .point
        } else if byte | 0x20 == 0x65 {
          now = .exponent
        } else {
          return endNumber(input, from: start, to: index)
        }
      case .point:
        guard isDigit else { throw fail(.badNumber) }
        now = .fraction
      case .exponent:
        if isDigit {
          now = .exponentDigits
        } else {
          guard byte == 0x2B || byte == 0x2D else { throw fail(.badNumber) }
          now = .exponentSign
        }
      case .exponentSign:
        guard isDigit else { throw fail(.badNumber) }
        now = .exponentDigits
      }
      index &+= 1
    }
    numberState = now
    scratch.append(input, from: start, to: index)
    return .needsMore
  }

  @inline(__always)
  private mutating func endNumber(_ input: Span<UInt8>, from start: Int, to end: Int) -> JSONToken {
    scratch.append(input, from: start, to: end)
    endValue()
    return .number
  }

  // MARK: - Strings

  @inline(__always)
  private mutating func beginString(isKey: Bool) {
    self.isKey = isKey
    state = .string
    scratch.removeAll()
  }

  private mutating func continueString(
    _ input: Span<UInt8>, _ at: inout Int
  ) throws(JSONError) -> JSONToken {
    let count = input.count
    if escape != .none || highSurrogate != 0 || sequence.missing != 0 {
      try resolve(input, &at)
    }
    while at < count {
      at = scratch.appendPlainText(input, from: at)
      guard at < count else { break }
      switch RawBytes.byte(input, at: at) {
      case 0x22:
        at &+= 1
        if isKey {
          state = .colon
          return .key
        }
        endValue()
        return .string
      case 0x5C:
        at &+= 1
        escape = .backslash
        try resolve(input, &at)
      case 0x00...0x1F: throw fail(.unexpectedByte)
      default: try continueAboveASCII(input, &at)
      }
    }
    return .needsMore
  }

  /// Takes whole characters above ASCII as one run; one that the input cuts is left to `resolve`.
  private mutating func continueAboveASCII(
    _ input: Span<UInt8>, _ at: inout Int
  ) throws(JSONError) {
    let count = input.count
    let start = at
    var end = at
    var checker = UTF8Checker()
    while at < count {
      let byte = RawBytes.byte(input, at: at)
      if byte < 0x80, checker.missing == 0 { break }
      guard checker.step(byte) else { throw fail(.badUTF8) }
      at &+= 1
      if checker.missing == 0 { end = at }
    }
    scratch.append(input, from: start, to: end)
    at = end
    if end < count { try resolve(input, &at) }
  }

  /// Takes single bytes until neither an escape, a pair nor a character is under way.
  @inline(never)
  private mutating func resolve(_ input: Span<UInt8>, _ at: inout Int) throws(JSONError) {
    while at < input.count {
      let byte = input[at]
      if escape == .backslash {
        try resolveEscape(byte)
      } else if escape == .hex {
        try resolveHexDigit(byte)
      } else if highSurrogate != 0 {
        guard byte == 0x5C else { throw fail(.badEscape) }
        escape = .backslash
      } else {
        if sequence.missing == 0, byte < 0x80 { return }
        try resolveSequence(byte)
      }
      at &+= 1
      if escape == .none, highSurrogate == 0, sequence.missing == 0 { return }
    }
  }

  private mutating func resolveEscape(_ byte: UInt8) throws(JSONError) {
    escape = .none
    if byte == 0x75 {
      escape = .hex
      hexDigitCount = 0
      hexNumber = 0
      return
    }
    guard highSurrogate == 0 else { throw fail(.badEscape) }
    switch byte {
    case 0x22, 0x5C, 0x2F: scratch.append(scalar: UInt32(byte))
    case 0x62: scratch.append(scalar: 0x08)
    case 0x66: scratch.append(scalar: 0x0C)
    case 0x6E: scratch.append(scalar: 0x0A)
    case 0x72: scratch.append(scalar: 0x0D)
    case 0x74: scratch.append(scalar: 0x09)
    default: throw fail(.badEscape)
    }
  }

  private mutating func resolveHexDigit(_ byte: UInt8) throws(JSONError) {
    guard let value = hexValue(byte) else { throw fail(.badEscape) }
    hexNumber = hexNumber &<< 4 | UInt32(value)
    hexDigitCount &+= 1
    guard hexDigitCount == 4 else { return }
    escape = .none
    let isLow = hexNumber & 0xFC00 == 0xDC00
    if highSurrogate != 0 {
      guard isLow else { throw fail(.badEscape) }
      scratch.append(scalar: 0x10000 &+ (highSurrogate & 0x3FF) &<< 10 &+ (hexNumber & 0x3FF))
      highSurrogate = 0
    } else if hexNumber & 0xFC00 == 0xD800 {
      highSurrogate = hexNumber
    } else {
      guard !isLow else { throw fail(.badEscape) }
      scratch.append(scalar: hexNumber)
    }
  }

  private mutating func resolveSequence(_ byte: UInt8) throws(JSONError) {
    let isFirst = sequence.missing == 0
    guard sequence.step(byte) else { throw fail(.badUTF8) }
    if isFirst {
      // A head byte gives the bits below its ones: 5, 4 or 3 of them for 1, 2 or 3 more bytes.
      sequenceScalar = UInt32(byte) & (0x3F &>> UInt32(sequence.missing))
    } else {
      sequenceScalar = sequenceScalar &<< 6 | UInt32(byte & 0x3F)
    }
    if sequence.missing == 0 { scratch.append(scalar: sequenceScalar) }
  }
}
