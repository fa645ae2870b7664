/// What the headers say about how a message is framed.
struct HTTPHead {
  var minorVersion: UInt8 = 1
  var contentLength: Int?
  var isChunked = false
  var hostCount = 0
  var connectionCloses = false
  var connectionKeeps = false
  var connectionUpgrades = false
  var hasUpgrade = false
  var expectsContinue = false

  /// Takes note of one header.
  mutating func note(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(HTTPError) {
    // Cheaper than comparing every name with every other.
    switch name.count {
    case 4 where equalsIgnoringCase(name, "host"): hostCount &+= 1
    case 6 where equalsIgnoringCase(name, "expect"):
      expectsContinue = equalsIgnoringCase(value, "100-continue")
    case 7 where equalsIgnoringCase(name, "upgrade"): hasUpgrade = value.count > 0
    case 10 where equalsIgnoringCase(name, "connection"): noteConnection(value)
    case 14 where equalsIgnoringCase(name, "content-length"): try noteLength(value)
    case 17 where equalsIgnoringCase(name, "transfer-encoding"):
      guard !isChunked, equalsIgnoringCase(value, "chunked") else { throw .badLength }
      isChunked = true
    default: break
    }
  }

  private mutating func noteLength(_ value: Span<UInt8>) throws(HTTPError) {
    guard value.count > 0 else { throw .badLength }
    var length = 0
    var isTooMuch = false
    for index in 0..<value.count {
      let digit = value[index] &- 0x30
      guard digit < 10 else { throw .badLength }
      let (tenfold, isOver) = length.multipliedReportingOverflow(by: 10)
      let (sum, isOverToo) = tenfold.addingReportingOverflow(Int(digit))
      isTooMuch = isTooMuch || isOver || isOverToo
      length = sum
    }
    guard !isTooMuch else { throw .bodyTooLarge }
    guard contentLength == nil || contentLength == length else { throw .badLength }
    contentLength = length
  }

  private mutating func noteConnection(_ value: Span<UInt8>) {
    var start = 0
    while start < value.count {
      var end = start
      while end < value.count, value[end] != 0x2C { end &+= 1 }
      let option = trimmed(value.extracting(start..<end))
      if equalsIgnoringCase(option, "close") { connectionCloses = true }
      if equalsIgnoringCase(option, "keep-alive") { connectionKeeps = true }
      if equalsIgnoringCase(option, "upgrade") { connectionUpgrades = true }
      start = end &+ 1
    }
  }

  @_lifetime(copy text)
  private func trimmed(_ text: Span<UInt8>) -> Span<UInt8> {
    var start = 0
    var end = text.count
    while start < end, isBlank(text[start]) { start &+= 1 }
    while end > start, isBlank(text[end &- 1]) { end &-= 1 }
    return text.extracting(start..<end)
  }
}

/// Blank or tabulator.
@inline(__always)
func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

/// What a header's value may hold: all but control characters, tabulators excepted.
@inline(__always)
func isValueByte(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

/// What methods and the names of headers are made of.
@inline(__always)
func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true  // 0-9 A-Z a-z
  case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E: true  // ! # $ % & ' * + - .
  case 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true  // ^ _ ` | ~
  default: false
  }
}
