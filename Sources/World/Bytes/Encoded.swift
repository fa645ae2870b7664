import Wire

/// Runs `body` on a writer and answers what it wrote.
///
/// `capacity` is a guess: if it was too small, `body` runs again with more room.
public func encoded(_ capacity: Int = 256, _ body: (inout ByteWriter) -> Void) -> [UInt8] {
  var room = max(capacity, 16)
  while true {
    var hasOverflowed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: room) { memory, count in
      var writer = ByteWriter(memory)
      body(&writer)
      hasOverflowed = writer.overflowed
      count = writer.count
    }
    guard hasOverflowed else { return bytes }
    precondition(room < 1 << 32, "this cannot be encoded in any room")
    room *= 2
  }
}

/// The bytes as lower-case hexadecimal digits.
public func hexString(_ bytes: [UInt8]) -> String {
  String(decoding: encoded(bytes.count * 2) { $0.put(hex: bytes.span) }, as: UTF8.self)
}

/// The bytes that hexadecimal digits stand for, or nil if it is not that.
public func hexBytes(_ text: String) -> [UInt8]? { hexBytes(Array(text.utf8)) }

/// The same of digits in ASCII.
public func hexBytes(_ digits: [UInt8]) -> [UInt8]? {
  guard digits.count % 2 == 0 else { return nil }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(digits.count / 2)
  for index in stride(from: 0, to: digits.count, by: 2) {
    guard let high = hexDigitValue(digits[index]), let low = hexDigitValue(digits[index + 1])
    else { return nil }
    bytes.append(high << 4 | low)
  }
  return bytes
}

private func hexDigitValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case 0x30...0x39: digit - 0x30
  case 0x41...0x46: digit - 0x37
  case 0x61...0x66: digit - 0x57
  default: nil
  }
}
