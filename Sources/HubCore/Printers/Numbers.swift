// Numbers as printers write them, where an `Int` of the chip is too small or the text is no plain
// number.

/// A whole number from 0 to 4,294,967,295 in decimal digits; nil for anything else.
func unsignedInteger(_ text: Span<UInt8>) -> UInt32? {
  guard text.count > 0 else { return nil }
  var value: UInt32 = 0
  for index in text.indices {
    let digit = UInt32(text[index] &- UInt8(ascii: "0"))
    guard digit < 10 else { return nil }
    let (tenfold, isTooMuch) = value.multipliedReportingOverflow(by: 10)
    let (sum, isOver) = tenfold.addingReportingOverflow(digit)
    guard !isTooMuch, !isOver else { return nil }
    value = sum
  }
  return value
}

/// The lowest 32 bits of a number in hexadecimal digits; nil for anything else.
func hexadecimalInteger(_ text: Span<UInt8>) -> UInt32? {
  guard text.count > 0 else { return nil }
  var value: UInt32 = 0
  for index in text.indices {
    guard let digit = hexadecimalDigit(text[index]) else { return nil }
    value = value &<< 4 | UInt32(digit)
  }
  return value
}

/// The number that a text begins with, as -45 in "-45dBm"; nil when it begins with none.
func leadingInteger(_ text: Span<UInt8>) -> Int? {
  var at = 0
  var value = 0
  let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
  if isNegative { at = 1 }
  let start = at
  while at < text.count, at - start < 10, text[at] &- UInt8(ascii: "0") < 10 {
    value = value &* 10 &+ Int(text[at] &- UInt8(ascii: "0"))
    at += 1
  }
  guard at > start else { return nil }
  return isNegative ? -value : value
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}
