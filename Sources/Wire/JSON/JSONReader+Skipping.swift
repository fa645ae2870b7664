// Passing over what nobody wants: most of what printers report is of no use to the hub.

extension JSONReader {
  /// Has `next` pass over the value that the last token begins, or to which the last key leads,
  /// and over its end. It must be JSON all the same. Behind any other token it does nothing.
  public mutating func skip() {
    switch state {
    case .colon: depthAfterSkipping = Int8(truncatingIfNeeded: depth)
    case .keyOrEnd, .valueOrEnd: depthAfterSkipping = Int8(truncatingIfNeeded: depth &- 1)
    default: break
    }
  }

  /// Goes on with what is to be skipped; answers whether its end is there. Plain texts, whole numbers
  /// and what stands between them are passed here, without a token; all else is read as ever.
  @inline(never)
  mutating func passOver(
    _ input: Span<UInt8>, _ at: inout Int
  ) throws(JSONError) -> Bool {
    let end = Int(depthAfterSkipping)
    if state.isInToken, try continueToken(input, &at) == .needsMore { return false }
    // Copies, which the compiler keeps in registers.
    var index = at
    var now = state
    while depth > end || (now != .afterValue && now != .done) {
      guard let byte = skipBlanks(input, &index) else {
        at = index
        state = now
        return false
      }
      switch byte {
      case 0x2C where now == .afterValue:
        index &+= 1
        now = levels & 1 == 1 ? .key : .value
        continue
      case 0x3A where now == .colon:
        index &+= 1
        now = .value
        continue
      case 0x22 where now.awaitsText:
        let stop = RawBytes.endOfPlainText(input, from: index &+ 1)
        guard stop < input.count, RawBytes.byte(input, at: stop) == 0x22 else { break }
        index = stop &+ 1
        now = now.awaitsValue ? .afterValue : .colon
        continue
      case 0x30...0x39 where now.awaitsValue:
        guard let stop = endOfWholeNumber(input, from: index) else { break }
        index = stop
        now = .afterValue
        continue
      default: break
      }
      at = index
      state = now
      if try token(input, &at) == .needsMore { return false }
      index = at
      now = state
    }
    at = index
    state = now
    depthAfterSkipping = -1
    return true
  }

  /// Where a number ends that has digits alone; nil when it may be another, or is cut.
  @inline(__always)
  private func endOfWholeNumber(_ input: Span<UInt8>, from start: Int) -> Int? {
    var index = start &+ 1
    if RawBytes.byte(input, at: start) != 0x30 {
      while index < input.count, RawBytes.byte(input, at: index) &- 0x30 < 10 { index &+= 1 }
    }
    guard index < input.count else { return nil }
    switch RawBytes.byte(input, at: index) {
    case 0x2C, 0x5D, 0x7D: return index
    default: return nil
    }
  }
}
