// HTTP digest authentication, the client's half (RFC 7616, and RFC 2617 for those without a qop):
//
//     response = H( H(user:realm:password) : nonce : nc : cnonce : qop : H(method:target) )
//
// with H in hexadecimal digits, MD5 or SHA-256 as the server wants. A nonce serves many requests,
// counted by nc, until the server calls it stale.

import Wire

/// What a server has demanded, and how often it was answered.
struct HTTPDigest {
  private var realm = Text<24>()
  private var nonce = Text<64>()
  private var opaque = Text<36>()
  private(set) var usesSHA256 = false
  private var hasQuality = false
  private var hasOpaque = false
  private(set) var isKnown = false
  /// The last demand says that only our nonce was too old.
  private(set) var isStale = false
  private var count: UInt32 = 0

  init() {}

  mutating func forget() { self = HTTPDigest() }

  /// A new answer is read: what it demands replaces what was known.
  mutating func beginAnswer() { isStale = false }

  /// Takes the value of a `WWW-Authenticate`; false when it is no digest that we can answer. Of two
  /// demands the stronger one counts.
  mutating func take(_ value: Span<UInt8>, isFirst: Bool) -> Bool {
    guard value.count > 7, equalsIgnoringCase(value.extracting(first: 7), "digest ") else {
      return false
    }
    var new = HTTPDigest()
    var position = 7
    while let (name, text) = Self.parameter(value, &position) {
      let bytes = value.extracting(text)
      let key = value.extracting(name)
      if equalsIgnoringCase(key, "realm") {
        guard new.realm.set(bytes) else { return false }
      } else if equalsIgnoringCase(key, "nonce") {
        guard new.nonce.set(bytes) else { return false }
      } else if equalsIgnoringCase(key, "opaque") {
        guard new.opaque.set(bytes) else { return false }
        new.hasOpaque = true
      } else if equalsIgnoringCase(key, "stale") {
        new.isStale = equalsIgnoringCase(bytes, "true")
      } else if equalsIgnoringCase(key, "qop") {
        guard Self.offersAuth(bytes) else { return false }
        new.hasQuality = true
      } else if equalsIgnoringCase(key, "algorithm") {
        new.usesSHA256 = equalsIgnoringCase(bytes, "sha-256")
        guard new.usesSHA256 || equalsIgnoringCase(bytes, "md5") else { return false }
      }
    }
    guard !new.nonce.isEmpty else { return false }
    new.isKnown = true
    if isFirst || new.usesSHA256 { self = new }
    return true
  }

  /// Writes the value of an `Authorization` for one request.
  mutating func write(
    method: StaticString, target: Span<UInt8>, user: Span<UInt8>, password: Span<UInt8>,
    chance: UInt32, into writer: inout ByteWriter
  ) {
    count &+= 1
    let number = Self.digits(count)
    let own = Self.digits(chance)
    let response = response(
      method: method, target: target, user: user, password: password, number: number, own: own)
    writer.put("Digest username=\"")
    writer.put(user)
    writer.put("\", realm=\"")
    writer.put(realm.span)
    writer.put("\", nonce=\"")
    writer.put(nonce.span)
    writer.put("\", uri=\"")
    writer.put(target)
    writer.put("\", algorithm=")
    writer.put(usesSHA256 ? "SHA-256" : "MD5")
    writer.put(", response=\"")
    writer.put(response.span)
    writer.put("\"")
    if hasQuality {
      writer.put(", qop=auth, nc=")
      writer.put(number.span)
      writer.put(", cnonce=\"")
      writer.put(own.span)
      writer.put("\"")
    }
    if hasOpaque {
      writer.put(", opaque=\"")
      writer.put(opaque.span)
      writer.put("\"")
    }
  }

  private func response(
    method: StaticString, target: Span<UInt8>, user: Span<UInt8>, password: Span<UInt8>,
    number: Text<8>, own: Text<8>
  ) -> Text<64> {
    var who = DigestSum(usesSHA256: usesSHA256)
    who.add(user)
    who.add(":")
    who.add(realm.span)
    who.add(":")
    who.add(password)
    let secret = who.digits()
    var what = DigestSum(usesSHA256: usesSHA256)
    what.add(method)
    what.add(":")
    what.add(target)
    let request = what.digits()
    var all = DigestSum(usesSHA256: usesSHA256)
    all.add(secret.span)
    all.add(":")
    all.add(nonce.span)
    all.add(":")
    if hasQuality {
      all.add(number.span)
      all.add(":")
      all.add(own.span)
      all.add(":auth:")
    }
    all.add(request.span)
    return all.digits()
  }

  private static func digits(_ number: UInt32) -> Text<8> {
    var text = Text<8>()
    text.write {
      $0.put(lowerHex: UInt16(truncatingIfNeeded: number &>> 16))
      $0.put(lowerHex: UInt16(truncatingIfNeeded: number))
    }
    return text
  }

  /// Whether a list like "auth,auth-int" has "auth".
  private static func offersAuth(_ list: Span<UInt8>) -> Bool {
    var start = 0
    while start < list.count {
      var end = start
      while end < list.count, list[end] != UInt8(ascii: ",") { end += 1 }
      var from = start
      while from < end, list[from] == 0x20 { from += 1 }
      if equalsIgnoringCase(list.extracting(from..<end), "auth") { return true }
      start = end + 1
    }
    return false
  }

  /// The next `name=value` or `name="value"`, or nil at the end.
  private static func parameter(
    _ text: Span<UInt8>, _ position: inout Int
  ) -> (name: Range<Int>, value: Range<Int>)? {
    var at = position
    while at < text.count, text[at] == 0x20 || text[at] == UInt8(ascii: ",") { at += 1 }
    let name = at
    while at < text.count, text[at] != UInt8(ascii: "=") { at += 1 }
    guard at < text.count, at > name else { return nil }
    let nameEnd = at
    at += 1
    if at < text.count, text[at] == UInt8(ascii: "\"") {
      let start = at + 1
      at = start
      while at < text.count, text[at] != UInt8(ascii: "\"") { at += 1 }
      guard at < text.count else { return nil }
      position = at + 1
      return (name..<nameEnd, start..<at)
    }
    let start = at
    while at < text.count, text[at] != UInt8(ascii: ","), text[at] != 0x20 { at += 1 }
    position = at
    return (name..<nameEnd, start..<at)
  }
}

extension ByteWriter {
  /// Puts four digits.
  fileprivate mutating func put(lowerHex number: UInt16) {
    for place in (0..<4).reversed() {
      let digit = UInt8(truncatingIfNeeded: (number &>> UInt16(place * 4)) & 15)
      put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + (digit - 10))
    }
  }
}

/// A digest by either function.
private struct DigestSum {
  private let usesSHA256: Bool
  private var short = MD5()
  private var long = SHA256()

  init(usesSHA256: Bool) { self.usesSHA256 = usesSHA256 }

  mutating func add(_ bytes: Span<UInt8>) {
    if usesSHA256 { long.update(bytes) } else { short.update(bytes) }
  }

  mutating func add(_ text: StaticString) {
    var bytes = Text<8>()
    bytes.write { $0.put(text) }
    add(bytes.span)
  }

  consuming func digits() -> Text<64> {
    var text = Text<64>()
    if usesSHA256 {
      let sum = long.finish()
      text.write { $0.put(hex: sum.span) }
    } else {
      let sum = short.finish()
      text.write { $0.put(hex: sum.span) }
    }
    return text
  }
}
