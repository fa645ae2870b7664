extension JSONReader {
  /// The text as a whole number, be it a number or a string: 45, "45", 45.0 and 4.5e1 are all 45.
  /// Nil if it is not one or does not fit.
  public var integer: Int? {
    scratch.isCut ? nil : decimal(text, decimals: 0, isExact: true)
  }

  /// The text in units of ten to the power of minus `decimals`: "25.37" is 2537 with two, 253 with
  /// one. More digits are cut. Nil if it is no number or does not fit.
  public func fixedPoint(decimals: Int) -> Int? {
    scratch.isCut ? nil : decimal(text, decimals: decimals, isExact: false)
  }
}

/// The text as a whole number in digits, with a minus before it or not; nil if it is not one or
/// does not fit.
public func decimalInteger(_ text: Span<UInt8>) -> Int? {
  decimal(text, decimals: 0, isExact: true, isPlain: true)
}

/// The number in units of ten to the power of minus `decimals`. With `isExact` there may be no
/// digits but zeros behind those, with `isPlain` neither point nor exponent.
func decimal(
  _ text: Span<UInt8>, decimals: Int, isExact: Bool, isPlain: Bool = false
) -> Int? {
  let count = text.count
  var at = 0
  let isNegative = count > 0 && text[0] == 0x2D
  if isNegative { at = 1 }
  let start = at
  while at < count, text[at] &- 0x30 < 10 { at &+= 1 }
  let point = at
  guard point > start else { return nil }
  var end = at
  if at < count, text[at] == 0x2E, !isPlain {
    at &+= 1
    while at < count, text[at] &- 0x30 < 10 { at &+= 1 }
    end = at
    guard end > point &+ 1 else { return nil }
  }
  var exponent = 0
  if at < count {
    guard !isPlain, let power = decimalExponent(text, from: at) else { return nil }
    exponent = power
  }
  // How many digits stand before the point once it has moved.
  let kept = (point &- start) &+ exponent &+ decimals
  var value = 0
  var taken = 0
  at = start
  while at < end {
    if at == point {
      at &+= 1
      continue
    }
    let digit = Int(text[at] &- 0x30)
    at &+= 1
    taken &+= 1
    if taken > kept {
      if isExact, digit != 0 { return nil }
      continue
    }
    // Counted below zero, where there is room for one more.
    let (tenfold, isTooMuch) = value.multipliedReportingOverflow(by: 10)
    let (sum, isOver) = tenfold.subtractingReportingOverflow(digit)
    guard !isTooMuch, !isOver else { return nil }
    value = sum
  }
  while value != 0, taken < kept {
    let (tenfold, isTooMuch) = value.multipliedReportingOverflow(by: 10)
    guard !isTooMuch else { return nil }
    value = tenfold
    taken &+= 1
  }
  if isNegative { return value }
  return value == Int.min ? nil : 0 &- value
}

/// The exponent that begins at `start` and ends the text; beyond any use it is held at a million.
private func decimalExponent(_ text: Span<UInt8>, from start: Int) -> Int? {
  var at = start &+ 1
  guard text[start] | 0x20 == 0x65, at < text.count else { return nil }
  let isNegative = text[at] == 0x2D
  if isNegative || text[at] == 0x2B { at &+= 1 }
  guard at < text.count else { return nil }
  var value = 0
  while at < text.count {
    let digit = text[at] &- 0x30
    guard digit < 10 else { return nil }
    if value < 1_000_000 { value = value &* 10 &+ Int(digit) }
    at &+= 1
  }
  return isNegative ? 0 &- value : value
}
